// Any CSV with a column of arrival times, one of prompt lengths and one of output lengths, under the
// names that tools use for them. The unit of time is in the column's name.

#include <array>

#include "workloads/column_trace.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

using namespace std::chrono_literals;
using std::string_view_literals::operator""sv;

// `send_s` before `arrival_s`: where a log has both, the first is when the request really left.
constexpr std::array kArrival{
    TimeColumn{"send_s", 1s},           TimeColumn{"arrival_s", 1s},
    TimeColumn{"arrival_ms", 1ms},      TimeColumn{"arrival_us", 1us},
    TimeColumn{"arrival_ns", 1ns},      TimeColumn{"arrival_time_s", 1s},
    TimeColumn{"arrival_time_ms", 1ms}, TimeColumn{"arrival_time_us", 1us},
    TimeColumn{"arrival_time_ns", 1ns}, TimeColumn{"timestamp_s", 1s},
    TimeColumn{"timestamp_ms", 1ms},    TimeColumn{"timestamp_ns", 1ns},
};
constexpr std::array kInput{"input_tokens"sv, "input_toks"sv, "prompt_tokens"sv, "input_length"sv};
constexpr std::array kOutput{"output_tokens"sv, "output_toks"sv, "completion_tokens"sv, "output_length"sv};
constexpr std::array kSession{"session_id"sv};
constexpr ColumnFormat kCsv{.arrival = kArrival, .input = kInput, .output = kOutput, .session = kSession};

// Our own requests.csv: a result, in which requests that were never served have no output.
constexpr std::array kResultArrival{TimeColumn{"arrival_ns", 1ns}};
constexpr ColumnFormat kResult{.arrival = kResultArrival,
                               .input = kInput,
                               .output = kOutput,
                               .id = "request_id",
                               .zeros = ZeroTokens::failed};

bool has_one_of(const TraceHead& head, std::span<const std::string_view> names) {
  for (const std::string_view name : names) {
    if (has_columns(head, {name})) return true;
  }
  return false;
}

}  // namespace

bool is_csv(const TraceHead& head) {
  return has_one_of(head, kInput) && has_one_of(head, kOutput);
}

std::unique_ptr<TraceReader> open_csv(LineReader lines, const ReaderOptions&) {
  return std::make_unique<ColumnReader>(std::move(lines), kCsv);
}

bool is_blis_requests(const TraceHead& head) {
  return has_columns(head,
                     {"request_id", "replica", "arrival_ns", "input_tokens", "output_tokens", "outcome"});
}

std::unique_ptr<TraceReader> open_blis_requests(LineReader lines, const ReaderOptions&) {
  return std::make_unique<ColumnReader>(std::move(lines), kResult);
}

}  // namespace blis
