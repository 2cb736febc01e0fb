#include "tools/report/slo.h"

#include <algorithm>
#include <limits>

#include "tools/report/flat_figures.h"

namespace blis {

std::vector<SloCheck> check_slo(const Report& report) {
  const SloSettings& slo = report.scenario.slo;
  std::vector<SloCheck> checks;
  const std::vector<Figure> figures = flat_figures(report.metrics);
  for (const SloLimit& limit : slo.limits) {
    const auto figure = std::ranges::find(figures, limit.key, &Figure::key);
    const double value = std::get<double>(figure->value);
    checks.push_back({limit.key, limit.limit, value, value <= limit.limit});
  }
  if (slo.attainment) {
    const double value = report.metrics.attainment.value_or(std::numeric_limits<double>::quiet_NaN());
    checks.push_back({"goodput_attainment", *slo.attainment, value, value >= *slo.attainment});
  }
  return checks;
}

}  // namespace blis
