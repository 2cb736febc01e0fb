#include "tools/study/compare/effects.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace blis {
namespace {

// The keys of each axis: what varies together is one setting.
std::vector<std::vector<std::string>> axes_of(const CompareReport& report) {
  std::vector<std::vector<std::string>> axes;
  if (report.sweep.scenarios.size() > 1) axes.push_back({"scenario"});
  for (const Axis& axis : report.sweep.axes) axes.push_back(axis.keys);
  return axes;
}

template <class F>
std::string joined(const std::vector<std::string>& keys, F of) {
  std::string text;
  for (const std::string& key : keys) text.append(text.empty() ? "" : "/").append(of(key));
  return text;
}

Effect effect_of(const CompareReport& report, std::size_t figure,
                 const std::vector<std::vector<std::string>>& axes, std::size_t axis) {
  Effect effect{.setting = joined(axes[axis], [](const std::string& key) { return short_name(key); }),
                .at = {}};
  const auto value_on = [&](const PointResult& point, std::size_t a) {
    return joined(axes[a], [&](const std::string& key) { return setting_of(report, point, key); });
  };
  // By the values of the other settings: the figure at each value of this one.
  std::map<std::string, std::map<std::string, double>> combinations;
  for (const Row& row : report.rows) {
    const std::string value = value_on(*row.point, axis);
    if (std::ranges::find(effect.at, value, &Effect::At::value) == effect.at.end())
      effect.at.push_back({value, 0});
    if (row.status != Status::ok || std::isnan(row.value(figure))) continue;
    std::string others;
    for (std::size_t a = 0; a < axes.size(); ++a) {
      if (a != axis) others.append(value_on(*row.point, a)).append("\n");
    }
    combinations[others][value] = row.value(figure);
  }
  for (const auto& [others, figures] : combinations) {
    if (figures.size() < effect.at.size()) continue;
    ++effect.combinations;
    for (Effect::At& at : effect.at) at.mean += figures.at(at.value);
  }
  for (Effect::At& at : effect.at) at.mean /= static_cast<double>(effect.combinations);
  return effect;
}

}  // namespace

double Effect::spread() const {
  const auto [least, most] = std::ranges::minmax(at, {}, &At::mean);
  return most.mean / least.mean - 1;
}

std::vector<Effect> main_effects(const CompareReport& report, std::size_t figure) {
  std::vector<Effect> effects;
  const auto axes = axes_of(report);
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    Effect effect = effect_of(report, figure, axes, axis);
    if (effect.at.size() > 1 && effect.combinations > 0) effects.push_back(std::move(effect));
  }
  std::ranges::stable_sort(effects, [](const Effect& a, const Effect& b) { return a.spread() > b.spread(); });
  return effects;
}

}  // namespace blis
