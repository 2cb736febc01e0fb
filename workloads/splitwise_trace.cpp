// splitwise-sim's traces: request_id, request_type (2 is an LLM request), application_id,
// arrival_timestamp (seconds), batch_size, prompt_size, token_size.
// Source: github.com/Mutinifni/splitwise-sim.

#include <fmt/format.h>

#include <array>

#include "workloads/column_trace.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

using namespace std::chrono_literals;
using std::string_view_literals::operator""sv;

constexpr std::array kSplitwiseArrival{TimeColumn{"arrival_timestamp", 1s}};
constexpr std::array kSplitwiseInput{"prompt_size"sv};
constexpr std::array kSplitwiseOutput{"token_size"sv};
constexpr ColumnFormat kSplitwise{
    .arrival = kSplitwiseArrival, .input = kSplitwiseInput, .output = kSplitwiseOutput, .id = "request_id"};

class SplitwiseReader : public ColumnReader {
 public:
  explicit SplitwiseReader(LineReader lines)
      : ColumnReader(std::move(lines), kSplitwise),
        type_(rows().find_column("request_type")),
        batch_(rows().find_column("batch_size")) {}

  std::vector<std::string> warnings() const override {
    std::vector<std::string> all = ColumnReader::warnings();
    if (others_ > 0) all.push_back(fmt::format("{} rows that are no LLM requests were left out", others_));
    return all;
  }

 private:
  bool is_request() override {
    constexpr std::int64_t kLlm = 2;
    if (type_ && rows().integer(*type_, {0, 1000}) != kLlm) {
      ++others_;
      return false;
    }
    if (batch_ && rows().integer(*batch_, {0, kMaxTokensPerRequest}) != 1) {
      rows().reject(*batch_, "one row stands for several requests", "a `batch_size` of 1");
    }
    return true;
  }

  std::optional<std::size_t> type_, batch_;
  std::int64_t others_ = 0;
};

}  // namespace

bool is_splitwise(const TraceHead& head) {
  return has_columns(head, {"arrival_timestamp", "prompt_size", "token_size"});
}

std::unique_ptr<TraceReader> open_splitwise(LineReader lines, const ReaderOptions&) {
  return std::make_unique<SplitwiseReader>(std::move(lines));
}

}  // namespace blis
