#include <fmt/format.h>

#include <algorithm>

#include "tools/study/calibrate/calibrate.h"

namespace blis {
namespace {

constexpr double kMuchBetter = 0.8;   // of the distance: then another setting is likelier the true one
constexpr double kManyHits = 0.05;    // share of requests
constexpr double kFarTooEarly = 0.5;  // of the predicted TTFT

double all_distance(const Prediction& p) {
  return std::max(distance(p, false), distance(p, true));
}

Suspect blocks(const ResolvedScenario& scenario, std::span<const Benchmark> benchmarks,
               const Prediction& prediction) {
  Suspect s{.name = "block count", .suspicious = false, .finding = {}};
  const std::int64_t count = scenario.kv.num_blocks;
  s.finding = fmt::format("{} blocks, at most {:.0f} % used, {} preemptions", count,
                          100 * prediction.kv_usage_peak, prediction.preemptions);
  for (const double factor : {0.5, 2.0}) {
    ResolvedScenario other = scenario;
    other.kv.num_blocks = static_cast<std::int64_t>(static_cast<double>(count) * factor);
    if (other.kv.num_blocks < other.kv.longest_request_blocks) continue;
    const Prediction tried = predict(other, benchmarks);
    if (tried.requests.size() == prediction.requests.size() &&
        all_distance(tried) < kMuchBetter * all_distance(prediction)) {
      s.suspicious = true;
      s.finding += fmt::format(
          "; {} would fit much better: compare the server's log (GPU KV cache size) and set "
          "engine.num_gpu_blocks_override",
          other.kv.num_blocks);
    }
  }
  return s;
}

Suspect budget(const ResolvedScenario& scenario, std::span<const Benchmark> benchmarks,
               const Prediction& prediction) {
  const std::int64_t tokens = *scenario.scenario.engine.max_num_batched_tokens;
  Suspect s{.name = "token budget", .suspicious = false, .finding = fmt::format("{} tokens a step", tokens)};
  double best = kMuchBetter * all_distance(prediction);
  std::string found;
  for (const int other_tokens : {2048, 8192, 16384}) {
    if (other_tokens == tokens || other_tokens < *scenario.scenario.engine.max_num_seqs) continue;
    ResolvedScenario other = scenario;
    other.scenario.engine.max_num_batched_tokens = other_tokens;
    const Prediction tried = predict(other, benchmarks);
    if (tried.requests.size() < prediction.requests.size() || all_distance(tried) >= best) continue;
    best = all_distance(tried);
    found = fmt::format("; {} would fit much better: compare the server's --max-num-batched-tokens",
                        other_tokens);
  }
  s.suspicious = !found.empty();
  s.finding += found;
  return s;
}

Suspect prefix_hits(std::span<const Benchmark> benchmarks, const Prediction& prediction) {
  const auto early = std::ranges::count_if(prediction.requests, [](const PairedRequest& r) {
    return r.measured_ttft < kFarTooEarly * r.predicted_ttft;
  });
  const bool known = std::ranges::any_of(benchmarks, [](const Benchmark& b) {
    return std::ranges::any_of(b.requests,
                               [](const RecordedRequest& r) { return r.seen_tokens.has_value(); });
  });
  Suspect s{
      .name = "prefix hits",
      .suspicious = static_cast<double>(early) > kManyHits * static_cast<double>(prediction.requests.size()),
      .finding = fmt::format("{} of {} first tokens came in less than half the predicted time", early,
                             prediction.requests.size())};
  if (s.suspicious && !known) {
    s.finding +=
        "; the file does not say which prompts begin alike, so all are replayed as new: if they "
        "do, measure with prefix caching off or with prompts of their own";
  }
  return s;
}

Suspect inter_token(std::span<const Benchmark> benchmarks) {
  Suspect s{.name = "ITL that means TPOT", .suspicious = false, .finding = {}};
  for (const Benchmark& b : benchmarks) {
    if (b.summary) continue;
    for (const std::string& note : b.notes) s.finding += (s.finding.empty() ? "" : "; ") + note;
  }
  s.suspicious = !s.finding.empty();
  if (!s.suspicious) s.finding = "TPOT is (E2E - TTFT) / (tokens - 1) on both sides";
  return s;
}

}  // namespace

std::vector<Suspect> check_suspects(const ResolvedScenario& scenario, std::span<const Benchmark> benchmarks,
                                    const Prediction& prediction) {
  return {blocks(scenario, benchmarks, prediction), budget(scenario, benchmarks, prediction),
          prefix_hits(benchmarks, prediction), inter_token(benchmarks)};
}

}  // namespace blis
