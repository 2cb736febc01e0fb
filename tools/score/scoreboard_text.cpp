#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tools/score/scoreboard.h"

namespace blis {
namespace {

constexpr std::array kColumns{Metric::ttft_mean, Metric::ttft_p90,         Metric::ttft_p99,
                              Metric::e2e_mean,  Metric::e2e_p90,          Metric::e2e_p99,
                              Metric::tpot_mean, Metric::output_throughput};

std::string signed_percent(double value) {
  return std::isfinite(value) ? fmt::format("{:+.1f}", value) : "-";
}

std::string header(std::string_view first) {
  std::string text = fmt::format("{:<48}", first);
  for (const Metric m : kColumns) {
    text += fmt::format("{:>10}", m == Metric::output_throughput ? "tokens/s" : name_of(m));
  }
  return text + "\n";
}

void append_run(const CaseOutcome& c, bool by_stage, std::string& text) {
  const bool has_pool = pooled(c) != nullptr;
  if (!has_pool) text += c.measured->id.substr(0, 47) + "\n";
  for (const StageOutcome& stage : c.stages) {
    if (stage.index >= 0 && has_pool && !by_stage) continue;
    std::string label = c.measured->id.substr(0, 44);
    if (stage.index >= 0) label = fmt::format("  stage {}", stage.index);
    if (c.measured->overload) label += " *";
    if (stage.doubtful != MetricMarks{}) label += " ?";
    text += fmt::format("{:<48}", label);
    for (const Metric m : kColumns) text += fmt::format("{:>10}", signed_percent(signed_error(stage, m)));
    text += fmt::format("  load {:.2f}\n", stage.load);
  }
}

void append_cases(const Scoreboard& board, bool by_stage, std::string& text) {
  bool runs = false, curves = false;
  for (const CaseOutcome& c : board.cases) {
    if (c.measured->is_curve() || !c.problem.empty()) continue;
    if (!runs)
      text +=
          "Runs: error in percent, pooled over stages (*: overloaded, not in the summary; ?: figures known "
          "to be "
          "doubtful)\n" +
          header("run");
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
                        signed_percent(curve_error(c, Metric::tpot_mean)),
                        signed_percent(curve_error(c, Metric::ttft_mean)), c.measured->judged() ? "" : "  -");
    if (!by_stage) continue;
    for (const PointOutcome& p : c.points) {
      text += fmt::format(
          "  concurrency {:>5}: tpot {:8.2f} measured {:8.2f} ms, ttft {:8.1f} measured {:8.1f} ms\n",
          p.concurrency, p.predicted_tpot, p.measured_tpot, p.predicted_ttft, p.measured_ttft);
    }
  }
}

// What became of the cases, and why some were not simulated.
void append_coverage(const Scoreboard& board, std::string& text) {
  bool problems = false;
  for (const CaseOutcome& c : board.cases) {
    if (c.problem.empty()) continue;
    if (!problems) text += "\nNot simulated\n";
    problems = true;
    text += fmt::format("{:<56}  {}: {}\n", c.measured->id.substr(0, 55), to_string(c.coverage), c.problem);
  }
  const CoverageCount n = count_coverage(board.cases);
  text += fmt::format(
      "\nCases: {} scored, {} refused although they ran ({} of them with every argument stated), {} not "
      "expressible, {} unreadable\n",
      n.scored, n.refused, n.refused_as_stated, n.not_expressible, n.unreadable);
  if (n.shortened > 0) {
    text += fmt::format("Of the scored, {} fit only with the shortest max_model_len their requests allow\n",
                        n.shortened);
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

void append_kv(const Scoreboard& board, std::string& text) {
  if (board.kv.empty()) return;
  text += "\nKV capacity, tokens: logged, predicted, error in percent (?: known to be doubtful)\n";
  std::vector<double> complete, sound;
  for (const KvOutcome& kv : board.kv) {
    std::string logged = fmt::format("{:.0f}", kv.measured);
    if (kv.measured == 0) logged = fmt::format("{:.0f} to {:.0f}", kv.at_least, kv.at_most);
    const double error = kv_error(kv);
    text += fmt::format("  {:<44}{:<18}{:>18}{:>12.0f}{:>8}{}{}\n", kv.id.substr(0, 43), kv.gpu, logged,
                        kv.predicted, signed_percent(error),
                        kv.doubtful   ? " ?"
                        : kv.complete ? ""
                                      : " -",
                        kv.problem.empty() ? "" : "  " + kv.problem);
    if (kv.doubtful || !std::isfinite(error)) continue;
    sound.push_back(error);
    if (kv.complete) complete.push_back(error);
  }
  const ErrorSummary all = summarize_errors(sound), known = summarize_errors(complete);
  text +=
      fmt::format("  median error {:.1f} % of {} sound logs; of the {} complete ones (no mark) {:.1f} %\n",
                  all.median_ape, all.count, known.count, known.median_ape);
}

void append_bands(const Scoreboard& board, std::string& text) {
  const auto is_told = [](const BandTest& t) { return t.figures > t.silent; };
  if (std::ranges::none_of(board.tested, is_told)) return;
  text += "\nBands that promise nine of ten, each model family on a GPU left out in turn\n";
  for (const BandTest& t : board.tested) {
    if (!is_told(t)) continue;
    text += fmt::format(
        "  {:<18}{:>4} figures, {:>3} without a band; {:5.1f} % inside; half-width {:6.1f} % (median), error "
        "{:5.1f} %\n",
        t.metric, t.figures, t.silent, t.inside_pct, t.median_width_pct, t.median_error_pct);
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
  append_coverage(board, text);
  append_summary(board, text);
  append_peers(board, text);
  append_ranking(board, text);
  append_kv(board, text);
  append_bands(board, text);
  if (!board.left_out.empty()) {
    text += "\nConstants that have not seen what they are scored on\n" + to_text(board.left_out);
  }
  return text;
}

}  // namespace blis
