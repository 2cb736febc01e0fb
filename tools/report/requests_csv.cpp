#include "tools/report/requests_csv.h"

#include <fmt/format.h>

#include <iterator>

#include "sim/attribution.h"
#include "sim/metrics.h"
#include "tools/output/output_file.h"
#include "tools/report/endpoints.h"

namespace blis {
namespace {

void append(std::string& row, std::int64_t number) {
  const fmt::format_int digits(number);
  row.append(digits.data(), digits.size());
  row += ',';
}

void append(std::string& row, Time t) {
  if (t == kUnset) {
    row += ',';
  } else {
    append(row, since_start(t).count());
  }
}

// TTFT, TPOT and E2E in milliseconds, as figures count them: of full answers alone, TPOT of two tokens or
// more.
void append_latencies(std::string& row, const RequestRecord& r) {
  if (!has_full_answer(r)) {
    row += ",,,";
    return;
  }
  fmt::format_to(std::back_inserter(row), ",{}", to_ms(ttft(r)));
  row += ',';
  if (r.output_tokens > 1) fmt::format_to(std::back_inserter(row), "{}", tpot_ms(r));
  fmt::format_to(std::back_inserter(row), ",{}", to_ms(e2el(r)));
}

}  // namespace

void write_requests_csv(const std::string& path, const RunResult& run) {
  OutputFile file(path);
  const bool ranks = has_endpoints(run);
  std::string row = ranks ? "request_id,replica,rank," : "request_id,replica,";
  row +=
      "arrival_ns,queued_ns,scheduled_ns,first_token_ns,last_token_ns,input_tokens,"
      "output_tokens,hit_tokens,preemptions,outcome,ttft_ms,tpot_ms,e2el_ms";
  const std::vector<Part> parts = parts_of(run);
  for (const Part part : parts) row.append(",").append(to_string(part)).append("_ns");
  file.write(row += '\n');
  const Attributor attributor(run);
  for (std::size_t i = 0; i < run.requests.size(); ++i) {
    const RequestRecord& r = run.requests[i];
    row.clear();
    append(row, static_cast<std::int64_t>(i));
    append(row, std::int64_t{r.replica});
    if (ranks) append(row, std::int64_t{r.rank});
    for (const Time t : {r.arrival, r.queued, r.scheduled, r.first_token, r.last_token}) append(row, t);
    for (const std::int64_t n :
         {r.input_tokens, r.output_tokens, r.hit_tokens, std::int32_t{r.preemptions}}) {
      append(row, n);
    }
    row += to_string(r.outcome);
    append_latencies(row, r);
    if (has_full_answer(r)) {
      const Attribution a = attributor.of(r);
      for (const Part part : parts) row.append(",").append(fmt::format_int(a[part].count()).c_str());
    } else {
      row.append(parts.size(), ',');
    }
    row += '\n';
    file.write(row);
  }
  file.commit();
}

}  // namespace blis
