#include "tools/output/json_writer.h"
#include "tools/report/trace_report.h"

namespace blis {
namespace {

void lengths(JsonWriter& json, std::string_view key, const LengthSummary& s, const LogHistogram& histogram) {
  json.key(key).begin_object();
  json.member("mean", s.mean).member("stddev", s.stddev).member("min", s.min).member("p50", s.p50);
  json.member("p90", s.p90).member("p99", s.p99).member("max", s.max);
  // [from, to), requests
  json.key("histogram").begin_list();
  for (std::size_t i = 0; i < histogram.size(); ++i) {
    if (histogram[i] == 0) continue;
    json.begin_list(true)
        .value(std::int64_t{1} << i)
        .value(std::int64_t{2} << i)
        .value(histogram[i])
        .end_list();
  }
  json.end_list().end_object();
}

void arrival(JsonWriter& json, const ArrivalSummary& a) {
  json.key("arrival").begin_object();
  json.member("timed", a.timed).member("span_s", a.span_s).member("request_rate", a.request_rate);
  json.member("gap_cv", a.gap_cv).member("equal_gap_share", a.equal_gap_share);
  json.member("longest_gap_s", a.longest_gap_s).member("peak_per_second", a.peak_per_second);
  json.member("window_s", a.window_s).key("window_counts").begin_list(true);
  for (const std::int64_t count : a.window_counts) json.value(count);
  json.end_list().end_object();
}

void sessions(JsonWriter& json, const std::optional<SessionSummary>& s) {
  json.key("sessions");
  if (!s) {
    json.raw("null");
    return;
  }
  json.begin_object().member("sessions", s->sessions).member("requests", s->requests);
  json.member("longest", s->longest).end_object();
}

void prefix_reuse(JsonWriter& json, const std::optional<PrefixSummary>& p) {
  json.key("prefix_reuse");
  if (!p) {
    json.raw("null");
    return;
  }
  json.begin_object().member("block_tokens", p->block_tokens).member("distinct_blocks", p->distinct_blocks);
  json.member("infinite_cache", p->infinite_cache).key("finite_cache").begin_list();
  for (const FiniteCache& cache : p->finite) {
    json.begin_object().member("tokens", cache.tokens).member("hit_share", cache.hit_share).end_object();
  }
  json.end_list().end_object();
}

}  // namespace

std::string to_json(const TraceStats& stats, const std::string& name) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .member("schema", "blis-trace/1")
      .member("trace", std::string_view(name))
      .member("format", std::string_view(stats.format));
  json.member("requests", stats.requests);
  arrival(json, stats.arrival);
  lengths(json, "input_tokens", stats.input_tokens, stats.input_histogram);
  lengths(json, "output_tokens", stats.output_tokens, stats.output_histogram);
  json.member("length_correlation", stats.length_correlation);
  sessions(json, stats.sessions);
  prefix_reuse(json, stats.prefix_reuse);
  json.key("warnings").begin_list();
  for (const std::string& warning : stats.warnings) json.value(std::string_view(warning));
  json.end_list().end_object();
  return text + "\n";
}

}  // namespace blis
