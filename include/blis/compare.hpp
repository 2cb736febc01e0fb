// Many configurations at once: a grid, simulated on several threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace blis {

struct CompareReport;  // the library's own

// Values of one key of the scenario, each with each of the others'.
struct Variation {
  std::string key;                  // dotted, as in Setting
  std::vector<std::string> values;  // as YAML has them
};

struct CompareOptions {
  std::string data_folder{};  // as in SimulateOptions
  std::vector<std::uint64_t>
      seeds{};                       // of each point; more than one give confidence intervals. Empty: its own
  int threads = 0;                   // 0: as many as run at once on this machine
  std::function<bool()> going_on{};  // false stops what runs; asked from any thread
};

// Cheap to copy.
class Comparison {
 public:
  explicit Comparison(CompareReport report);

  const CompareReport& report() const { return *report_; }

 private:
  std::shared_ptr<const CompareReport> report_;
};

// Simulates every point of the grid that a scenario or sweep file (docs/compare.md) and `vary` span. Throws
// InputError: usage, io. A point whose model does not fit is a row that says so.
Comparison compare(const std::string& path, std::span<const Variation> vary = {},
                   const CompareOptions& options = {});

// For people, at most `width` characters wide where that is possible; 0: as wide as it gets.
std::string to_text(const Comparison& comparison, std::size_t width = 0);
// compare.json. Equal comparisons give equal bytes.
std::string to_json(const Comparison& comparison);
// A row a point, in grid order.
std::string to_csv(const Comparison& comparison);

}  // namespace blis
