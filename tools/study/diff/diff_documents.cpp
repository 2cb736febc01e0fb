#include "tools/study/diff/diff_documents.h"

#include <fmt/format.h>

#include <cmath>

#include "tools/output/json_writer.h"
#include "tools/output/markdown.h"
#include "tools/output/text_table.h"

namespace blis {
namespace {

std::string signed_percent(double share) {
  return std::isfinite(share) ? fmt::format("{:+.2f} %", 100 * share) : "";
}

std::string change_text(const CheckedGate& checked) {
  const double change = checked.result.change;
  if (std::isnan(change)) return "one result has no value";
  return checked.gate.relative ? fmt::format("{:+.2f} %", 100 * change) : fmt::format("{:+.4g}", change);
}

std::string setting(const std::string& value) {
  return value.empty() ? "(not set)" : value;
}

std::vector<TextColumn> figure_columns(const ResultDiff& diff) {
  std::vector<TextColumn> columns{{"figure", {}, 0, true}, {"A", {}, 0, false},
                                  {"B", {}, 0, false},     {"change", {}, 0, false},
                                  {"", {}, 0, false},      {"95 % interval", {}, 1, true}};
  for (const FigureDifference& f : diff.figures) {
    const auto number = [](double value) { return std::isnan(value) ? "-" : fmt::format("{:.6g}", value); };
    columns[0].cells.push_back(f.key);
    columns[1].cells.push_back(number(f.a));
    columns[2].cells.push_back(number(f.b));
    columns[3].cells.push_back(std::isnan(f.change()) ? "-" : fmt::format("{:+.4g}", f.change()));
    columns[4].cells.push_back(signed_percent(f.relative()));
    columns[5].cells.push_back(
        f.interval ? fmt::format("{:+.4g} to {:+.4g}", f.interval->low, f.interval->high) : "");
  }
  return columns;
}

std::string about_pairs(const ResultDiff& diff) {
  return diff.same_traffic ? fmt::format("{} requests paired{}.", diff.paired,
                                         diff.same_arrivals ? "" : "; they arrived at other times")
                           : "The two results are of different requests: nothing is paired.";
}

std::string failures(const std::vector<CheckedGate>& gates) {
  std::string text;
  for (const CheckedGate& checked : gates) {
    if (checked.result.failed)
      text += fmt::format("FAILED {}: {}\n", checked.gate.shown, change_text(checked));
  }
  return text;
}

}  // namespace

std::string to_text(const ResultDiff& diff, const std::vector<CheckedGate>& gates, std::size_t width) {
  std::string text = failures(gates);  // the answer first
  if (!text.empty() && !diff.empty()) text += "\n";
  for (const SettingDifference& s : diff.settings) {
    text += fmt::format("{}: {} -> {}\n", s.key, setting(s.a), setting(s.b));
  }
  if (diff.figures.empty()) return text;
  if (!diff.settings.empty()) text += "\n";
  TextTable table = fit_table(figure_columns(diff), diff.figures.size(), width);
  text += table.text + "\n" + about_pairs(diff) + "\n";
  if (!table.left_out.empty()) {
    text += fmt::format("Left out for the width: {}. --output-format markdown has all columns.\n",
                        fmt::join(table.left_out, ", "));
  }
  return text;
}

std::string to_markdown(const ResultDiff& diff, const std::vector<CheckedGate>& gates) {
  std::string text = failures(gates);
  if (!text.empty()) text = "**" + markdown_escaped(text.substr(0, text.size() - 1)) + "**\n\n";
  for (const SettingDifference& s : diff.settings) {
    text += markdown_escaped(fmt::format("{}: {} -> {}", s.key, setting(s.a), setting(s.b))) + "  \n";
  }
  if (diff.figures.empty()) return text;
  if (!diff.settings.empty()) text += "\n";
  return text + markdown_table(figure_columns(diff), diff.figures.size()) + "\n" + about_pairs(diff) + "\n";
}

std::string to_json(const ResultDiff& diff, const std::vector<CheckedGate>& gates) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", "blis-diff/1").member("equal", diff.empty());
  json.member("same_traffic", diff.same_traffic).member("same_arrivals", diff.same_arrivals);
  json.member("paired_requests", diff.paired);
  json.key("settings").begin_list();
  for (const SettingDifference& s : diff.settings) {
    json.begin_object().member("key", s.key);
    json.key("a").raw(s.a.empty() ? "null" : s.a).key("b").raw(s.b.empty() ? "null" : s.b).end_object();
  }
  json.end_list().key("differences").begin_list();
  for (const FigureDifference& f : diff.figures) {
    json.begin_object().member("key", f.key).member("a", f.a).member("b", f.b);
    json.member("change", f.change()).member("relative", f.relative());
    json.key("low");
    f.interval ? json.value(f.interval->low) : json.raw("null");
    json.key("high");
    f.interval ? json.value(f.interval->high) : json.raw("null");
    json.end_object();
  }
  json.end_list().key("gates").begin_list();
  for (const CheckedGate& checked : gates) {
    json.begin_object().member("condition", checked.gate.shown.substr(checked.gate.shown.find(' ') + 1));
    json.member("change", checked.result.change).member("failed", checked.result.failed).end_object();
  }
  json.end_list().end_object();
  return text + "\n";
}

}  // namespace blis
