#include "tools/simulate/slo.h"

#include <algorithm>
#include <utility>

#include "blis/error.hpp"
#include "sim/saturation.h"
#include "tools/simulate/slo_value.h"

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

std::vector<LimitVerdict> judge_slo(const RunReport& report) {
  std::vector<LimitVerdict> limits;
  const JudgedRun judged{report.run, report.steps, report.metrics};
  const Accuracy accuracy = report.accuracy.value_or(Accuracy{});
  const bool growing = report.saturation.kind == Saturation::Kind::growing;
  const Overload overload = growing ? Overload::always : Overload::never;
  for (const SloTarget& target : slo_targets(report.scenario.slo)) {
    const double value = slo_value(target, judged);
    limits.push_back(target.at_least ? judge_share(target,
                                                   {value, attainment_if(judged, accuracy, true),
                                                    attainment_if(judged, accuracy, false)},
                                                   accuracy, overload)
                                     : judge_latency(target, {value, value, value}, accuracy, overload));
  }
  return limits;
}

Verdict overall(std::span<const LimitVerdict> limits) {
  if (limits.empty()) return Verdict::none;
  const auto some = [&](Verdict verdict) {
    return std::ranges::count(limits, verdict, &LimitVerdict::verdict) > 0;
  };
  return some(Verdict::misses)      ? Verdict::misses
         : some(Verdict::too_close) ? Verdict::too_close
                                    : Verdict::meets;
}

}  // namespace blis
