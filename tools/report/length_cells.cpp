#include "tools/report/length_cells.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "sim/metrics.h"

namespace blis {
namespace {

constexpr double kFinest = 16;  // cells an octave

struct Cell {
  double input_tokens = 0, ttft_ms = 0;  // sums
  std::int64_t requests = 0;
};

int place(double value, double per_octave) {
  return static_cast<int>(std::floor(per_octave * std::log2(std::max(value, 1e-3))));
}

double to_thousandths(double value) {
  return std::round(value * 1e3) / 1e3;
}

}  // namespace

void LengthCells::add(const RequestRecord& request) {
  samples_.push_back({request.input_tokens, static_cast<float>(to_ms(ttft(request)))});
}

nlohmann::ordered_json LengthCells::json() const {
  std::map<std::pair<int, int>, Cell> cells;
  for (double per_octave = kFinest;; per_octave /= 2) {
    cells.clear();
    for (const Sample& sample : samples_) {
      Cell& cell = cells[{place(sample.input_tokens, per_octave), place(sample.ttft_ms, per_octave)}];
      cell.input_tokens += sample.input_tokens;
      cell.ttft_ms += static_cast<double>(sample.ttft_ms);
      ++cell.requests;
      if (cells.size() > kMostCells) break;
    }
    if (cells.size() <= kMostCells) break;
  }
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const auto& [at, cell] : cells) {
    const auto count = static_cast<double>(cell.requests);
    rows.push_back(
        {to_thousandths(cell.input_tokens / count), to_thousandths(cell.ttft_ms / count), cell.requests});
  }
  nlohmann::ordered_json result;
  result["requests"] = samples_.size();
  result["cells"] = std::move(rows);
  return result;
}

}  // namespace blis
