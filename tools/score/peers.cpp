#include "tools/score/peers.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "workloads/csv_rows.h"

namespace blis {
namespace {

struct Errors {
  std::map<Metric, std::vector<double>> theirs, ours;
  std::set<std::string> runs;
  bool in_sample = false;
};

std::optional<Metric> metric_named(std::string_view name) {
  if (name == "itl_mean") return Metric::tpot_mean;
  for (const Metric m : judged_metrics()) {
    if (kMetricNames[static_cast<std::size_t>(m)] == name) return m;
  }
  return std::nullopt;
}

}  // namespace

std::vector<PeerComparison> compare_with_peers(const std::string& folder,
                                               std::span<const CaseOutcome> outcomes) {
  const std::string path = folder + "/peer_errors.csv";
  if (!std::filesystem::exists(path)) return {};
  std::map<std::string, const CaseOutcome*, std::less<>> by_id;
  for (const CaseOutcome& c : outcomes) by_id[c.measured->id] = &c;

  CsvRows rows{LineReader(path)};
  const std::size_t id = rows.column("case_id"), stage = rows.column("stage_index"),
                    name = rows.column("metric"), simulator = rows.column("simulator"),
                    subset = rows.column("subset"), predicted = rows.column("predicted"),
                    actual = rows.column("actual"), corrected = rows.column("actual_corrected"),
                    in_sample = rows.column("in_sample");
  std::map<std::string, Errors> by_simulator;
  while (rows.next()) {
    const auto it = by_id.find(rows.text(id));
    if (it == by_id.end() || rows.text(stage) != "-1" || rows.text(subset) != "full") continue;
    const CaseOutcome& c = *it->second;
    const std::optional<Metric> metric = metric_named(rows.text(name));
    const StageOutcome* pool = pooled(c);
    if (!metric || !pool || c.measured->overload || !c.problem.empty()) continue;
    const double ours = signed_error(*pool, *metric);
    const double truth = rows.real(rows.text(corrected).empty() ? actual : corrected);
    const double theirs = signed_error_pct(rows.real(predicted), truth);
    if (!std::isfinite(ours) || !std::isfinite(theirs)) continue;
    Errors& errors = by_simulator[std::string(rows.text(simulator))];
    errors.theirs[*metric].push_back(theirs);
    errors.ours[*metric].push_back(ours);
    errors.runs.insert(c.measured->id);
    errors.in_sample = errors.in_sample || rows.text(in_sample) == "1";
  }
  std::vector<PeerComparison> out;
  for (const auto& [simulator_name, errors] : by_simulator) {
    PeerComparison& peer = out.emplace_back();
    peer.simulator = simulator_name;
    peer.in_sample = errors.in_sample;
    peer.runs = errors.runs.size();
    for (const auto& [metric, theirs] : errors.theirs) {
      peer.rows.push_back({metric, summarize_errors(theirs), summarize_errors(errors.ours.at(metric))});
    }
  }
  std::ranges::stable_sort(out, std::greater{}, &PeerComparison::runs);
  return out;
}

}  // namespace blis
