#include "tools/explain/result_requests.h"

#include <filesystem>

#include "workloads/csv_rows.h"

namespace blis {
namespace {

constexpr IntegerRange kNanoseconds{0, std::int64_t{1} << 62};
constexpr IntegerRange kCount{0, std::int64_t{1} << 40};

struct Columns {
  explicit Columns(const CsvRows& rows)
      : id(rows.column("request_id")),
        replica(rows.column("replica")),
        arrival(rows.column("arrival_ns")),
        first_token(rows.column("first_token_ns")),
        last_token(rows.column("last_token_ns")),
        input(rows.column("input_tokens")),
        output(rows.column("output_tokens")),
        hit(rows.column("hit_tokens")),
        preemptions(rows.column("preemptions")),
        outcome(rows.column("outcome")) {
    for (const Part part : kAllParts) parts.push_back(rows.column(std::string(to_string(part)) + "_ns"));
  }
  std::size_t id, replica, arrival, first_token, last_token, input, output, hit, preemptions, outcome;
  std::vector<std::size_t> parts;
};

ResultRequest read_row(const CsvRows& rows, const Columns& at) {
  const auto time = [&](std::size_t column) { return Duration{rows.integer(column, kNanoseconds)}; };
  ResultRequest r;
  r.id = rows.integer(at.id, kCount);
  r.replica = rows.integer(at.replica, kCount);
  r.arrival = time(at.arrival);
  r.ttft = time(at.first_token) - r.arrival;
  r.e2el = time(at.last_token) - r.arrival;
  r.input_tokens = rows.integer(at.input, kCount);
  r.output_tokens = rows.integer(at.output, kCount);
  r.hit_tokens = rows.integer(at.hit, kCount);
  r.preemptions = rows.integer(at.preemptions, kCount);
  Duration sum{0};
  for (std::size_t i = 0; i < at.parts.size(); ++i) sum += r.parts.parts[i] = time(at.parts[i]);
  if (sum != r.e2el) {
    rows.reject(at.last_token, "the parts of this request do not sum to its latency",
                std::to_string(sum.count()) + " ns", "the file was changed; run the scenario again");
  }
  return r;
}

}  // namespace

std::vector<ResultRequest> read_result_requests(const std::string& folder) {
  CsvRows rows(LineReader((std::filesystem::path(folder) / "requests.csv").string()));
  const Columns columns(rows);
  std::vector<ResultRequest> requests;
  while (rows.next()) {
    const std::string_view outcome = rows.text(columns.outcome);
    if (outcome == to_string(Outcome::completed) || outcome == to_string(Outcome::length_capped)) {
      requests.push_back(read_row(rows, columns));
    }
  }
  return requests;
}

}  // namespace blis
