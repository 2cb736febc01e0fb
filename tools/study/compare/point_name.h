// What a point's figures depend on, by content: the same on every machine that has the same.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "scenarios/catalog.h"
#include "scenarios/resolved_scenario.h"
#include "tools/study/compare/content_hash.h"

namespace blis {

// Hashes of all that figures depend on but the seed, apart, so that a difference can be told.
struct PointInputs {
  std::uint64_t settings = 0;  // what the scenario says, without where its files lie
  std::uint64_t files = 0;     // that the scenario names: traces, lengths, profiles, a model of its own
  std::uint64_t catalog = 0;   // the entries of the model and the GPU, and the error bands if they count
};

class PointNames {
 public:
  explicit PointNames(Catalog catalog) : catalog_(std::move(catalog)) {}

  PointInputs inputs(const ResolvedScenario& scenario);
  // The name of the point's file: of all of these, and of the version of blis.
  std::string name(const ResolvedScenario& scenario);

 private:
  std::uint64_t hardware(const ScenarioSettings& scenario);
  std::uint64_t model(const ScenarioSettings& scenario);

  Catalog catalog_;
  ContentHashes contents_;
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> hardware_, models_;  // by name: neither changes in a comparison
};

// Whether some of its figures depend on what nobody can look at again.
bool reads_standard_input(ScenarioSettings scenario);

}  // namespace blis
