// The table of a comparison, what it rests on, and the advice.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tools/output/text_table.h"
#include "tools/study/compare/caveats.h"
#include "tools/study/compare/compare_report.h"
#include "tools/study/compare/effects.h"
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
    {"kv_usage_peak", "KV peak %", 5, 100, 0},
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
    if (const std::vector<std::string> sentences = caveats(report_); !sentences.empty()) {
      paragraph(fmt::format("{}", fmt::join(sentences, " ")));
    }
    if (report_.interrupted) paragraph(fmt::format("Interrupted: {}.", left_undone(report_)));
    evidence();
    effects();
    text_ += "\n";
    paragraph(advise(report_).text);
  }

  void evidence() {
    if (report_.cheapest) {
      const auto feasible = std::ranges::count_if(report_.points, &PointResult::feasible);
      paragraph(fmt::format("Tried {} of the {} points that can exist, from the cheapest on{}.",
                            report_.cheapest->tried.size(), feasible,
                            report_.interrupted ? "" : "; the others, which cost more, were not run"));
    }
    if (report_.goal != Goal::max_rate) return;
    paragraph(
        "Rates are those at which requests (of sessions: sessions) are sent; served/s counts answers until "
        "the last one is there, and is lower.");
    for (const PointResult& point : report_.points) {
      if (point.search) length_sentence(point);
    }
    if (report_.points.size() > kTrialsShownOf) return;
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

  // Of one setting the table itself shows what it does.
  void effects() {
    if (report_.goal != Goal::compare) return;
    const std::size_t figure = report_.objectives[0];
    const std::vector<Effect> effects = main_effects(report_, figure);
    if (varied_keys(report_).size() < 2 || effects.empty()) return;
    text_ += fmt::format("\nWhat each setting does to {}, as means over the others:\n",
                         figure_kinds()[figure].key);
    std::size_t widest = 0;
    for (const Effect& effect : effects) widest = std::max(widest, effect.setting.size());
    for (const Effect& effect : effects) {
      std::string line = fmt::format("  {:<{}}  {:>4.0f} %  ", effect.setting, widest, 100 * effect.spread());
      for (const Effect::At& at : effect.at) line += fmt::format(" {}: {};", at.value, three_digits(at.mean));
      line.back() = ' ';
      paragraph(line + fmt::format(" (over {} combinations)", effect.combinations), widest + 13);
    }
  }

  // Whether the answer depends on how long the run is.
  void length_sentence(const PointResult& point) {
    const RateSearch& search = *point.search;
    if (search.lengths.empty()) {
      if (point.runs.empty()) return;
      const auto& figures = point.runs.front().figures;
      paragraph(fmt::format(
          "{}: this is said by {:.0f} requests. With more of such traffic a backlog has longer to grow, and "
          "the rate is often lower (`blis trace fit` makes traffic of any length of a trace).",
          label(report_, point), figures[figure_index("completed")] + figures[figure_index("failed")]));
      return;
    }
    if (search.lengths.size() < 2) return;
    std::string answers;
    for (const RateAtLength& length : search.lengths) {
      answers += fmt::format("{}{} with {} requests", answers.empty() ? "" : ", ",
                             length.met ? fmt::format("{:.4g}", *length.met) : "none", length.requests);
    }
    paragraph(fmt::format(
        "{}: {} ({}).", label(report_, point),
        search.steady ? "longer runs find the same rate" : "the rate still depends on the length of the run",
        answers));
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
