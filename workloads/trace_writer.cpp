#include "workloads/trace_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <vector>

#include "sim/nearest_name.h"
#include "workloads/bad_row.h"
#include "workloads/hash_ids.h"

namespace blis {
namespace {

class LineWriter : public TraceWriter {
 protected:
  explicit LineWriter(std::ostream& out) : out_(out) {}

  template <class... Args>
  void append(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(line_), format, std::forward<Args>(args)...);
  }
  void end_line() {
    line_.push_back('\n');
    out_.write(line_.data(), static_cast<std::streamsize>(line_.size()));
    line_.clear();
  }

 private:
  std::ostream& out_;
  fmt::memory_buffer line_;
};

// Seconds since the start with nine digits after the point.
struct ExactSeconds {
  std::int64_t whole, ns;
  explicit ExactSeconds(Time t)
      : whole(since_start(t).count() / 1'000'000'000), ns(since_start(t).count() % 1'000'000'000) {}
};

class AzureWriter : public LineWriter {
 public:
  explicit AzureWriter(std::ostream& out) : LineWriter(out) {
    append("TIMESTAMP,ContextTokens,GeneratedTokens");
    end_line();
  }
  void write(const RequestSpec& request) override {
    using namespace std::chrono;
    // The format needs a date, and simulated time has none.
    constexpr sys_days kDayZero = year{2024} / January / 1;
    const auto t = kDayZero + since_start(request.arrival);
    const auto day = floor<days>(t);
    const year_month_day date{day};
    const hh_mm_ss clock{t - day};
    append("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:07},{},{}", static_cast<int>(date.year()),
           static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
           clock.minutes().count(), clock.seconds().count(), clock.subseconds().count() / 100,
           request.prompt_tokens, request.output_tokens);
    end_line();
  }
};

class HashedWriter : public LineWriter {
 protected:
  HashedWriter(std::ostream& out, std::int32_t block_tokens) : LineWriter(out), ids_(block_tokens) {}

  void append_lengths_and_ids(const RequestSpec& request) {
    append("\"input_length\": {}, \"output_length\": {}, \"hash_ids\": [{}]}}", request.prompt_tokens,
           request.output_tokens, fmt::join(ids_.of(request), ", "));
  }

 private:
  HashIds ids_;
};

class MooncakeWriter : public HashedWriter {
 public:
  explicit MooncakeWriter(std::ostream& out) : HashedWriter(out, 512) {}
  void write(const RequestSpec& request) override {
    append("{{\"timestamp\": {}, ", since_start(request.arrival).count() / 1'000'000);
    append_lengths_and_ids(request);
    end_line();
  }
};

// vLLM's `--dataset-name timed_trace` with its defaults: seconds, and an id for 16 tokens.
class TimedWriter : public HashedWriter {
 public:
  explicit TimedWriter(std::ostream& out) : HashedWriter(out, 16) {}
  void write(const RequestSpec& request) override {
    const ExactSeconds t(request.arrival);
    append("{{\"timestamp\": {}.{:09}, ", t.whole, t.ns);
    append_lengths_and_ids(request);
    end_line();
  }
};

class CsvWriter : public LineWriter {
 public:
  explicit CsvWriter(std::ostream& out) : LineWriter(out) {
    append("arrival_s,input_tokens,output_tokens");
    end_line();
  }
  void write(const RequestSpec& request) override {
    const ExactSeconds t(request.arrival);
    append("{}.{:09},{},{}", t.whole, t.ns, request.prompt_tokens, request.output_tokens);
    end_line();
  }
};

template <class Writer>
std::unique_ptr<TraceWriter> make(std::ostream& out) {
  return std::make_unique<Writer>(out);
}

constexpr std::array kTraceWriters{
    TraceWriterFormat{"azure", "Azure LLM inference CSV: date and time, context and generated tokens",
                      make<AzureWriter>, false},
    TraceWriterFormat{"mooncake", "Mooncake JSONL: milliseconds, a hash id for each 512 tokens",
                      make<MooncakeWriter>, true},
    TraceWriterFormat{"timed", "vLLM's timed_trace JSONL: seconds, a hash id for each 16 tokens",
                      make<TimedWriter>, true},
    TraceWriterFormat{"csv", "our CSV: seconds, input and output tokens", make<CsvWriter>, false},
};

const TraceWriterFormat& pick_writer(std::string_view name) {
  const auto* const found = std::find_if(kTraceWriters.begin(), kTraceWriters.end(),
                                         [&](const TraceWriterFormat& f) { return f.name == name; });
  if (found != kTraceWriters.end()) return *found;
  std::vector<std::string> names;
  names.reserve(kTraceWriters.size());
  for (const TraceWriterFormat& format : kTraceWriters) names.emplace_back(format.name);
  fail_usage({.message = fmt::format("traces cannot be written as `{}`", name),
              .expected = fmt::format("one of {}", fmt::join(names, ", ")),
              .hint = did_you_mean(name, names)});
}

bool shares_content(const RequestSpec& request) {
  return std::any_of(request.prompt.begin(), request.prompt.end(),
                     [](const ContentRun& run) { return run.content != kPrivateContent; });
}

}  // namespace

std::span<const TraceWriterFormat> trace_writers() {
  return kTraceWriters;
}

WrittenTrace write_trace(RequestSource& source, std::string_view format, std::ostream& out,
                         const std::function<bool()>& going_on) {
  constexpr std::uint64_t kRowsBetweenLooks = 1024;
  const TraceWriterFormat& chosen = pick_writer(format);
  if (source.has_feedback()) {
    fail_usage({.message = "this traffic depends on when requests end, so no trace can hold it",
                .hint = "sessions, closed loops and `max_concurrency` can only be simulated"});
  }
  const std::unique_ptr<TraceWriter> writer = chosen.make(out);
  WrittenTrace written;
  RequestSpec request;
  while (source.next(request)) {
    check_arrival(written.rows, request.arrival);
    writer->write(request);
    ++written.rows;
    if (going_on && written.rows % kRowsBetweenLooks == 0 && !going_on()) {
      written.stopped = true;
      return written;
    }
    if (!chosen.keeps_prefixes) written.lost_prefixes |= shares_content(request);
  }
  written.stopped = going_on && !going_on();
  if (written.stopped) return written;
  out.flush();
  if (!out) fail_file({}, {.message = "the trace could not be written"});
  return written;
}

}  // namespace blis
