// Our own requests.csv: a result, in which requests that were never served have no output.

#include <array>

#include "workloads/column_trace.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

using namespace std::chrono_literals;
using std::string_view_literals::operator""sv;

constexpr std::array kServedArrival{TimeColumn{"arrival_ns", 1ns}};
constexpr std::array kServedInput{"input_tokens"sv};
constexpr std::array kServedOutput{"output_tokens"sv};
constexpr ColumnFormat kResult{.arrival = kServedArrival,
                               .input = kServedInput,
                               .output = kServedOutput,
                               .id = "request_id",
                               .zeros = ZeroTokens::failed};

}  // namespace

bool is_blis_requests(const TraceHead& head) {
  return has_columns(head,
                     {"request_id", "replica", "arrival_ns", "input_tokens", "output_tokens", "outcome"});
}

std::unique_ptr<TraceReader> open_blis_requests(LineReader lines, const ReaderOptions&) {
  return std::make_unique<ColumnReader>(std::move(lines), kResult);
}

}  // namespace blis
