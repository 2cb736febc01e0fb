// How a cycle ends: one of those that were scored.
// Source: llm-d-router, pkg/epp/framework/plugins/scheduling/picker.
#include <cmath>

#include "sim/fleet/epp/plugin.h"

namespace blis {
namespace {

double open_uniform(std::mt19937_64& random) {  // in (0, 1)
  return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53;
}

// The highest score; each of equals is as likely.
class MaxScorePicker final : public Picker {
 public:
  explicit MaxScorePicker(const PluginSetting&) {}
  std::size_t pick(const Cycle& cycle, std::span<const double> scores) override {
    std::size_t best = 0;
    std::uint64_t equals = 1;
    for (std::size_t i = 1; i < scores.size(); ++i) {
      if (scores[i] > scores[best]) {
        best = i, equals = 1;
      } else if (scores[i] == scores[best] && cycle.random() % ++equals == 0) {
        best = i;
      }
    }
    return best;
  }
};

// Likely in proportion to the score (A-Res: Efraimidis and Spirakis, 2006); as likely each if none is above
// 0.
class WeightedRandomPicker final : public Picker {
 public:
  explicit WeightedRandomPicker(const PluginSetting&) {}
  std::size_t pick(const Cycle& cycle, std::span<const double> scores) override {
    std::size_t best = scores.size();
    double best_key = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (scores[i] <= 0) continue;
      const double key = std::pow(open_uniform(cycle.random), 1 / scores[i]);
      if (best == scores.size() || key > best_key) best = i, best_key = key;
    }
    return best < scores.size() ? best : cycle.random() % scores.size();
  }
};

class RandomPicker final : public Picker {
 public:
  explicit RandomPicker(const PluginSetting&) {}
  std::size_t pick(const Cycle& cycle, std::span<const double> scores) override {
    return cycle.random() % scores.size();
  }
};

}  // namespace

std::vector<PluginType> pickers() {
  // More endpoints than one are fallbacks, for when the first does not answer.
  const std::vector<PolicyParameter> parameters{
      {.name = "maxNumOfEndpoints", .standard = 1, .low = 1, .kind = PolicyParameter::Kind::integer}};
  return {{.type = "max-score-picker", .parameters = parameters, .picker = new_picker<MaxScorePicker>},
          {.type = "weighted-random-picker",
           .parameters = parameters,
           .picker = new_picker<WeightedRandomPicker>},
          {.type = "random-picker", .parameters = parameters, .picker = new_picker<RandomPicker>}};
}

}  // namespace blis
