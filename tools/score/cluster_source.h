// The requests of a cluster benchmark, drawn with a seed.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "sim/request_source.h"
#include "tools/score/cluster_case.h"

namespace blis {

class ClusterSource final : public RequestSource {
 public:
  // `load` outlives it.
  ClusterSource(const ClusterLoad& load, std::uint64_t seed);

  bool next(RequestSpec& spec) override;
  std::optional<std::uint64_t> expected() const override;

 private:
  const ClusterLoad& load_;
  std::mt19937_64 random_;
  std::vector<std::int64_t> order_;  // of the prompts; empty: all differ
  std::size_t stage_ = 0;
  std::int64_t of_stage_ = 0, sent_ = 0;
  double now_s_ = 0;
  ContentRun prompt_[2];
};

}  // namespace blis
