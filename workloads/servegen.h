// One ServeGen client: windows of a fitted arrival process, and length distributions by window.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/units.h"
#include "workloads/line_reader.h"
#include "workloads/random.h"

namespace blis {

// A row of chunk-N-trace.csv, which has no header: start, rate, CV, family, shape, scale.
struct ServeGenWindow {
  enum class Family : std::uint8_t { gamma, weibull };
  double start_s = 0;
  double request_rate = 0;  // 0: silence
  Family family = Family::gamma;
  double shape = 1;
};

// Throws BadRow for a row that does not read so, InputError for windows out of order.
std::vector<ServeGenWindow> read_servegen_windows(LineReader lines);

// A length distribution as chunk-N-dataset.json writes it: a Python dict in a string,
// "{12: 0.25, 40: 0.75}". Parsed by hand, never evaluated.
class ServeGenLengths {
 public:
  // Nothing if `text` does not read so.
  static std::optional<ServeGenLengths> parse(std::string_view text);
  std::int64_t draw(RandomStream& random) const;

 private:
  std::vector<std::int64_t> values_;
  std::vector<double> up_to_;  // cumulative probability, not normalised
};

struct ServeGenDataset {
  struct Window {
    double start_s = 0;
    ServeGenLengths input, output;
  };
  std::vector<Window> windows;  // by start
};
ServeGenDataset read_servegen_dataset(const std::string& path);

// The data set that belongs to a client's trace, "x-dataset.json" for "x-trace.csv"; empty if the
// name has another form.
std::string servegen_dataset_path(const std::string& trace_path);

// The client's arrival times. As ServeGen does it, a window has ceil(rate * length) requests whose
// gaps are rescaled to fill it exactly.
// Source: github.com/alibaba/ServeGen; Xiang et al., arXiv:2505.09999.
class ServeGenArrivals {
 public:
  ServeGenArrivals(std::vector<ServeGenWindow> windows, RandomStream random);
  double next();  // seconds; infinite at the end

 private:
  double gap(RandomStream& random) const;
  double length(std::size_t window) const;

  std::vector<ServeGenWindow> windows_;
  RandomStream random_;
  std::size_t next_window_ = 0;
  std::int64_t left_ = 0;        // requests of the current window
  double so_far_ = 0, sum_ = 0;  // its gaps
};

}  // namespace blis
