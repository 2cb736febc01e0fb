#include <fmt/format.h>

#include <array>

#include "tools/score/scoreboard.h"

namespace blis {
namespace {

constexpr std::array kColumns{Metric::ttft_mean, Metric::ttft_p90, Metric::ttft_p99, Metric::e2e_mean,
                              Metric::e2e_p90,   Metric::e2e_p99,  Metric::tpot_mean};

std::string percent(double value) {
  return std::isfinite(value) ? fmt::format("{:+.1f}", value) : "-";
}

std::string header(std::string_view first) {
  std::string text = fmt::format("{:<48}", first);
  for (const Metric m : kColumns) text += fmt::format("{:>10}", name_of(m));
  return text + "\n";
}

void append_run(const CaseOutcome& c, bool by_stage, std::string& text) {
  for (const StageOutcome& stage : c.stages) {
    if (stage.index >= 0 && !by_stage) continue;
    std::string label = c.measured->id.substr(0, 44);
    if (stage.index >= 0) label = fmt::format("  stage {}", stage.index);
    if (c.measured->overload) label += " *";
    text += fmt::format("{:<48}", label);
    for (const Metric m : kColumns) text += fmt::format("{:>10}", percent(signed_error(stage, m)));
    text += fmt::format("{:>10}", percent(signed_error(stage, Metric::output_throughput)));
    text += fmt::format("  load {:.2f}\n", c.load);
  }
}

void append_cases(const Scoreboard& board, bool by_stage, std::string& text) {
  bool runs = false, curves = false;
  for (const CaseOutcome& c : board.cases) {
    if (c.measured->is_curve() || !c.problem.empty()) continue;
    if (!runs)
      text +=
          "Runs: error in percent, pooled over stages (*: overloaded, not in the summary)\n" + header("run");
    runs = true;
    append_run(c, by_stage, text);
  }
  for (const CaseOutcome& c : board.cases) {
    if (!c.measured->is_curve() || !c.problem.empty()) continue;
    if (!curves) {
      text += fmt::format(
          "\nCurves: median error of their points in percent (-: not judged)\n{:<56}{:>10}{:>10}\n", "curve",
          "tpot", "ttft");
    }
    curves = true;
    text += fmt::format("{:<56}{:>10}{:>10}{}\n", c.measured->id.substr(0, 55),
                        percent(curve_error(c, Metric::tpot_mean)),
                        percent(curve_error(c, Metric::ttft_mean)), c.measured->judged() ? "" : "  -");
    if (!by_stage) continue;
    for (const PointOutcome& p : c.points) {
      text += fmt::format(
          "  concurrency {:>5}: tpot {:8.2f} measured {:8.2f} ms, ttft {:8.1f} measured {:8.1f} ms\n",
          p.concurrency, p.predicted_tpot, p.measured_tpot, p.predicted_ttft, p.measured_ttft);
    }
  }
  bool problems = false;
  for (const CaseOutcome& c : board.cases) {
    if (c.problem.empty()) continue;
    if (!problems) text += "\nNot simulated\n";
    problems = true;
    text += fmt::format("{:<56}  {}\n", c.measured->id.substr(0, 55), c.problem);
  }
}

void append_summary(const Scoreboard& board, std::string& text) {
  text += "\nAbsolute percentage error: median / mean / share within 10 %, and signed median\n";
  for (const GroupSummary& group : board.summary) {
    text += group.group + "\n";
    for (const MetricSummary& m : group.metrics) {
      text += fmt::format("  {:<18}{:>4} cases  {:6.1f} / {:6.1f} / {:3.0f} %   {:+.1f}\n", name_of(m.metric),
                          m.errors.count, m.errors.median_ape, m.errors.mean_ape, 100 * m.errors.within_10pct,
                          m.errors.median_signed);
    }
  }
}

void append_peers(const Scoreboard& board, std::string& text) {
  if (board.peers.empty()) return;
  text += "\nOther simulators on the same runs: their median error, ours\n" + header("simulator");
  for (const PeerComparison& peer : board.peers) {
    text += fmt::format("{:<48}", fmt::format("{} ({} runs{})", peer.simulator, peer.runs,
                                              peer.in_sample ? ", in-sample" : ""));
    for (const Metric m : kColumns) {
      std::string cell = "-";
      for (const PeerComparison::Row& row : peer.rows) {
        if (row.metric == m) cell = fmt::format("{:.0f}|{:.1f}", row.theirs.median_ape, row.ours.median_ape);
      }
      text += fmt::format("{:>10}", cell);
    }
    text += "\n";
  }
}

void append_ranking(const Scoreboard& board, std::string& text) {
  if (board.ranking.empty()) return;
  text += fmt::format("\nOrder of pairs whose measurements differ by more than {} %\n", kRankingGapPct);
  for (const Ranking& r : board.ranking) {
    text += fmt::format("  {:<20} {:<10} {:>4} right {:>4} predicted ties {:>4} wrong\n", r.differs_in,
                        name_of(r.metric), r.right, r.tied, r.wrong);
  }
}

}  // namespace

std::string to_text(const Scoreboard& board, bool by_stage) {
  std::string text;
  append_cases(board, by_stage, text);
  append_summary(board, text);
  append_peers(board, text);
  append_ranking(board, text);
  if (!board.left_out.empty()) {
    text += "\nConstants that have not seen what they are scored on\n" + to_text(board.left_out);
  }
  return text;
}

}  // namespace blis
