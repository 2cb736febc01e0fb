#include "blis/report.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "tools/report/documents.h"
#include "tools/simulate/flat_figures.h"
#include "tools/simulate/slo.h"

namespace blis {

Report::Report(RunReport run) : run_(std::make_shared<const RunReport>(std::move(run))) {}

std::optional<double> Report::figure(std::string_view key) const {
  const std::vector<Figure> figures = flat_figures(run_->metrics);
  const auto found = std::ranges::find(figures, key, &Figure::key);
  if (found == figures.end()) return std::nullopt;
  const double value = std::visit([](auto number) { return static_cast<double>(number); }, found->value);
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

std::vector<std::string> Report::figure_keys() {
  std::vector<std::string> keys;
  for (Figure& figure : flat_figures(Metrics{})) keys.push_back(std::move(figure.key));
  return keys;
}

const std::vector<std::string>& Report::warnings() const {
  return run_->warnings;
}

bool Report::interrupted() const {
  return run_->run.interrupted;
}

std::optional<bool> Report::meets_slo() const {
  const std::vector<LimitVerdict> limits = judge_slo(*run_);
  if (limits.empty()) return std::nullopt;
  return std::ranges::all_of(limits, &LimitVerdict::met);
}

std::string to_text(const Report& report, const TextStyle& style) {
  return to_text(report.run(), style);
}

std::string to_json(const Report& report, bool detailed) {
  return to_result_json(report.run(), detailed);
}

std::string to_vllm_json(const Report& report, bool detailed) {
  return to_vllm_json(report.run(), detailed);
}

std::string to_csv(const Report& report) {
  return to_csv(report.run());
}

}  // namespace blis
