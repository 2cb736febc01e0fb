#include "tools/report/detailed_lists.h"

#include <span>

namespace blis {
namespace {

double seconds(Duration d) {
  return static_cast<double>(d.count()) / 1e9;
}

}  // namespace

void write_detailed_lists(JsonWriter& json, const RunReport& report) {
  const auto requests = std::span(report.run.requests).subspan(first_measured(report.run, report.options()));
  const auto list = [&](std::string_view name, auto of_request) {
    json.key(name).begin_list(true);
    for (const RequestRecord& r : requests) json.value(of_request(r));
    json.end_list();
  };
  list("input_lens", [](const RequestRecord& r) { return r.input_tokens; });
  list("output_lens", [](const RequestRecord& r) { return has_full_answer(r) ? r.output_tokens : 0; });
  list("ttfts",
       [](const RequestRecord& r) { return has_full_answer(r) ? seconds(r.first_token - r.arrival) : 0.0; });
  json.key("itls").begin_list();
  for (const RequestRecord& r : requests) {
    json.begin_list(true);
    if (has_full_answer(r)) {
      for (const Duration gap : inter_token_gaps(report.run, r)) json.value(seconds(gap));
    }
    json.end_list();
  }
  json.end_list();
  list("start_times", [](const RequestRecord& r) { return seconds(since_start(r.arrival)); });
  list("generated_texts", [](const RequestRecord&) { return ""; });
  list("errors",
       [](const RequestRecord& r) { return has_full_answer(r) ? std::string_view() : to_string(r.outcome); });
}

}  // namespace blis
