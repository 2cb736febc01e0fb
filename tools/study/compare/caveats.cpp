#include "tools/study/compare/caveats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>

#include "tools/study/compare/left_undone.h"

namespace blis {
namespace {

using Sentences = std::vector<std::string>;

// "3", or "1 to 3 of 3" where some points did not run with all.
std::string seeds_that_ran(const CompareReport& report) {
  std::vector<std::size_t> counts;
  for (const PointResult& point : report.points) {
    if (!point.runs.empty()) counts.push_back(point.runs.size());
  }
  const std::size_t asked = report.sweep.seeds.size();
  const std::string ran = range_of(counts);
  return ran == std::to_string(asked) ? ran : fmt::format("{} of {}", ran, asked);
}

std::string about_seeds(const CompareReport& report) {
  if (std::ranges::any_of(report.rows, &Row::identical_runs)) {
    return "Nothing in this workload depends on the seed, so there is no spread to tell.";
  }
  if (report.sweep.seeds.size() < 2) return "One seed, so no confidence interval (--seeds 0..4 gives one).";
  const bool several =
      std::ranges::any_of(report.points, [](const auto& point) { return point.runs.size() > 1; });
  if (!several) return "One seed so far, so no confidence interval.";
  return fmt::format("± is Student's t interval at {:.0f} % over {} seeds.", 100 * kConfidence,
                     seeds_that_ran(report));
}

void add_model_error(const CompareReport& report, Sentences& sentences) {
  std::size_t judged = 0, with_error = 0;
  std::set<std::string> unscored;
  bool beyond = false;
  for (const Row& row : report.rows) {
    if (row.verdict == Verdict::none || row.status != Status::ok) continue;
    ++judged;
    with_error += !row.accuracy.bands.empty();
    beyond = beyond || row.beyond_measurement;
    unscored.insert(row.accuracy.unscored.begin(), row.accuracy.unscored.end());
  }
  if (beyond) {
    sentences.emplace_back(
        "At loads where the latency model's error was not measured, what is kept is too close to call.");
  }
  if (judged > 0 && with_error == 0 && !beyond) {
    sentences.emplace_back("Verdicts do not count the latency model's own error, which is not known here.");
  }
  if (with_error == 0) return;
  sentences.push_back(fmt::format(
      "Verdicts count the latency model's own error, within which nine of ten measured runs like them "
      "stayed{}.",
      with_error == judged ? ""
                           : fmt::format(", at the {} of {} points where it is known", with_error, judged)));
  if (!unscored.empty()) {
    sentences.push_back(
        fmt::format("None had {}: there, the error is not known.", fmt::join(unscored, " or ")));
  }
}

// Which requests of each run do not count.
void add_warmup(const CompareReport& report, Sentences& sentences) {
  std::set<std::uint32_t> left_out;
  for (const PointResult& point : report.points) {
    for (const Replication& run : point.runs) left_out.insert(run.warmup_requests);
  }
  const std::uint32_t least = *left_out.begin(), most = *left_out.rbegin();
  if (most > 0) {
    sentences.push_back(
        least == most
            ? fmt::format("The first {} requests of each run are its warm-up and do not count.", most)
            : fmt::format("The first {} to {} requests of a run are its warm-up and do not count.", least,
                          most));
  } else if (report.warmup) {
    sentences.emplace_back("No run has a warm-up that would have to be left out.");
  }
  if (report.warmup && report.warmup->unsettled > 0) {
    sentences.push_back(fmt::format("{} of {} points did not settle within the first half of their run.",
                                    report.warmup->unsettled, report.warmup->points));
  }
}

}  // namespace

std::vector<std::string> caveats(const CompareReport& report) {
  if (std::ranges::all_of(report.points, [](const auto& point) { return point.runs.empty(); })) return {};
  Sentences sentences{about_seeds(report)};
  add_model_error(report, sentences);
  std::set<std::string> gpus;
  for (const Row& row : report.rows) {
    if (!row.accuracy.evidence.empty()) gpus.insert(row.accuracy.evidence);
  }
  if (!gpus.empty()) sentences.push_back(fmt::format("Known of GPUs: {}.", fmt::join(gpus, "; ")));
  add_warmup(report, sentences);
  return sentences;
}

}  // namespace blis
