// A scenario: everything that a simulation depends on.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace blis {

struct ScenarioSettings;  // the library's own

// The value of one key of a scenario (docs/scenarios.md lists them), as `--set KEY=VALUE` gives it.
struct Setting {
  std::string key;      // dotted: "engine.max_num_seqs"; or num-prompts, request-rate, burstiness
  std::string value;    // as YAML has it: "256", "[1, 2]", "null"
  std::string shown{};  // what stands for it in messages; empty: "KEY=VALUE"
};

// Read and checked, with nothing filled in yet. Cheap to copy.
class Scenario {
 public:
  explicit Scenario(ScenarioSettings settings);

  const std::string& name() const;
  const ScenarioSettings& settings() const { return *settings_; }

 private:
  std::shared_ptr<const ScenarioSettings> settings_;
};

// Reads a scenario file strictly; "-" is standard input. Settings win over the file, later ones over earlier.
// Throws InputError (usage; io if there is no such file) with every mistake and its place.
Scenario read_scenario(const std::string& path, std::span<const Setting> settings = {});

// The same from a text; `name` stands for the file in messages and is the scenario's name, `folder` is where
// relative paths in it start (empty: the working folder). An empty text is a scenario of settings alone.
Scenario parse_scenario(std::string_view text, std::string name, std::string folder,
                        std::span<const Setting> settings = {});

// A complete scenario file, each line with where its value came from; reading it gives the same scenario.
// `folder` is where the file will lie, for relative paths in it.
std::string to_yaml(const Scenario& scenario, const std::string& folder = {});
// The settings as one JSON object, as result.json has them.
std::string to_json(const Scenario& scenario);

}  // namespace blis
