// OpenTelemetry spans of requests to models, as a collector's file exporter writes them: a JSON object a
// line, with spans within scopes within resources. A span with the counts of tokens is a request; one that
// only wraps another such span, or is wrapped by it, is not counted again. Source: opentelemetry.io, semantic
// conventions for GenAI, and OTLP's JSON encoding, where 64-bit numbers are texts.

#include <fmt/format.h>

#include <deque>
#include <set>
#include <unordered_set>

#include "workloads/column_trace.h"
#include "workloads/json_rows.h"
#include "workloads/parse_number.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

struct Span {
  Duration start{};
  std::int64_t input = 0, output = 0;
  std::uint64_t session = 0;
};

class OtlpReader : public TraceReader {
 public:
  explicit OtlpReader(LineReader lines) : rows_(std::move(lines)) {}

  bool next(TraceRow& row) override {
    while (ready_.empty()) {
      if (!rows_.next()) return false;
      read_line();
    }
    const Span span = ready_.front();
    ready_.pop_front();
    row.stamp = span.start;
    row.input_tokens = span.input;
    row.output_tokens = span.output;
    row.session = span.session;
    return true;
  }

  Place place() const override { return rows_.place("startTimeUnixNano"); }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> all;
    if (models_.size() > 1) {
      all.push_back(fmt::format("the spans are of {} models, and all are replayed: {}", models_.size(),
                                fmt::join(models_, ", ")));
    }
    if (failed_ > 0)
      all.push_back(fmt::format("{} spans without prompt or output tokens were left out", failed_));
    if (nested_ > 0)
      all.push_back(
          fmt::format("{} spans around or within another of the same request were left out", nested_));
    return all;
  }

 private:
  void read_line() {
    simdjson::dom::array resources, scopes, spans;
    if (rows_.object()["resourceSpans"].get(resources) != simdjson::SUCCESS) return;  // metrics or logs
    std::deque<Span> found;
    for (const simdjson::dom::element resource : resources) {
      if (resource["scopeSpans"].get(scopes) != simdjson::SUCCESS) continue;
      for (const simdjson::dom::element scope : scopes) {
        if (scope["spans"].get(spans) != simdjson::SUCCESS) continue;
        for (const simdjson::dom::element span : spans) read_span(span, found);
      }
    }
    ready_ = std::move(found);
  }

  void read_span(simdjson::dom::element span, std::deque<Span>& found) {
    simdjson::dom::array attributes;
    if (span["attributes"].get(attributes) != simdjson::SUCCESS) return;
    Span request;
    bool counted = false;
    for (const simdjson::dom::element attribute : attributes) {
      std::string_view key, text;
      simdjson::dom::element value;
      if (attribute["key"].get(key) != simdjson::SUCCESS ||
          attribute["value"].get(value) != simdjson::SUCCESS)
        continue;
      if (key == "gen_ai.usage.input_tokens" || key == "gen_ai.usage.prompt_tokens") {
        request.input = number(key, value);
        counted = true;
      } else if (key == "gen_ai.usage.output_tokens" || key == "gen_ai.usage.completion_tokens") {
        request.output = number(key, value);
        counted = true;
      } else if (key == "gen_ai.conversation.id" && value["stringValue"].get(text) == simdjson::SUCCESS) {
        request.session = number_of_name(text);
      } else if ((key == "gen_ai.request.model" || key == "gen_ai.response.model") &&
                 value["stringValue"].get(text) == simdjson::SUCCESS && models_.size() < kMostModels) {
        model_ = text;
      }
    }
    if (!counted) return;
    if (is_nested(span)) {
      ++nested_;
      return;
    }
    if (request.input == 0 || request.output == 0) {
      ++failed_;
      return;
    }
    if (!model_.empty()) models_.insert(std::exchange(model_, {}));
    request.start = start_of(span);
    found.push_back(request);
  }

  // Whether a span around it or within it was counted; both orders occur, as spans are written when they end.
  bool is_nested(simdjson::dom::element span) {
    std::string_view id, parent;
    const bool has_id = span["spanId"].get(id) == simdjson::SUCCESS && !id.empty();
    const bool has_parent = span["parentSpanId"].get(parent) == simdjson::SUCCESS && !parent.empty();
    if (has_id && parents_.contains(number_of_name(id))) return true;
    if (has_parent && spans_.contains(number_of_name(parent))) return true;
    if (has_id) spans_.insert(number_of_name(id));
    if (has_parent) parents_.insert(number_of_name(parent));
    return false;
  }

  std::int64_t number(std::string_view key, simdjson::dom::element value) const {
    simdjson::dom::element inner;
    std::string_view text;
    if (value["intValue"].get(inner) != simdjson::SUCCESS &&
        value["doubleValue"].get(inner) != simdjson::SUCCESS)
      rows_.reject(key, fmt::format("bad `{}`", key), "an intValue", shown(value));
    if (inner.get(text) != simdjson::SUCCESS) return rows_.integer(key, inner, kTokensOrNone);
    const std::optional<std::int64_t> parsed = parse_integer(text);
    if (!parsed || *parsed < kTokensOrNone.min || *parsed > kTokensOrNone.max)
      rows_.reject(key, fmt::format("bad `{}`", key), describe(kTokensOrNone), shown(inner));
    return *parsed;
  }

  Duration start_of(simdjson::dom::element span) const {
    using namespace std::chrono_literals;
    constexpr std::string_view kStart = "startTimeUnixNano";
    simdjson::dom::element value;
    std::string_view text;
    if (span[kStart].get(value) != simdjson::SUCCESS) rows_.missing(kStart);
    if (value.get(text) != simdjson::SUCCESS) return rows_.duration(kStart, value, 1ns);
    const std::optional<Duration> start = parse_duration(text, 1ns);
    if (!start || start->count() < 0)
      rows_.reject(kStart, "bad `startTimeUnixNano`", "nanoseconds since 1970", shown(value));
    return *start;
  }

  static constexpr std::size_t kMostModels = 20;

  JsonRows rows_;
  std::deque<Span> ready_;                             // of the line read last
  std::unordered_set<std::uint64_t> spans_, parents_;  // of the spans that were counted
  std::set<std::string> models_;
  std::string model_;
  std::int64_t failed_ = 0, nested_ = 0;
};

}  // namespace

bool is_otlp(const TraceHead& head) {
  return mentions(head, '{', {"resourceSpans"});
}

std::unique_ptr<TraceReader> open_otlp(LineReader lines, const ReaderOptions&) {
  return std::make_unique<OtlpReader>(std::move(lines));
}

}  // namespace blis
