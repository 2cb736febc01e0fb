// The table of a comparison, what it rests on, and the advice.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tools/output/text_table.h"
#include "tools/study/compare/compare_report.h"
#include "tools/study/compare/figures.h"
#include "tools/study/compare/left_undone.h"

namespace blis {
namespace {

// A column for a figure. `rank`: see TextColumn.
struct FigureColumn {
  std::string_view key, heading;
  int rank;
  double scale = 1;
  int decimals = -1;  // -1: three significant digits
};
constexpr FigureColumn kColumns[] = {
    {"median_ttft_ms", "TTFT p50", 5},
    {"p99_ttft_ms", "TTFT p99", 1},
    {"median_tpot_ms", "TPOT p50", 7},
    {"p99_tpot_ms", "TPOT p99", 2},
    {"p99_itl_ms", "ITL p99", 8},
    {"p99_e2el_ms", "E2E p99", 6},
    {"request_throughput", "served/s", 8, 1, 2},
    {"output_throughput", "out tok/s", 4, 1, 0},
    {"output_throughput_per_gpu", "tok/s/GPU", 5, 1, 0},
    {"request_goodput", "good/s", 7, 1, 2},
    {"goodput_attainment", "good %", 3, 100, 1},
    {"failed_share", "failed %", 0, 100, 2},
    {"gpus", "GPUs", 2, 1, 0},
    {"usd_per_hour", "$/h", 3, 1, 2},
    {"usd_per_million_output_tokens", "$/M out", 1},
    {"kv_headroom", "KV free %", 5, 100, 0},
};
constexpr int kExtraRank = 0;
constexpr std::size_t kTrialsShownOf = 4;  // points

std::string three_digits(double value) {
  if (std::abs(value) >= 1000) return fmt::format("{:.0f}", value);
  return fmt::format("{:.3g}", value);
}

std::string cell(const Estimate& value, double scale, int decimals, bool spread) {
  if (std::isnan(value.mean)) return "-";
  const auto format = [&](double x) {
    return decimals < 0 ? three_digits(x * scale) : fmt::format("{:.{}f}", x * scale, decimals);
  };
  if (!spread || !value.has_interval() || value.half_width == 0) return format(value.mean);
  const double half_width = value.half_width * scale;
  return fmt::format(
      "{} ±{}", format(value.mean),
      half_width >= 100 ? fmt::format("{:.0f}", half_width) : fmt::format("{:.2g}", half_width));
}

std::string most_binding(const Row& row) {
  std::string_view best;
  double share = 0;
  for (const CostPartRow& part : kCostParts) {
    const auto figure = figure_index(fmt::format("bound_by_{}", part.name));
    if (!(row.value(figure) > share)) continue;
    share = row.value(figure);
    best = part.name;
  }
  if (share == 0) return "-";
  return fmt::format("{} {:.0f} %", best, 100 * share);
}

// Sentences that rows refer to by number, each once.
class Notes {
 public:
  std::string mark(const std::string& sentence) {
    const auto [at, added] = numbers_.try_emplace(sentence, sentences_.size() + 1);
    if (added) sentences_.push_back(sentence);
    return fmt::format("[{}]", at->second);
  }
  const std::vector<std::string>& sentences() const { return sentences_; }

 private:
  std::map<std::string, std::size_t> numbers_;
  std::vector<std::string> sentences_;
};

class Text {
 public:
  Text(const CompareReport& report, std::size_t width) : report_(report), width_(width) {
    // A search need not show what it did not need.
    for (const std::size_t i : report.order) {
      if (!report.cheapest || report.rows[i].status != Status::not_run) shown_.push_back(i);
    }
  }

  std::string write() {
    add_settings();
    add_verdicts();
    add_searches();
    add_figures();
    std::vector<std::string> bound;
    for (const std::size_t i : shown_) bound.push_back(most_binding(report_.rows[i]));
    columns_.push_back({"bound by", std::move(bound), 6, true});
    const TextTable table = fit_table(std::move(columns_), shown_.size(), width_);
    text_ += table.text;
    paragraphs(table);
    return std::move(text_);
  }

 private:
  template <class F>
  void column(std::string heading, int rank, bool left, F of) {
    TextColumn column{std::move(heading), {}, rank, left};
    for (const std::size_t i : shown_) column.cells.push_back(of(report_.rows[i], report_.points[i]));
    columns_.push_back(std::move(column));
  }

  void add_settings() {
    if (report_.objectives.size() > 1) {
      column("", 0, true, [](const Row& row, const PointResult&) { return row.on_front ? "*" : ""; });
    }
    const std::vector<std::string> keys = varied_keys(report_);
    for (const std::string& key : keys) {
      const bool words =
          !report_.points.empty() &&
          setting_of(report_, report_.points[0], key).find_first_not_of("0123456789.-") != std::string::npos;
      column(short_name(key), 0, words,
             [&](const Row&, const PointResult& point) { return setting_of(report_, point, key); });
    }
    if (keys.empty()) {
      column("scenario", 0, true,
             [&](const Row&, const PointResult& point) { return label(report_, point); });
    }
  }

  void add_verdicts() {
    const bool asked = std::ranges::any_of(report_.rows, [](const Row& row) {
      return row.status != Status::ok || row.verdict != Verdict::none || row.point->stopped_by ||
             row.interrupted || !unanswered(row).empty();
    });
    if (!asked) return;
    column("verdict", 0, true, [&](const Row& row, const PointResult& point) {
      std::string word(row.status == Status::ok ? to_string(row.verdict) : to_string(row.status));
      if (row.status == Status::infeasible) word.append(" ").append(notes_.mark(point.reason));
      if (row.status == Status::overloaded && row.overloaded_runs < point.runs.size()) {
        word += fmt::format(" {}/{}", row.overloaded_runs, point.runs.size());
      }
      if (const std::string note = unanswered(row); !note.empty()) {
        word.append(word.empty() ? "" : " ").append(notes_.mark(note));
      }
      if (point.stopped_by) {
        word += word.empty() ? "" : " ";
        word += notes_.mark(fmt::format(
            "stopped after {} of {} seeds: {} is better in every objective, with every seed so far",
            point.runs.size(), report_.sweep.seeds.size(),
            label(report_, report_.points[*point.stopped_by])));
      }
      if (row.interrupted && row.status != Status::not_run) {
        word += word.empty() ? "" : " ";
        word += notes_.mark(point.search
                                ? "interrupted before its search had ended: its highest rate may be another"
                                : fmt::format("interrupted after {} of {} seeds", point.runs.size(),
                                              report_.sweep.seeds.size()));
      }
      return word;
    });
  }

  void add_searches() {
    if (report_.goal != Goal::max_rate) return;
    const auto rate = [](std::optional<double> value) { return value ? fmt::format("{:.4g}", *value) : "-"; };
    column("max req/s", 0, false,
           [&](const Row&, const PointResult& p) { return p.search ? rate(p.search->met) : "-"; });
    if (has_intervals()) {
      column("surely", 1, false,
             [&](const Row&, const PointResult& p) { return p.search ? rate(p.search->surely_met) : "-"; });
    }
    column("fails at", 2, false,
           [&](const Row&, const PointResult& p) { return p.search ? rate(p.search->fails) : "-"; });
    column("because", 9, true, [&](const Row&, const PointResult& p) {
      if (!p.search || !p.search->fails) return std::string("-");
      for (const RateTrial& trial : p.search->trials) {
        if (trial.rate == *p.search->fails) return trial.failed;
      }
      return std::string("-");
    });
  }

  void add_figures() {
    std::vector<std::size_t> shown;
    const auto add = [&](std::size_t figure, std::string heading, int rank, double scale, int decimals) {
      const bool spread = figure_kinds()[figure].latency || rank == kExtraRank;
      // That nothing failed need not be said.
      const bool nothing_is_usual = figure_kinds()[figure].key == "failed_share";
      const auto known = [&](const Row& row) {
        return nothing_is_usual ? row.value(figure) > 0 : !std::isnan(row.value(figure));
      };
      if (std::ranges::none_of(report_.rows, known) || std::ranges::find(shown, figure) != shown.end())
        return;
      shown.push_back(figure);
      column(std::move(heading), rank, false, [&](const Row& row, const PointResult&) {
        return row.figures.empty() ? "-" : cell(row.figures[figure], scale, decimals, spread);
      });
    };
    std::vector<std::size_t> wanted = report_.objectives;
    wanted.push_back(report_.sort_by);
    for (const PointResult& point : report_.points) {
      for (const SloTarget& target : point.targets) wanted.push_back(figure_index(target.key));
    }
    for (const FigureColumn& c : kColumns) {
      const std::size_t figure = figure_index(c.key);
      // What was asked for stays whatever the width.
      const bool asked = std::ranges::find(wanted, figure) != wanted.end();
      add(figure, std::string(c.heading), asked ? kExtraRank : c.rank, c.scale, c.decimals);
    }
    for (const std::size_t figure : wanted) add(figure, figure_kinds()[figure].key, kExtraRank, 1, -1);
  }

  bool has_intervals() const {
    return std::ranges::any_of(report_.rows, [](const Row& row) {
      return std::ranges::any_of(row.figures, [](const Estimate& e) { return e.has_interval(); });
    });
  }

  void paragraph(const std::string& text, std::size_t indent = 0) {
    text_ += wrap_text(text, width_, indent) + "\n";
  }

  void paragraphs(const TextTable& table) {
    text_ += "\n";
    const std::vector<std::string>& notes = notes_.sentences();
    for (std::size_t i = 0; i < notes.size(); ++i) paragraph(fmt::format("[{}] {}", i + 1, notes[i]), 4);
    if (!table.left_out.empty()) {
      paragraph(fmt::format("Too narrow for: {}. --output-format csv has them all.",
                            fmt::join(table.left_out, ", ")));
    }
    const bool front = std::ranges::any_of(report_.rows, &Row::on_front);
    if (front && report_.objectives.size() > 1) {
      std::vector<std::string> names;
      for (const std::size_t o : report_.objectives) names.push_back(figure_kinds()[o].key);
      paragraph(fmt::format("* on the Pareto front of {}. Times in ms.", fmt::join(names, " and ")));
    }
    how_sure();
    if (report_.interrupted) paragraph(fmt::format("Interrupted: {}.", left_undone(report_)));
    evidence();
    text_ += "\n";
    paragraph(advise(report_).text);
  }

  bool has_several_seeds() const {
    return std::ranges::any_of(report_.points,
                               [](const PointResult& point) { return point.runs.size() > 1; });
  }

  // "3", or "1 to 3 of 3" where some points did not run with all.
  std::string seeds_that_ran() const {
    std::vector<std::size_t> counts;
    for (const PointResult& point : report_.points) {
      if (!point.runs.empty()) counts.push_back(point.runs.size());
    }
    const std::size_t asked = report_.sweep.seeds.size();
    const std::string ran = range_of(counts);
    return ran == std::to_string(asked) ? ran : fmt::format("{} of {}", ran, asked);
  }

  // Which requests of each run do not count.
  std::string warmup_sentence() const {
    std::set<std::uint32_t> left_out;
    for (const PointResult& point : report_.points) {
      for (const Replication& run : point.runs) left_out.insert(run.warmup_requests);
    }
    std::string text;
    if (*left_out.rbegin() > 0) {
      text = *left_out.begin() == *left_out.rbegin()
                 ? fmt::format("The first {} requests of each run are its warm-up and do not count. ",
                               *left_out.begin())
                 : fmt::format("The first {} to {} requests of a run are its warm-up and do not count. ",
                               *left_out.begin(), *left_out.rbegin());
    } else if (report_.warmup) {
      text = "No run has a warm-up that would have to be left out. ";
    }
    if (report_.warmup && report_.warmup->unsettled > 0) {
      text += fmt::format("{} of {} points did not settle within the first half of their run. ",
                          report_.warmup->unsettled, report_.warmup->points);
    }
    return text;
  }

  void how_sure() {
    if (std::ranges::none_of(report_.points, [](const auto& point) { return !point.runs.empty(); })) return;
    std::string text;
    const bool identical =
        std::ranges::any_of(report_.rows, [](const Row& row) { return row.identical_runs; });
    if (identical) {
      text = "Nothing in this workload depends on the seed, so there is no spread to tell. ";
    } else if (report_.sweep.seeds.size() > 1) {
      text = has_several_seeds() ? fmt::format("± is Student's t interval at {:.0f} % over {} seeds. ",
                                               100 * kConfidence, seeds_that_ran())
                                 : "One seed so far, so no confidence interval. ";
    } else {
      text = "One seed, so no confidence interval (--seeds 0..4 gives one). ";
    }
    std::size_t judged = 0, with_error = 0;
    std::set<std::string> unscored;
    bool beyond = false;
    for (const Row& row : report_.rows) {
      if (row.verdict == Verdict::none || row.status != Status::ok) continue;
      ++judged;
      with_error += !row.accuracy.bands.empty();
      beyond = beyond || row.beyond_measurement;
      unscored.insert(row.accuracy.unscored.begin(), row.accuracy.unscored.end());
    }
    if (beyond) {
      text +=
          "At loads where the latency model's error was not measured, what is kept is too close to call. ";
    }
    if (judged > 0 && with_error == 0 && !beyond) {
      text += "Verdicts do not count the latency model's own error, which is not known here. ";
    } else if (with_error > 0) {
      text += fmt::format(
          "Verdicts count the latency model's own error, within which nine of ten measured runs "
          "like them stayed{}. ",
          with_error == judged
              ? ""
              : fmt::format(", at the {} of {} points where it is known", with_error, judged));
      if (!unscored.empty()) {
        text += fmt::format("None had {}: there, the error is not known. ", fmt::join(unscored, " or "));
      }
    }
    std::set<std::string> gpus;
    for (const Row& row : report_.rows) {
      if (!row.accuracy.evidence.empty()) gpus.insert(row.accuracy.evidence);
    }
    if (!gpus.empty()) text += fmt::format("Known of GPUs: {}. ", fmt::join(gpus, "; "));
    text += warmup_sentence();
    text.pop_back();
    paragraph(text);
  }

  void evidence() {
    if (report_.cheapest) {
      const auto feasible = std::ranges::count_if(report_.points, &PointResult::feasible);
      paragraph(fmt::format("Tried {} of the {} points that can exist, from the cheapest on{}.",
                            report_.cheapest->tried.size(), feasible,
                            report_.interrupted ? "" : "; the others, which cost more, were not run"));
    }
    if (report_.goal != Goal::max_rate || report_.points.size() > kTrialsShownOf) return;
    for (const PointResult& point : report_.points) {
      if (!point.search || point.search->trials.empty()) continue;
      text_ += fmt::format("\nRates tried for {}:\n", label(report_, point));
      for (const RateTrial& trial : point.search->trials) {
        text_ += fmt::format("  {:>8.4g} req/s  {}\n", trial.rate,
                             trial.surely ? "kept"
                             : trial.met  ? (has_intervals() ? "kept, closely" : "kept")
                                          : trial.failed);
      }
    }
  }

  const CompareReport& report_;
  const std::size_t width_;
  std::vector<std::size_t> shown_;  // rows
  std::vector<TextColumn> columns_;
  Notes notes_;
  std::string text_;
};

}  // namespace

std::string to_text(const CompareReport& report, std::size_t width) {
  return Text(report, width).write();
}

}  // namespace blis
