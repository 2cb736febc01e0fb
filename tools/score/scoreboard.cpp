#include "tools/score/scoreboard.h"

#include <algorithm>
#include <iterator>

#include "tools/output/json_writer.h"

namespace blis {
namespace {

void write_errors(JsonWriter& json, const ErrorSummary& e) {
  json.begin_object()
      .member("count", static_cast<std::int64_t>(e.count))
      .member("median_ape", e.median_ape)
      .member("mean_ape", e.mean_ape)
      .member("within_10pct", e.within_10pct)
      .member("median_signed", e.median_signed)
      .end_object();
}

void write_stage(JsonWriter& json, const StageOutcome& stage) {
  json.begin_object().member("stage_index", stage.index).member("load", stage.load);
  for (std::size_t m = 0; m < kMetrics; ++m) {
    const double measured = stage.measured.values[m], predicted = stage.predicted.values[m];
    if (!std::isfinite(measured)) continue;
    json.key(kMetricNames[m])
        .begin_object()
        .member("predicted", predicted)
        .member("measured", measured)
        .member("signed_pct", signed_error_pct(predicted, measured));
    if (stage.doubtful.marked[m]) json.member("doubtful", true);
    json.end_object();
  }
  json.end_object();
}

void write_case(JsonWriter& json, const CaseOutcome& c) {
  const MeasuredCase& m = *c.measured;
  json.begin_object()
      .member("id", m.id)
      .member("family", m.family)
      .member("model", m.model)
      .member("gpu", c.gpu)
      .member("moe", c.moe)
      .member("kind", m.is_curve() ? "curve" : "run")
      .member("page", m.page)
      .member("format", c.format)
      .member("release", c.release)
      .member("coverage", to_string(c.coverage))
      .member("shortened", c.shortened)
      .member("simulatable", m.simulatable)
      .member("overload", m.overload);
  if (!c.problem.empty()) json.member("problem", c.problem);
  json.key("not_simulated").begin_list(true);
  for (const std::string& note : m.notes) json.value(note);
  json.end_list();
  if (m.is_curve()) {
    json.member("tpot_mean_median_ape", curve_ape(c, Metric::tpot_mean))
        .member("ttft_mean_median_ape", curve_ape(c, Metric::ttft_mean));
    json.key("points").begin_list();
    for (const PointOutcome& p : c.points) {
      json.begin_object()
          .member("concurrency", p.concurrency)
          .member("predicted_tpot_ms", p.predicted_tpot)
          .member("measured_tpot_ms", p.measured_tpot)
          .member("predicted_ttft_ms", p.predicted_ttft)
          .member("measured_ttft_ms", p.measured_ttft)
          .end_object();
    }
    json.end_list();
  } else {
    json.key("stages").begin_list();
    for (const StageOutcome& stage : c.stages) write_stage(json, stage);
    json.end_list();
  }
  json.end_object();
}

void write_peers(JsonWriter& json, const std::vector<PeerComparison>& peers) {
  json.key("peers").begin_list();
  for (const PeerComparison& peer : peers) {
    json.begin_object()
        .member("simulator", peer.simulator)
        .member("in_sample", peer.in_sample)
        .member("runs", static_cast<std::int64_t>(peer.runs));
    for (const PeerComparison::Row& row : peer.rows) {
      json.key(name_of(row.metric)).begin_object().key("theirs");
      write_errors(json, row.theirs);
      json.key("ours");
      write_errors(json, row.ours);
      json.end_object();
    }
    json.end_object();
  }
  json.end_list();
}

}  // namespace

Scoreboard make_scoreboard(std::vector<CaseOutcome> outcomes, std::span<const std::string> folders) {
  Scoreboard board;
  board.cases = std::move(outcomes);
  board.summary = summarize_groups(board.cases);
  for (const std::string& folder : folders) {
    std::ranges::move(compare_with_peers(folder, board.cases), std::back_inserter(board.peers));
  }
  board.ranking = rank_pairs(board.cases);
  return board;
}

std::string to_json(const Scoreboard& board) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", "blis-accuracy/1");
  json.key("cases").begin_list();
  for (const CaseOutcome& c : board.cases) write_case(json, c);
  json.end_list();
  const CoverageCount n = count_coverage(board.cases);
  json.key("coverage")
      .begin_object()
      .member("scored", n.scored)
      .member("shortened", n.shortened)
      .member("refused", n.refused)
      .member("refused_as_stated", n.refused_as_stated)
      .member("not_expressible", n.not_expressible)
      .member("unreadable", n.unreadable)
      .end_object();
  json.key("summary").begin_object();
  for (const GroupSummary& group : board.summary) {
    json.key(group.group).begin_object();
    for (const MetricSummary& m : group.metrics) {
      json.key(name_of(m.metric));
      write_errors(json, m.errors);
    }
    json.end_object();
  }
  json.end_object();
  write_peers(json, board.peers);
  json.key("ranking").begin_list();
  for (const Ranking& r : board.ranking) {
    json.begin_object()
        .member("differs_in", r.differs_in)
        .member("metric", name_of(r.metric))
        .member("right", static_cast<std::int64_t>(r.right))
        .member("tied", static_cast<std::int64_t>(r.tied))
        .member("wrong", static_cast<std::int64_t>(r.wrong))
        .end_object();
  }
  json.end_list();
  json.key("kv").begin_list();
  for (const KvOutcome& kv : board.kv) {
    json.begin_object()
        .member("id", kv.id)
        .member("gpu", kv.gpu)
        .member("complete", kv.complete)
        .member("doubtful", kv.doubtful)
        .member("predicted_tokens", kv.predicted);
    if (kv.measured > 0) json.member("measured_tokens", kv.measured).member("signed_pct", kv_error(kv));
    if (kv.at_most > 0) json.member("at_least_tokens", kv.at_least).member("at_most_tokens", kv.at_most);
    if (!kv.problem.empty()) json.member("problem", kv.problem);
    json.end_object();
  }
  json.end_list();
  json.key("bands").begin_list();
  for (const BandTest& t : board.tested) {
    json.begin_object()
        .member("metric", t.metric)
        .member("figures", t.figures)
        .member("silent", t.silent)
        .member("inside_pct", t.inside_pct)
        .member("median_width_pct", t.median_width_pct)
        .member("median_error_pct", t.median_error_pct)
        .end_object();
  }
  json.end_list();
  json.key("left_out").begin_list();
  for (const LeftOut& out : board.left_out) {
    json.begin_object().member("what", out.what).key("refitted").begin_object();
    for (const auto& [key, value] : out.refitted) json.member(key, value);
    json.end_object();
    for (const MetricSummary& m : out.metrics) {
      json.key(name_of(m.metric));
      write_errors(json, m.errors);
    }
    json.end_object();
  }
  json.end_list();
  json.end_object();
  return text + "\n";
}

}  // namespace blis
