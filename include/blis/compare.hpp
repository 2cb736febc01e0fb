// Many configurations at once: a grid, simulated on several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "blis/scenario.hpp"

namespace blis {

struct CompareReport;  // the library's own

// Values of one key of the scenario, each with each of the others'.
struct Variation {
  std::string key;                  // dotted, as in Setting
  std::vector<std::string> values;  // as YAML has them
};

struct CompareOptions {
  std::string data_folder{};   // as in SimulateOptions
  std::vector<Setting> set{};  // of every point
  // Of each point; more than one give confidence intervals. Empty: the scenario's own.
  std::vector<std::uint64_t> seeds{};
  std::vector<std::pair<std::string, double>> prices{};  // yours: a GPU, US dollars for an hour of it
  std::string find{};                // search instead: "max-rate", "min-gpus" or "min-cost" (docs/compare.md)
  int threads = 0;                   // 0: as many as run at once on this machine
  std::function<bool()> going_on{};  // false stops what runs; asked from any thread
  // Called from any thread, one at a time: how many runs have ended, of how many (0: nobody knows).
  std::function<void(std::size_t finished, std::size_t expected)> progress{};
  // Where each point is kept in a file of its own as it ends, and with `resume` found; empty: nowhere.
  std::string folder{};
  bool resume = false;
  // Leaves the longest warm-up that any point needs out of all of them; scenarios that say theirs keep it.
  bool detect_warmup = false;
  // Figures that matter, the most important first; empty: those of the sweep, or the usual ones.
  std::vector<std::string> objectives{};
  // Spares later seeds of points that are worse in every objective. Not for shards.
  bool stop_dominated = false;
};

// Cheap to copy.
class Comparison {
 public:
  explicit Comparison(CompareReport report);

  const CompareReport& report() const { return *report_; }

 private:
  std::shared_ptr<const CompareReport> report_;
};

// Simulates every point of the grid that a scenario or sweep file (docs/compare.md) and `vary` span; without
// a file (empty) the settings say it all. Throws InputError: usage, io. A point whose model does not fit is a
// row that says so.
Comparison compare(const std::string& path, std::span<const Variation> vary = {},
                   const CompareOptions& options = {});

// A comparison on many machines (docs/cluster.md): part `index`, from 0, of `count`, into the folder of
// `options`. Started twice, or again, it does no harm. Returns whether it is complete, or was stopped. Throws
// InputError: usage for what cannot be dealt out, io.
bool compare_shard(const std::string& path, std::span<const Variation> vary, std::size_t index,
                   std::size_t count, const CompareOptions& options);
// All parts, from the folders they were simulated into, without simulating anything: the bytes of one
// machine. Throws InputError: usage for folders of another comparison, io if something is missing, naming it.
Comparison merge_shards(const std::string& path, std::span<const Variation> vary,
                        std::span<const std::string> folders, const CompareOptions& options = {});

// For people, at most `width` characters wide where that is possible; 0: as wide as it gets.
std::string to_text(const Comparison& comparison, std::size_t width = 0);
// compare.json. Equal comparisons give equal bytes.
std::string to_json(const Comparison& comparison);
// A row a point, in grid order.
std::string to_csv(const Comparison& comparison);

}  // namespace blis
