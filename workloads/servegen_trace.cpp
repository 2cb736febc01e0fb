// A ServeGen client file as a trace: its requests are drawn from its windows, and their lengths from
// the data set beside it.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "workloads/csv_rows.h"
#include "workloads/parse_number.h"
#include "workloads/servegen.h"
#include "workloads/trace_readers.h"

namespace blis {
namespace {

// ServeGen's m-large clients on average, for a client whose data set is not there.
constexpr std::int64_t kUsualInput = 930;
constexpr std::int64_t kUsualOutput = 171;

class ServeGenReader : public TraceReader {
 public:
  ServeGenReader(LineReader lines, const ReaderOptions& options)
      : file_{.file = lines.name()},
        arrivals_(read_servegen_windows(std::move(lines)), random_stream(options.seed, "servegen arrivals")),
        random_(random_stream(options.seed, "servegen lengths")) {
    const std::string path = servegen_dataset_path(file_.file);
    if (!path.empty() && std::filesystem::exists(path)) dataset_ = read_servegen_dataset(path);
  }

  bool next(TraceRow& row) override {
    const double t = arrivals_.next();
    if (t > 1e10) return false;
    row.stamp = to_duration(Seconds{t});
    if (dataset_.windows.empty()) {
      row.input_tokens = kUsualInput;
      row.output_tokens = kUsualOutput;
      return true;
    }
    const auto later = std::upper_bound(dataset_.windows.begin() + 1, dataset_.windows.end(), t,
                                        [](double s, const auto& window) { return s < window.start_s; });
    row.input_tokens = (later - 1)->input.draw(random_);
    row.output_tokens = (later - 1)->output.draw(random_);
    return true;
  }

  Place place() const override { return file_; }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> all{
        "arrivals are drawn from the client's fitted windows; this is no record of requests"};
    if (dataset_.windows.empty()) {
      all.push_back(
          fmt::format("the client's data set (x-dataset.json beside x-trace.csv) is not there: every "
                      "request has {} input and {} output tokens, the mean of ServeGen's m-large",
                      kUsualInput, kUsualOutput));
    }
    return all;
  }

 private:
  Place file_;
  ServeGenArrivals arrivals_;
  RandomStream random_;
  ServeGenDataset dataset_;
};

}  // namespace

bool is_servegen(const TraceHead& head) {
  constexpr std::size_t kColumns = 6;
  CsvLine line;
  if (!line.split(head.first_line, kColumns) || line.count != kColumns) return false;
  const bool known_family =
      line.fields[3] == "Gamma" || line.fields[3] == "Weibull" || line.fields[3].empty();
  constexpr std::array<std::size_t, 5> kNumbers{0, 1, 2, 4, 5};
  return known_family && std::all_of(kNumbers.begin(), kNumbers.end(), [&](std::size_t i) {
           return (i == 2 && line.fields[i].empty()) || parse_real(line.fields[i]).has_value();
         });
}

std::unique_ptr<TraceReader> open_servegen(LineReader lines, const ReaderOptions& options) {
  return std::make_unique<ServeGenReader>(std::move(lines), options);
}

}  // namespace blis
