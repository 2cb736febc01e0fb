#include "tools/simulate/slo.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "blis/error.hpp"
#include "tools/simulate/flat_figures.h"

namespace blis {

std::vector<SloTarget> slo_targets(const SloSettings& slo) {
  std::vector<SloTarget> targets;
  for (const SloLimit& limit : slo.limits) targets.push_back({limit.key, limit.limit});
  if (slo.attainment) targets.push_back({"goodput_attainment", *slo.attainment, true});
  return targets;
}

void require_targets(const SloSettings& slo, std::string flag) {
  if (!slo_targets(slo).empty()) return;
  if (slo.goodput.any()) {
    throw InputError(ErrorKind::usage,
                     {.place = {std::move(flag)},
                      .message = "`slo.goodput` says what a good request is, but not how many must be good",
                      .expected = "--slo attainment=0.99, which is `slo.goodput.attainment`",
                      .hint = "or a limit on a figure: --slo p99_ttft_ms=500"});
  }
  throw InputError(
      ErrorKind::usage,
      {.place = {std::move(flag)},
       .message = "no SLO is set that could be met or missed",
       .expected = "--slo p99_ttft_ms=500, which is `slo.p99_ttft_ms`, or a limit on another figure",
       .hint = "or a share of good requests: --slo ttft_ms=500 --slo attainment=0.99"});
}

std::vector<SloCheck> check_slo(const RunReport& report) {
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
