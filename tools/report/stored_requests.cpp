#include "tools/report/stored_requests.h"

#include <fmt/core.h>

#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "sim/metrics.h"
#include "workloads/csv_rows.h"

namespace blis {
namespace {

constexpr IntegerRange kNanoseconds{0, std::int64_t{1} << 62};
constexpr IntegerRange kCount{0, std::numeric_limits<std::uint32_t>::max()};
constexpr IntegerRange kSmallCount{0, std::numeric_limits<std::uint16_t>::max()};

struct Columns {
  explicit Columns(const CsvRows& rows)
      : id(rows.column("request_id")),
        replica(rows.column("replica")),
        arrival(rows.column("arrival_ns")),
        queued(rows.column("queued_ns")),
        scheduled(rows.column("scheduled_ns")),
        first_token(rows.column("first_token_ns")),
        last_token(rows.column("last_token_ns")),
        input(rows.column("input_tokens")),
        output(rows.column("output_tokens")),
        hit(rows.column("hit_tokens")),
        preemptions(rows.column("preemptions")),
        outcome(rows.column("outcome")) {
    for (const Part part : kAllParts) {
      const std::string name = fmt::format("{}_ns", to_string(part));
      if (is_rare(part) && !rows.find_column(name)) continue;
      parts.emplace_back(part, rows.column(name));
    }
  }
  std::size_t id, replica, arrival, queued, scheduled, first_token, last_token, input, output, hit,
      preemptions, outcome;
  std::vector<std::pair<Part, std::size_t>> parts;
};

Outcome read_outcome(const CsvRows& rows, std::size_t column) {
  for (int i = 0; i < kOutcomes; ++i) {
    if (to_string(static_cast<Outcome>(i)) == rows.text(column)) return static_cast<Outcome>(i);
  }
  rows.reject(column, "this is no outcome of a request", "completed, length_capped, too_long, ...");
}

StoredRequest read_row(const CsvRows& rows, const Columns& at) {
  const auto time = [&](std::size_t column) {
    return rows.text(column).empty() ? kUnset : Time{Duration{rows.integer(column, kNanoseconds)}};
  };
  StoredRequest stored{.id = rows.integer(at.id, kCount), .record = {}, .parts = {}};
  RequestRecord& r = stored.record;
  r.replica = static_cast<EngineIndex>(rows.integer(at.replica, kSmallCount));
  r.arrival = time(at.arrival);
  r.queued = time(at.queued);
  r.scheduled = time(at.scheduled);
  r.first_token = time(at.first_token);
  r.last_token = time(at.last_token);
  r.input_tokens = static_cast<std::int32_t>(rows.integer(at.input, kTokensOrNone));
  r.output_tokens = static_cast<std::int32_t>(rows.integer(at.output, kTokensOrNone));
  r.hit_tokens = static_cast<std::int32_t>(rows.integer(at.hit, kTokensOrNone));
  r.preemptions = static_cast<std::uint16_t>(rows.integer(at.preemptions, kSmallCount));
  r.outcome = read_outcome(rows, at.outcome);
  if (!has_full_answer(r)) return stored;

  for (const auto& [part, column] : at.parts) {
    stored.parts[part] = Duration{rows.integer(column, kNanoseconds)};
  }
  const Duration sum = std::accumulate(stored.parts.parts.begin(), stored.parts.parts.end(), Duration{0});
  if (sum != r.last_token - r.arrival) {
    rows.reject(at.last_token, "the parts of this request do not sum to its latency",
                fmt::format("last_token_ns - arrival_ns = {}", sum.count()),
                "the file was changed; run the scenario again");
  }
  return stored;
}

}  // namespace

void read_requests_csv(const std::string& path, const std::function<void(const StoredRequest&)>& each) {
  CsvRows rows{LineReader(path)};
  const Columns columns(rows);
  while (rows.next()) each(read_row(rows, columns));
}

}  // namespace blis
