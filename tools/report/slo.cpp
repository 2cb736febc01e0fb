#include "tools/report/slo.h"

#include <algorithm>
#include <limits>

#include "tools/report/flat_figures.h"

namespace blis {

std::vector<SloTarget> slo_targets(const SloSettings& slo) {
  std::vector<SloTarget> targets;
  for (const SloLimit& limit : slo.limits) targets.push_back({limit.key, limit.limit});
  if (slo.attainment) targets.push_back({"goodput_attainment", *slo.attainment, true});
  return targets;
}

std::vector<SloCheck> check_slo(const Report& report) {
  std::vector<SloCheck> checks;
  const std::vector<Figure> figures = flat_figures(report.metrics);
  for (const SloTarget& target : slo_targets(report.scenario.slo)) {
    const auto figure = std::ranges::find(figures, target.key, &Figure::key);
    const double value = figure != figures.end()
                             ? std::get<double>(figure->value)
                             : report.metrics.attainment.value_or(std::numeric_limits<double>::quiet_NaN());
    checks.push_back({target.key, target.limit, value, meets(target, value)});
  }
  return checks;
}

}  // namespace blis
