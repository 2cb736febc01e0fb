// Vidur's traces: arrived_at (seconds), num_prefill_tokens, num_decode_tokens; its length-only files
// have no times. Vidur reads a length of 0 as 1.
// Source: github.com/microsoft/vidur, trace_replay_request_generator.py.

#include <array>

#include "workloads/column_trace.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

using namespace std::chrono_literals;
using std::string_view_literals::operator""sv;

constexpr std::array kVidurArrival{TimeColumn{"arrived_at", 1s}};
constexpr std::array kVidurInput{"num_prefill_tokens"sv};
constexpr std::array kVidurOutput{"num_decode_tokens"sv};
constexpr ColumnFormat kVidur{
    .arrival = kVidurArrival, .input = kVidurInput, .output = kVidurOutput, .zeros = ZeroTokens::one};

}  // namespace

bool is_vidur(const TraceHead& head) {
  return has_columns(head, {kVidurInput[0], kVidurOutput[0]});
}

std::unique_ptr<TraceReader> open_vidur(LineReader lines, const ReaderOptions&) {
  return std::make_unique<ColumnReader>(std::move(lines), kVidur);
}

}  // namespace blis
