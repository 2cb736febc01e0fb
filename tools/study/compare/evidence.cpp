#include "tools/study/compare/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "sim/utf8.h"
#include "tools/study/compare/caveats.h"
#include "tools/study/compare/compare_table.h"
#include "tools/study/compare/effects.h"
#include "tools/study/compare/figures.h"
#include "tools/study/compare/left_undone.h"

namespace blis {
namespace {

constexpr std::size_t kCurvesShown = 4;  // points

// Whether the answer of a search depends on how long the run is; empty where nothing was run.
std::string about_length(const CompareReport& report, const PointResult& point) {
  const RateSearch& search = *point.search;
  if (search.lengths.empty()) {
    if (point.runs.empty()) return {};
    const auto& figures = point.runs.front().figures;
    return fmt::format(
        "{}: this is said by {:.0f} requests. With more of such traffic a backlog has longer to grow, and "
        "the rate is often lower (`blis trace fit` makes traffic of any length of a trace).",
        label(report, point), figures[figure_index("completed")] + figures[figure_index("failed")]);
  }
  if (search.lengths.size() < 2) return {};
  std::string answers;
  for (const RateAtLength& length : search.lengths) {
    answers += fmt::format("{}{} with {} requests", answers.empty() ? "" : ", ",
                           length.met ? fmt::format("{:.4g}", *length.met) : "none", length.requests);
  }
  return fmt::format(
      "{}: {} ({}).", label(report, point),
      search.steady ? "longer runs find the same rate" : "the rate still depends on the length of the run",
      answers);
}

std::string about_trial(const RateSearch& search, const RateTrial& trial, bool intervals) {
  std::string text = !trial.met ? trial.failed : trial.surely ? "kept" : intervals ? "kept, closely" : "kept";
  if (search.met && trial.rate == *search.met) text += "  <- the highest";
  return text;
}

TitledTable load_curve(const CompareReport& report, const PointResult& point) {
  const RateSearch& search = *point.search;
  TitledTable curve{"Load curve of " + label(report, point), {}, search.trials.size()};
  const auto column = [&](std::string heading, bool left, auto of) {
    TextColumn made{std::move(heading), {}, 0, left};
    for (const RateTrial& trial : search.trials) made.cells.push_back(of(trial));
    curve.columns.push_back(std::move(made));
  };
  column("req/s", false, [](const RateTrial& t) { return fmt::format("{:.4g}", t.rate); });
  column("served/s", false, [](const RateTrial& t) { return fmt::format("{:.4g}", t.request_throughput); });
  column("out tok/s", false, [](const RateTrial& t) { return fmt::format("{:.0f}", t.output_throughput); });
  for (std::size_t i = 0; i < point.targets.size(); ++i) {
    column(point.targets[i].key, false, [i](const RateTrial& t) {
      return i < t.limits.size() && std::isfinite(t.limits[i].value) ? three_digits(t.limits[i].value) : "-";
    });
  }
  const bool intervals = has_intervals(report);
  column("SLO", true, [&](const RateTrial& t) { return about_trial(search, t, intervals); });
  return curve;
}

void add_search(const CompareReport& report, std::vector<std::string>& paragraphs) {
  paragraphs.emplace_back(
      "Rates are those at which requests (of sessions: sessions) are sent; served/s counts answers until "
      "the last one is there, and is lower.");
  for (const PointResult& point : report.points) {
    if (!point.search) continue;
    if (std::string sentence = about_length(report, point); !sentence.empty()) {
      paragraphs.push_back(std::move(sentence));
    }
  }
  if (report.points.size() > kCurvesShown) {
    paragraphs.emplace_back(
        "All rates that were tried are in `search.trials` of the JSON, and drawn by `blis report`.");
  }
}

// What was not simulated; what a search tried, and what its rates are.
void add_undone(const CompareReport& report, std::vector<std::string>& paragraphs) {
  if (report.interrupted) paragraphs.push_back(fmt::format("Interrupted: {}.", left_undone(report)));
  if (report.cheapest) {
    const auto feasible = std::ranges::count_if(report.points, &PointResult::feasible);
    paragraphs.push_back(fmt::format(
        "Tried {} of the {} points that can exist, from the cheapest on{}.", report.cheapest->tried.size(),
        feasible, report.interrupted ? "" : "; the others, which cost more, were not run"));
  }
  if (report.goal == Goal::max_rate) add_search(report, paragraphs);
}

}  // namespace

bool has_intervals(const CompareReport& report) {
  return std::ranges::any_of(report.rows, [](const Row& row) {
    return std::ranges::any_of(row.figures, [](const Estimate& e) { return e.has_interval(); });
  });
}

std::string what_was_asked(const CompareReport& report) {
  constexpr std::string_view kGoals[] = {"", "the highest rate of ", "the fewest GPUs of ",
                                         "the lowest cost of "};
  std::vector<std::string> names, axes;
  for (const std::string& path : report.sweep.scenarios) {
    names.push_back(path.empty() ? "flags" : printable(std::filesystem::path(path).stem().string()));
  }
  for (const std::string& key : varied_keys(report)) {
    if (key == "scenario") continue;
    std::vector<std::string> values;
    for (const PointResult& point : report.points) {
      std::string value = setting_of(report, point, key);
      if (std::ranges::find(values, value) == values.end()) values.push_back(std::move(value));
    }
    constexpr std::size_t kNamed = 6;
    axes.push_back(values.size() > kNamed ? fmt::format("{} from {} to {} ({} values)", short_name(key),
                                                        values.front(), values.back(), values.size())
                                          : fmt::format("{} {}", short_name(key), fmt::join(values, ", ")));
  }
  return fmt::format("{}{}: {} point{}{}{}", kGoals[static_cast<std::size_t>(report.goal)],
                     fmt::join(names, " and "), report.points.size(), report.points.size() == 1 ? "" : "s",
                     axes.empty() ? "" : ", ", fmt::join(axes, "; "));
}

std::vector<std::string> all_caveats(const CompareReport& report) {
  std::vector<std::string> paragraphs = caveats(report);
  add_undone(report, paragraphs);
  return paragraphs;
}

std::vector<std::string> evidence(const CompareReport& report) {
  std::vector<std::string> paragraphs;
  const bool front = std::ranges::any_of(report.rows, &Row::on_front);
  if (front && report.objectives.size() > 1) {
    std::vector<std::string> names;
    for (const std::size_t o : report.objectives) names.push_back(figure_kinds()[o].key);
    paragraphs.push_back(fmt::format("* on the Pareto front of {}. Times in ms.", fmt::join(names, " and ")));
  }
  if (const std::vector<std::string> sentences = caveats(report); !sentences.empty()) {
    paragraphs.push_back(fmt::format("{}", fmt::join(sentences, " ")));
  }
  add_undone(report, paragraphs);
  return paragraphs;
}

std::vector<TitledTable> effect_tables(const CompareReport& report) {
  if (report.goal != Goal::compare) return {};
  const std::size_t figure = report.objectives[0];
  const std::vector<Effect> effects = main_effects(report, figure);
  if (varied_keys(report).size() < 2 || effects.empty()) return {};
  TitledTable table{
      fmt::format("What each setting does to {}, as means over the others", figure_kinds()[figure].key),
      {{"setting", {}, 0, true}, {"spread", {}}, {"combinations", {}}, {"means", {}, 0, true}},
      effects.size()};
  for (const Effect& effect : effects) {
    std::string means;
    for (const Effect::At& at : effect.at) {
      means += fmt::format("{}{}: {}", means.empty() ? "" : "; ", at.value, three_digits(at.mean));
    }
    table.columns[0].cells.push_back(effect.setting);
    table.columns[1].cells.push_back(fmt::format("{:.0f} %", 100 * effect.spread()));
    table.columns[2].cells.push_back(std::to_string(effect.combinations));
    table.columns[3].cells.push_back(std::move(means));
  }
  return {std::move(table)};
}

std::vector<TitledTable> load_curves(const CompareReport& report) {
  std::vector<TitledTable> curves;
  if (report.points.size() > kCurvesShown) return curves;
  for (const PointResult& point : report.points) {
    if (point.search && !point.search->trials.empty()) curves.push_back(load_curve(report, point));
  }
  return curves;
}

}  // namespace blis
