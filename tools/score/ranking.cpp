#include "tools/score/ranking.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>

#include "tools/score/summary.h"

namespace blis {
namespace {

constexpr std::array kRanked{Metric::ttft_mean, Metric::e2e_mean, Metric::tpot_mean};
constexpr std::array kRankedAtOnce{
    Metric::output_throughput};  // latencies of a burst tell how long it lasted
constexpr std::array<const char*, 2> kKinds{"gpu or parallelism", "engine settings"};

bool same_load(const MeasuredCase& a, const MeasuredCase& b) {
  if (a.loop != b.loop) return false;
  if (a.loop == Loop::at_once) {  // its name says how many requests of what lengths
    return a.family == b.family && a.page == b.page && a.model == b.model && a.workload == b.workload;
  }
  const auto same_stage = [](const LoadStage& x, const LoadStage& y) {
    return x.index == y.index && x.rate_rps == y.rate_rps && x.duration_s == y.duration_s;
  };
  return a.model == b.model && a.family == b.family && a.output_tokens == b.output_tokens &&
         a.nominal_prompt_tokens == b.nominal_prompt_tokens && !a.stages.empty() &&
         std::ranges::equal(a.stages, b.stages, same_stage);
}

// Which of kKinds the two runs differ in; nothing if in neither.
std::optional<std::size_t> difference(const MeasuredCase& a, const MeasuredCase& b) {
  const auto deployment = [](const MeasuredCase& c) {
    return std::tuple(c.gpu, c.tensor, c.pipeline, c.data, c.expert, c.replicas);
  };
  if (deployment(a) != deployment(b)) return 0;
  if (a.engine_args != b.engine_args || a.cpu_offload != b.cpu_offload) return 1;
  return std::nullopt;
}

}  // namespace

std::vector<Ranking> rank_pairs(std::span<const CaseOutcome> outcomes) {
  std::map<std::pair<std::size_t, Metric>, Ranking> rankings;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    for (std::size_t j = i + 1; j < outcomes.size(); ++j) {
      const CaseOutcome &a = outcomes[i], &b = outcomes[j];
      if (a.stages.empty() || b.stages.empty() || !same_load(*a.measured, *b.measured)) continue;
      const std::optional<std::size_t> kind = difference(*a.measured, *b.measured);
      if (!kind) continue;
      for (const StageOutcome& x : a.stages) {
        const auto y = std::ranges::find(b.stages, x.index, &StageOutcome::index);
        const bool at_once = a.measured->loop == Loop::at_once;
        if ((x.index < 0) != at_once || y == b.stages.end()) continue;
        for (const Metric m : at_once ? std::span<const Metric>(kRankedAtOnce) : kRanked) {
          const double measured = signed_error_pct(y->measured[m], x.measured[m]);
          const double predicted = signed_error_pct(y->predicted[m], x.predicted[m]);
          if (!(std::abs(measured) > kRankingGapPct) || !std::isfinite(predicted)) continue;
          Ranking& r = rankings.try_emplace({*kind, m}, Ranking{kKinds[*kind], m}).first->second;
          if (std::abs(predicted) < kRankingGapPct && *kind == 1) {
            ++r.tied;
          } else {
            ++(measured * predicted > 0 ? r.right : r.wrong);
          }
        }
      }
    }
  }
  std::vector<Ranking> out;
  for (auto& [key, ranking] : rankings) out.push_back(std::move(ranking));
  return out;
}

}  // namespace blis
