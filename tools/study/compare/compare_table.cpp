#include "tools/study/compare/compare_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tools/study/compare/evidence.h"
#include "tools/study/compare/figures.h"

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

class Table {
 public:
  explicit Table(const CompareReport& report) : report_(report) {
    // A search need not show what it did not need.
    for (const std::size_t i : report.order) {
      if (!report.cheapest || report.rows[i].status != Status::not_run) shown_.push_back(i);
    }
  }

  CompareTable make() {
    add_settings();
    add_verdicts();
    add_searches();
    add_figures();
    if (!report_.columns.chosen() || report_.columns.all || report_.columns.bound_by) {
      column("bound by", 6, true, [](const Row& row, const PointResult&) { return most_binding(row); });
    }
    if (report_.columns.chosen()) {
      for (TextColumn& column : columns_) column.rank = kExtraRank;
    }
    return {std::move(columns_), shown_.size(), notes_.sentences()};
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
    if (has_intervals(report_)) {
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
    const auto add = [&](std::size_t figure, std::string heading, int rank, double scale, int decimals,
                         bool named = false) {
      const bool spread = figure_kinds()[figure].latency || rank == kExtraRank;
      // That nothing failed need not be said.
      const bool nothing_is_usual = figure_kinds()[figure].key == "failed_share";
      const auto known = [&](const Row& row) {
        return nothing_is_usual ? row.value(figure) > 0 : !std::isnan(row.value(figure));
      };
      if (!named && std::ranges::none_of(report_.rows, known)) return;
      if (std::ranges::find(shown, figure) != shown.end()) return;
      shown.push_back(figure);
      column(std::move(heading), rank, false, [&](const Row& row, const PointResult&) {
        return row.figures.empty() ? "-" : cell(row.figures[figure], scale, decimals, spread);
      });
    };
    for (const std::size_t figure : report_.columns.figures) {
      const auto known = std::ranges::find(kColumns, figure_kinds()[figure].key, &FigureColumn::key);
      if (known == std::end(kColumns)) {
        add(figure, figure_kinds()[figure].key, kExtraRank, 1, -1, true);
      } else {
        add(figure, std::string(known->heading), kExtraRank, known->scale, known->decimals, true);
      }
    }
    if (report_.columns.chosen() && !report_.columns.all) return;
    const std::vector<std::size_t> wanted = wanted_figures();
    for (const FigureColumn& c : kColumns) {
      const std::size_t figure = figure_index(c.key);
      // What was asked for stays whatever the width.
      const bool asked = std::ranges::find(wanted, figure) != wanted.end();
      add(figure, std::string(c.heading), asked ? kExtraRank : c.rank, c.scale, c.decimals);
    }
    for (const std::size_t figure : wanted) add(figure, figure_kinds()[figure].key, kExtraRank, 1, -1);
  }

  // Those that somebody asked about.
  std::vector<std::size_t> wanted_figures() const {
    std::vector<std::size_t> wanted = report_.objectives;
    for (const SortKey& key : report_.sort_by) {
      if (key.setting.empty()) wanted.push_back(key.figure);
    }
    for (const PointResult& point : report_.points) {
      for (const SloTarget& target : point.targets) wanted.push_back(figure_index(target.key));
    }
    return wanted;
  }

  const CompareReport& report_;
  std::vector<std::size_t> shown_;  // rows
  std::vector<TextColumn> columns_;
  Notes notes_;
};

}  // namespace

std::string three_digits(double value) {
  if (std::abs(value) >= 1000) return fmt::format("{:.0f}", value);
  return fmt::format("{:.3g}", value);
}

CompareTable compare_table(const CompareReport& report) {
  return Table(report).make();
}

}  // namespace blis
