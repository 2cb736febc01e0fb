// The headline of a run as Markdown, for a page or a message.
#include <fmt/format.h>

#include <cmath>

#include "tools/output/markdown.h"
#include "tools/report/documents.h"
#include "tools/report/headline.h"
#include "tools/report/replicas.h"

namespace blis {
namespace {

std::string limits_table(const Headline& answer) {
  std::vector<TextColumn> columns{{"SLO", {}, 0, true}, {"verdict", {}, 0, true}, {"value", {}, 0, true}};
  for (const LimitVerdict& limit : answer.limits) {
    columns[0].cells.push_back(condition(limit.target));
    columns[1].cells.emplace_back(to_string(limit.verdict));
    columns[2].cells.push_back(held_against(limit));
  }
  return markdown_table(columns, answer.limits.size());
}

std::string latency_table(const Headline& answer) {
  std::vector<TextColumn> columns{{"ms", {}, 0, true}, {"mean", {}}, {"median", {}},
                                  {"p90", {}},         {"p95", {}},  {"p99", {}}};
  const auto number = [](double value) {
    return std::isnan(value) ? std::string("n/a") : fmt::format("{:.2f}", value);
  };
  for (const auto& [name, stats] : answer.latencies) {
    columns[0].cells.emplace_back(name);
    const double values[] = {stats.mean, stats.median, stats.p90, stats.p95, stats.p99};
    for (std::size_t i = 0; i < std::size(values); ++i) columns[i + 1].cells.push_back(number(values[i]));
  }
  return markdown_table(columns, answer.latencies.size());
}

}  // namespace

std::string to_markdown(const RunReport& report) {
  const Headline answer = headline(report);
  std::string text =
      "## " + markdown_escaped(answer.deployment) + "\n\n" + markdown_escaped(answer.traffic) + "\n";
  if (!answer.unserved.empty()) text += "\n**Not served:** " + markdown_escaped(answer.unserved) + "\n";
  if (!answer.limits.empty()) {
    text += fmt::format("\n**SLO: {}**\n\n{}", to_string(answer.verdict), limits_table(answer));
  }
  text += "\n" + latency_table(answer) + "\n";
  for (const auto& [name, value] : answer.rates)
    text += fmt::format("- {}: {}\n", name, markdown_escaped(value));
  if (const auto replicas = replica_figures(report); !replicas.empty()) {
    text += "\n```text\n" + replicas_text(replicas) + "```\n";
  }
  if (!answer.accuracy.empty()) text += "\n" + markdown_escaped(answer.accuracy) + ".\n";
  for (const std::string& warning : report.warnings)
    text += "\nWarning: " + markdown_escaped(warning) + ".\n";
  return text;
}

}  // namespace blis
