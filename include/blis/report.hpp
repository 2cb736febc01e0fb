// A simulated run, and what is said about it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace blis {

struct RunReport;  // the library's own

// Cheap to copy.
class Report {
 public:
  explicit Report(RunReport run);

  // A figure by its key in result.json: "p99_ttft_ms" (milliseconds), "output_throughput" (tokens a second),
  // "completed". Nothing if there is no such figure, or if it has no value in this run.
  std::optional<double> figure(std::string_view key) const;
  // The keys of all of them, in the order of result.json.
  static std::vector<std::string> figure_keys();

  // Sentences without a full stop: what is worth knowing before these figures are used.
  const std::vector<std::string>& warnings() const;
  bool interrupted() const;
  // Whether every limit of the scenario's SLO holds; unset without one.
  std::optional<bool> meets_slo() const;

  const RunReport& run() const { return *run_; }

 private:
  std::shared_ptr<const RunReport> run_;
};

// What text for people may have beyond plain columns.
struct TextStyle {
  bool colour = false;
  std::size_t chart_width = 0;  // of charts over time, in columns; 0: none
};

// vLLM's text block, and why.
std::string to_text(const Report& report, const TextStyle& style = {});
// result.json (docs/results.md). `detailed` adds vLLM's lists of per-request figures; for that the run must
// have kept its steps (StepsFor::themselves). Equal runs give equal bytes.
std::string to_json(const Report& report, bool detailed = false);
// What `vllm bench serve --save-result` writes.
std::string to_vllm_json(const Report& report, bool detailed = false);
// The flat figures as a header and one row.
std::string to_csv(const Report& report);

}  // namespace blis
