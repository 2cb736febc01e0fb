// BurstGPT: Timestamp (seconds from the first day's midnight), Model, Request tokens, Response
// tokens, Total tokens, Log Type; since v1.2 also Session ID and Elapsed time. Requests that failed
// have no response tokens.
// Source: github.com/HPMLL/BurstGPT.

#include <array>

#include "workloads/column_trace.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

using namespace std::chrono_literals;
using std::string_view_literals::operator""sv;

constexpr std::array kBurstGptArrival{TimeColumn{"Timestamp", 1s}};
constexpr std::array kBurstGptInput{"Request tokens"sv};
constexpr std::array kBurstGptOutput{"Response tokens"sv};
constexpr std::array kSession{"Session ID"sv};
constexpr ColumnFormat kBurstGpt{.arrival = kBurstGptArrival,
                                 .input = kBurstGptInput,
                                 .output = kBurstGptOutput,
                                 .session = kSession,
                                 .zeros = ZeroTokens::failed};

}  // namespace

bool is_burstgpt(const TraceHead& head) {
  return has_columns(head, {"Timestamp", "Model", "Request tokens", "Response tokens"});
}

std::unique_ptr<TraceReader> open_burstgpt(LineReader lines, const ReaderOptions&) {
  return std::make_unique<ColumnReader>(std::move(lines), kBurstGpt);
}

}  // namespace blis
