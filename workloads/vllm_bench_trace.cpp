// What `vllm bench serve --save-result --save-detailed` leaves, as a trace: input_lens, output_lens
// and start_times (seconds) by request. Older versions have no start_times; their arrivals are drawn
// again from request_rate and burstiness. SGLang's bench_serving writes the same lists with --output-details,
// and never start times. Sources: github.com/vllm-project/vllm, vllm/benchmarks/serve.py;
// github.com/sgl-project/sglang, bench_serving.py.

#include <fmt/format.h>

#include "workloads/arrivals.h"
#include "workloads/json_document.h"
#include "workloads/json_rows.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

// What a replay does not ask for, and most of the file.
constexpr KeepRule kIdleOfVllmBench[] = {{"itls", Keep::nothing},
                                         {"ttfts", Keep::nothing},
                                         {"generated_texts", Keep::nothing},
                                         {"errors", Keep::nothing}};

class VllmBenchReader : public TraceReader {
 public:
  VllmBenchReader(LineReader lines, const ReaderOptions& options)
      : document_(checked(std::move(lines)), kIdleOfVllmBench) {
    if (document_.root().get(result_) != simdjson::SUCCESS) {
      fail_file(document_.place(), {.message = "this is not a JSON object"});
    }
    input_ = list("input_lens");
    output_ = list("output_lens");
    if (input_.size() != output_.size()) {
      fail_file(document_.place(), {.message = "`input_lens` and `output_lens` differ in length"});
    }
    simdjson::dom::element value;
    if (result_["start_times"].get(value) == simdjson::SUCCESS) {
      start_ = list("start_times");
      if (start_.size() != input_.size()) {
        fail_file(document_.place(), {.message = "`input_lens` and `start_times` differ in length"});
      }
    } else {
      draw_arrivals(options.seed);
    }
  }

  bool next(TraceRow& row) override {
    while (next_ < input_.size()) {
      const std::size_t i = next_++;
      row.output_tokens = document_.integer(fmt::format("output_lens[{}]", i), output_[i], kTokensOrNone);
      if (row.output_tokens == 0) {
        ++failed_;
        continue;
      }
      row.input_tokens = document_.integer(fmt::format("input_lens[{}]", i), input_[i], kTokenRange);
      row.stamp =
          start_.empty() ? drawn_[i] : document_.seconds(fmt::format("start_times[{}]", i), start_[i]);
      return true;
    }
    return false;
  }

  Place place() const override { return document_.place(); }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> all;
    if (!drawn_note_.empty()) all.push_back(drawn_note_);
    if (failed_ > 0) all.push_back(fmt::format("{} failed requests were left out", failed_));
    return all;
  }

 private:
  // --append-result writes one document a line.
  static LineReader checked(LineReader lines) {
    const std::string_view head = lines.head();
    const std::size_t end = head.find('\n');
    if (end != std::string_view::npos && head.substr(end).starts_with("\n{") &&
        head.substr(0, end).ends_with('}')) {
      fail_file(lines.place(), {.message = "this file holds several results (--append-result)",
                                .expected = "one result",
                                .hint = "take the line you want, for example with `tail -n 1`"});
    }
    return lines;
  }

  std::vector<simdjson::dom::element> list(std::string_view key) const {
    simdjson::dom::element value;
    simdjson::dom::array array;
    if (result_[key].get(value) != simdjson::SUCCESS) {
      fail_file(document_.place(),
                {.message = fmt::format("there is no `{}`: only totals were saved", key),
                 .hint = "details are saved by --save-result --save-detailed of `vllm bench serve`, and by "
                         "--output-details of SGLang's"});
    }
    if (value.get(array) != simdjson::SUCCESS) document_.reject(std::string(key), "a list", shown(value));
    return {array.begin(), array.end()};
  }

  // Nothing if it is not there or not finite (a rate can be "inf").
  std::optional<double> number(std::string_view key, double max) const {
    constexpr double kSmallest = 1e-6;
    double value = 0;
    if (result_[key].get(value) != simdjson::SUCCESS) return std::nullopt;
    if (value < kSmallest || value > max) {
      document_.reject(std::string(key), fmt::format("a number from {:g} to {:g}", kSmallest, max),
                       fmt::format("{:g}", value));
    }
    return value;
  }

  void draw_arrivals(std::uint64_t seed) {
    ArrivalSpec arrival{.process = ArrivalSpec::Process::at_once};
    if (const auto rate = number("request_rate", 1e9)) {
      arrival.process = ArrivalSpec::Process::gamma;
      arrival.request_rate = *rate;
      arrival.burstiness = number("burstiness", 1e6).value_or(1);
    }
    Arrivals arrivals(arrival, seed, 0, std::nullopt, std::nullopt);
    for (std::size_t i = 0; i < input_.size(); ++i) drawn_.push_back(to_duration(Seconds{arrivals.next()}));
    drawn_note_ =
        arrival.process == ArrivalSpec::Process::at_once
            ? "the result has no start times and no finite request rate: all requests are sent at once; "
              "`max_concurrency` makes it the closed loop it may have been"
            : fmt::format("the result has no start times: arrivals are drawn again at {:g} requests/s",
                          arrival.request_rate);
  }

  JsonDocument document_;
  simdjson::dom::object result_;
  std::vector<simdjson::dom::element> input_, output_, start_;
  std::vector<Duration> drawn_;
  std::string drawn_note_;
  std::size_t next_ = 0;
  std::int64_t failed_ = 0;
};

}  // namespace

bool is_vllm_bench(const TraceHead& head) {
  return mentions(head, '{', {"num_prompts", "total_input_tokens", "request_throughput"});
}

bool is_sglang_bench(const TraceHead& head) {
  return mentions(head, '{', {"total_input_tokens", "request_throughput", "sharegpt_output_len"}) ||
         mentions(head, '{', {"total_input_tokens", "request_throughput", "random_range_ratio"});
}

std::unique_ptr<TraceReader> open_vllm_bench(LineReader lines, const ReaderOptions& options) {
  return std::make_unique<VllmBenchReader>(std::move(lines), options);
}

}  // namespace blis
