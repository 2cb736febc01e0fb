#include "tools/report/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "blis/version.hpp"
#include "sim/metrics.h"

namespace blis {
namespace {

// Whole nanoseconds as microseconds: "12.345".
std::string micros(Duration d) {
  return fmt::format("{}.{:03}", d.count() / 1000, d.count() % 1000);
}

std::string_view kind_of(const StepRecord& step) {
  if (step.prefills == 0) return "decode";
  return step.decodes == 0 ? "prefill" : "mixed";
}

class Writer {
 public:
  Writer(std::ostream& out, const RunResult& run, const TimelineExtent& extent)
      : out_(out), run_(run), extent_(extent) {}

  void write() {
    out_ << R"({"displayTimeUnit": "ms",)"
         << "\n"
         << R"("otherData": {"producer": "blis )" << version() << R"(", "truncated": )"
         << (extent_.truncated ? "true" : "false") << "},\n"
         << R"("traceEvents": [)";
    for (std::size_t e = 0; e < run_.engines.size(); ++e) replica(e);
    for (std::size_t i = 0; i < run_.requests.size(); ++i) {
      if (run_.requests[i].arrival >= extent_.until) break;  // they are in the order of arrival
      request(i, run_.requests[i]);
    }
    if (extent_.truncated) {
      event(
          R"({{"ph": "i", "s": "g", "pid": 1, "tid": 1, "ts": {}, "name": "truncated: the limit of events"}})",
          at(extent_.until));
    }
    out_ << "\n]}\n";
  }

 private:
  template <class... Args>
  void event(fmt::format_string<const Args&...> text, const Args&... arguments) {
    row_ = first_ ? "\n" : ",\n";
    first_ = false;
    fmt::format_to(std::back_inserter(row_), text, arguments...);
    out_ << row_;
  }

  Time cut(Time t) const { return std::clamp(t, extent_.from, extent_.until); }
  std::string at(Time t) const { return micros(since_start(cut(t))); }

  void name(std::size_t process, std::size_t thread, std::string_view what, const std::string& text) {
    event(R"({{"ph": "M", "pid": {}, "tid": {}, "name": "{}", "args": {{"name": "{}"}}}})", process, thread,
          what, text);
  }

  void replica(std::size_t number) {
    const EngineResult& engine = run_.engines[number];
    const std::size_t process = number + 1;
    // Batches of a pipeline are in flight together: a lane for each, so that none overlap.
    const auto lanes = static_cast<std::size_t>(engine.regular_distance);
    name(process, 0, "process_name", fmt::format("replica {}", number));
    for (std::size_t lane = 1; lane <= lanes; ++lane) {
      name(process, lane, "thread_name", lanes == 1 ? "steps" : fmt::format("steps, lane {}", lane));
    }
    const StepRecord* before = nullptr;
    const auto [first, last] = steps_between(engine.steps, extent_.from, extent_.until);
    for (std::size_t i = first; i < last; ++i) {
      const StepRecord& step = engine.steps[i];
      complete(process, 1 + i % lanes, i, step);
      counters(process, step, before);
      before = &step;
    }
  }

  // Its duration is a nanosecond short: readers compute in floating point, where the end may otherwise lie
  // beyond the next step's start, and they show the two as nested.
  void complete(std::size_t process, std::size_t lane, std::size_t number, const StepRecord& s) {
    event(R"({{"ph": "X", "cat": "step", "pid": {}, "tid": {}, "ts": {}, "dur": {}, "name": "{}", "args": )"
          R"({{"step": {}, "bound_by": "{}", "prefill_tokens": {}, "prefills": {}, "decodes": {}, )"
          R"("decode_context": {}, "preemptions": {}}}}})",
          process, lane, at(s.start), micros(std::max(cut(s.end) - cut(s.start) - Duration{1}, Duration{0})),
          kind_of(s), number, to_string(s.bound), s.prefill_tokens, s.prefills, s.decodes, s.decode_context,
          s.preemptions);
  }

  // Where they change.
  void counters(std::size_t process, const StepRecord& s, const StepRecord* before) {
    if (before == nullptr || before->running != s.running || before->waiting != s.waiting) {
      event(
          R"({{"ph": "C", "pid": {}, "ts": {}, "name": "sequences", "args": {{"running": {}, "waiting": {}}}}})",
          process, at(s.start), s.running, s.waiting);
    }
    if (before == nullptr || before->used_blocks != s.used_blocks) {
      event(R"({{"ph": "C", "pid": {}, "ts": {}, "name": "KV blocks", "args": {{"used": {}}}}})", process,
            at(s.start), s.used_blocks);
    }
  }

  bool shown(Time from, Time to) const {
    return from != kUnset && to != kUnset && from <= to && to >= extent_.from && from < extent_.until;
  }

  void edge(char which, std::size_t id, std::size_t process, std::string_view what, Time t,
            const std::string& arguments = {}) {
    event(R"({{"ph": "{}", "cat": "request", "id": {}, "pid": {}, "tid": 0, "ts": {}, "name": "{}"{}}})",
          which, id, process, at(t), what, arguments);
  }

  void span(std::size_t id, std::size_t process, std::string_view what, Time from, Time to) {
    if (!shown(from, to)) return;
    edge('b', id, process, what, from);
    edge('e', id, process, what, to);
  }

  void request(std::size_t id, const RequestRecord& r) {
    const EngineResult& engine = run_.engines[r.replica];
    const Time end = r.last_token != kUnset ? r.last_token : std::max(r.first_token, r.scheduled);
    if (!shown(r.arrival, end)) return;  // refused ones never were on the engine
    const std::size_t process = r.replica + 1u;
    edge('b', id, process, "request", r.arrival,
         fmt::format(
             R"(, "args": {{"request": {}, "input_tokens": {}, "output_tokens": {}, "hit_tokens": {}, )"
             R"("preemptions": {}, "outcome": "{}"}})",
             id, r.input_tokens, r.output_tokens, r.hit_tokens, r.preemptions, to_string(r.outcome)));
    span(id, process, "api", r.arrival, r.visible);
    span(id, process, "step wait", r.visible, r.queued);
    span(id, process, "queue", r.queued, r.scheduled);
    span(id, process, "prefill", r.scheduled, r.first_token);
    Time produced = kUnset;  // the last token so far
    for (const auto& [first, last] : token_spans(engine, r)) {
      const Time begin = engine.steps[first].end;
      if (produced != kUnset) {
        span(id, process, r.preemptions > 0 ? "preempted" : "passed over", produced, begin);
      }
      produced = engine.steps[last].end;
      span(id, process, "decode", begin, produced);
    }
    edge('e', id, process, "request", end);
  }

  std::ostream& out_;
  const RunResult& run_;
  const TimelineExtent& extent_;
  std::string row_;
  bool first_ = true;
};

}  // namespace

void write_timeline(std::ostream& out, const RunResult& run, const TimelineExtent& extent) {
  Writer(out, run, extent).write();
}

}  // namespace blis
