#include "sim/request.h"
#include "tools/study/calibrate/benchmark_file.h"
#include "workloads/csv_rows.h"

namespace blis {

RawBenchmark read_own_benchmark(const std::string& path) {
  CsvRows rows{LineReader(path)};
  const std::size_t arrival = rows.column("arrival_ns"), first = rows.column("first_token_ns"),
                    last = rows.column("last_token_ns"), input = rows.column("input_tokens"),
                    output = rows.column("output_tokens"), hit = rows.column("hit_tokens"),
                    outcome = rows.column("outcome");
  constexpr IntegerRange kNanoseconds{0, std::int64_t{1} << 62};
  RawBenchmark raw;
  bool hits = false;
  while (rows.next()) {
    const std::int64_t sent = rows.integer(arrival, kNanoseconds);
    RecordedRequest& r = raw.add(static_cast<double>(sent) / 1e9);
    r.input_tokens = static_cast<std::int32_t>(rows.integer(input, kTokenRange));
    r.output_tokens =
        static_cast<std::int32_t>(std::max<std::int64_t>(1, rows.integer(output, kTokensOrNone)));
    r.seen_tokens = rows.integer(hit, {0, r.input_tokens});
    hits = hits || *r.seen_tokens > 0;
    r.failed = rows.text(outcome) != to_string(Outcome::completed) &&
               rows.text(outcome) != to_string(Outcome::length_capped);
    if (r.failed) continue;
    r.ttft_ms = static_cast<double>(rows.integer(first, {sent, kNanoseconds.max}) - sent) / 1e6;
    r.e2e_ms = static_cast<double>(rows.integer(last, {sent, kNanoseconds.max}) - sent) / 1e6;
    if (!(*r.ttft_ms > 0) || *r.e2e_ms < *r.ttft_ms) {
      rows.reject(first, "bad latency", "a first token after the request and no later than the last");
    }
  }
  // Prompts that no other shares need no names.
  for (RecordedRequest& r : raw.requests) {
    if (!hits) r.seen_tokens.reset();
  }
  return raw;
}

}  // namespace blis
