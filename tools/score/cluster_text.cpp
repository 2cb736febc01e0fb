// What is found out about clusters, for people and for programs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/output/json_writer.h"
#include "tools/score/cluster_score.h"

namespace blis {
namespace {

std::size_t place_of(std::string_view figure) {
  return static_cast<std::size_t>(std::ranges::find(kClusterFigures, figure) - kClusterFigures.begin());
}

// "0.12" of seconds, "11688" of tokens a second.
std::string number(double value) {
  return value < 1000 ? fmt::format("{:.3g}", value) : fmt::format("{:.0f}", value);
}

// "0.12 to 0.14": the least and the most of the seeds.
std::string range(const ClusterOutcome& outcome, std::size_t stage, std::size_t figure) {
  double least = INFINITY, most = -INFINITY;
  for (const ClusterRun& run : outcome.runs) {
    least = std::min(least, run.stages[stage][figure]);
    most = std::max(most, run.stages[stage][figure]);
  }
  const std::string low = number(least), high = number(most);
  return low == high ? low : low + " to " + high;
}

void append_stages(const ClusterOutcome& outcome, std::string& text) {
  const ClusterLoad& load = outcome.measured.load;
  text += "    requests/s   measured (simulated, by seed)\n";
  for (std::size_t s = 0; s < load.stages.size(); ++s) {
    if (load.stages[s].warm_up) continue;
    text += fmt::format("    {:>10}", load.stages[s].rate);
    for (const std::string& name : outcome.measured.score) {
      const std::size_t figure = place_of(name);
      const double measured = load.stages[s].measured[figure];
      const std::string shown =
          fmt::format("{} ({})", std::isfinite(measured) ? number(measured) : "-", range(outcome, s, figure));
      text += fmt::format("   {:<28}", shown);
    }
    while (text.back() == ' ') text.pop_back();
    text += '\n';
  }
}

}  // namespace

std::string to_text(const std::vector<ClusterOutcome>& outcomes, bool by_stage) {
  std::string text = "Clusters: median absolute error in percent over load points, a figure for each seed\n";
  for (const ClusterOutcome& outcome : outcomes) {
    text += fmt::format("{}\n", outcome.measured.id);
    if (!outcome.problem.empty()) {
      text += fmt::format("  not simulated: {}\n", outcome.problem);
      continue;
    }
    for (const std::string& name : outcome.measured.score) {
      const std::vector<double> errors = errors_by_seed(outcome, place_of(name));
      text += fmt::format("  {:<22}", name);
      for (const double error : errors) text += fmt::format("{:>7.1f}", error);
      text += fmt::format("   worst {:.1f}\n", std::ranges::max(errors));
    }
    text += fmt::format("  {:<22}", "mean ITL, ms");
    for (const ClusterRun& run : outcome.runs) text += fmt::format("{:>7.1f}", run.itl_ms);
    text += '\n';
    if (by_stage) append_stages(outcome, text);
  }
  return text;
}

std::string to_json(const std::vector<ClusterOutcome>& outcomes) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", "blis-cluster-accuracy/1").key("cases").begin_list();
  for (const ClusterOutcome& outcome : outcomes) {
    json.begin_object().member("id", outcome.measured.id);
    if (!outcome.problem.empty()) {
      json.member("problem", outcome.problem).end_object();
      continue;
    }
    json.key("median_ape_by_seed").begin_object();
    for (const std::string& name : outcome.measured.score) {
      json.key(name).begin_list(true);
      for (const double error : errors_by_seed(outcome, place_of(name))) json.value(error);
      json.end_list();
    }
    json.end_object();
    json.key("itl_ms_by_seed").begin_list(true);
    for (const ClusterRun& run : outcome.runs) json.value(run.itl_ms);
    json.end_list().key("stages").begin_list();
    const ClusterLoad& load = outcome.measured.load;
    for (std::size_t s = 0; s < load.stages.size(); ++s) {
      if (load.stages[s].warm_up) continue;
      json.begin_object().member("rate", load.stages[s].rate);
      for (const std::string& name : outcome.measured.score) {
        const std::size_t figure = place_of(name);
        json.key(name).begin_object().member("measured", load.stages[s].measured[figure]);
        json.key("by_seed").begin_list(true);
        for (const ClusterRun& run : outcome.runs) json.value(run.stages[s][figure]);
        json.end_list().end_object();
      }
      json.end_object();
    }
    json.end_list().end_object();
  }
  json.end_list().end_object();
  return text + "\n";
}

}  // namespace blis
