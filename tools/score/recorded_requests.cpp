#include "tools/score/recorded_requests.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "workloads/csv_rows.h"

namespace blis {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);

std::optional<double> measured(const CsvRows& rows, std::optional<std::size_t> column) {
  if (!column || rows.text(*column).empty()) return std::nullopt;
  return rows.real(*column);
}

}  // namespace

std::vector<RecordedRequest> read_recorded(const std::string& path) {
  CsvRows rows{LineReader(path)};
  const std::size_t input = rows.column("input_tokens"), output = rows.column("output_tokens");
  const auto actual = rows.find_column("send_s");
  const auto sent = actual ? actual : rows.find_column("arrival_s");
  const auto intended = rows.find_column("intended_arrival_s"), stage = rows.find_column("stage"),
             prompt = rows.find_column("prompt_idx"),
             seen = rows.find_column("prefix_hit_tokens_infinite_cache"), ttft = rows.find_column("ttft_ms"),
             e2e = rows.find_column("e2e_ms"), failed = rows.find_column("failed");
  constexpr IntegerRange kAny{0, std::numeric_limits<std::int64_t>::max()};
  std::vector<RecordedRequest> requests;
  while (rows.next()) {
    RecordedRequest& r = requests.emplace_back();
    r.failed = failed && rows.integer(*failed, {0, 1}) == 1;
    const IntegerRange& tokens = r.failed ? kTokensOrNone : kTokenRange;
    r.input_tokens = std::max(1, static_cast<std::int32_t>(rows.integer(input, tokens)));
    r.output_tokens = std::max(1, static_cast<std::int32_t>(rows.integer(output, tokens)));
    if (sent) r.sent = rows.duration(*sent, kSecond);
    r.intended = intended ? rows.duration(*intended, kSecond) : r.sent;
    if (stage) r.stage = static_cast<int>(rows.integer(*stage, {0, 1000}));
    if (prompt) r.prompt = rows.integer(*prompt, kAny);
    if (seen) r.seen_tokens = rows.integer(*seen, {0, r.input_tokens});
    r.ttft_ms = measured(rows, ttft);
    r.e2e_ms = measured(rows, e2e);
  }
  return requests;
}

Duration send_lag(const std::vector<RecordedRequest>& requests) {
  Duration lag{0};
  for (const RecordedRequest& r : requests) lag = std::max(lag, r.sent - r.intended);
  return lag;
}

std::int64_t most_in_flight(const std::vector<RecordedRequest>& requests) {
  std::vector<std::pair<Duration, int>> changes;  // at one instant ends come first
  for (const RecordedRequest& r : requests) {
    if (!r.e2e_ms) continue;
    changes.emplace_back(r.sent, 1);
    changes.emplace_back(r.sent + to_duration(Seconds(*r.e2e_ms / 1e3)), -1);
  }
  std::ranges::sort(changes);
  std::int64_t now = 0, most = 0;
  for (const auto& [at, change] : changes) most = std::max(most, now += change);
  return most;
}

double output_throughput(const std::vector<RecordedRequest>& requests) {
  Duration first = Duration::max(), last = Duration::min();
  double tokens = 0;
  for (const RecordedRequest& r : requests) {
    if (r.failed || !r.e2e_ms) continue;
    first = std::min(first, r.sent);
    last = std::max(last, r.sent + to_duration(Seconds(*r.e2e_ms / 1e3)));
    tokens += r.output_tokens;
  }
  if (last <= first) return std::numeric_limits<double>::quiet_NaN();
  return tokens / Seconds(last - first).count();
}

}  // namespace blis
