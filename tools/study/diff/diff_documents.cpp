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

std::string six_digits(double value) {
  return std::isnan(value) ? "-" : fmt::format("{:.6g}", value);
}

std::string setting(const std::string& value) {
  return value.empty() ? "(not set)" : value;
}

std::vector<TextColumn> figure_columns(const ResultDiff& diff) {
  std::vector<TextColumn> columns{{"figure", {}, 0, true}, {"A", {}, 0, false},
                                  {"B", {}, 0, false},     {"change", {}, 0, false},
                                  {"", {}, 0, false},      {"95 % interval", {}, 1, true}};
  for (const FigureDifference& f : diff.figures) {
    columns[0].cells.push_back(f.key);
    columns[1].cells.push_back(six_digits(f.a));
    columns[2].cells.push_back(six_digits(f.b));
    columns[3].cells.push_back(std::isnan(f.change()) ? "-" : fmt::format("{:+.4g}", f.change()));
    columns[4].cells.push_back(signed_percent(f.relative()));
    columns[5].cells.push_back(
        f.interval ? fmt::format("{:+.4g} to {:+.4g}", f.interval->low, f.interval->high) : "");
  }
  return columns;
}

// Figures of both beside the measured ones, each with its error.
std::vector<TextColumn> error_columns(const AgainstMeasured& against) {
  std::vector<TextColumn> columns{{"figure", {}, 0, true},   {"A", {}, 1, false},
                                  {"B", {}, 1, false},       {"measured", {}, 0, false},
                                  {"error A", {}, 0, false}, {"error B", {}, 0, false}};
  for (const MeasuredFigure& f : against.figures) {
    columns[0].cells.push_back(f.key);
    columns[1].cells.push_back(six_digits(f.a));
    columns[2].cells.push_back(six_digits(f.b));
    columns[3].cells.push_back(six_digits(f.measured));
    columns[4].cells.push_back(signed_percent(f.error_a()));
    columns[5].cells.push_back(signed_percent(f.error_b()));
  }
  return columns;
}

// That what was measured is another load than what was simulated.
std::string measured_traffic(const AgainstMeasured& against) {
  const std::string difference = traffic_difference(against.traffic);
  return difference.empty()
             ? std::string()
             : fmt::format("B and {} are of different traffic, in {}.", against.name, difference);
}

std::string about_pairs(const ResultDiff& diff) {
  if (diff.same_arrivals) return fmt::format("{} requests paired.", diff.paired);
  if (diff.same_traffic) return fmt::format("{} requests paired; they arrived at other times.", diff.paired);
  const std::string difference = traffic_difference(diff.traffic);
  return fmt::format("The two results are of different requests: nothing is paired. {}.",
                     difference.empty() ? "Their number, mean lengths and rate are the same"
                                        : fmt::format("They differ in {}", difference));
}

std::string failures(const std::vector<CheckedGate>& gates) {
  std::string text;
  for (const CheckedGate& checked : gates) {
    if (checked.result.failed)
      text += fmt::format("FAILED {}: {}\n", checked.gate.shown, change_text(checked));
  }
  return text;
}

std::string table_of(std::vector<TextColumn> columns, std::size_t rows, std::size_t width) {
  const TextTable table = fit_table(std::move(columns), rows, width);
  if (table.left_out.empty()) return table.text;
  return table.text + fmt::format("Left out for the width: {}. --output-format markdown has all columns.\n",
                                  fmt::join(table.left_out, ", "));
}

void write_traffic(JsonWriter& json, const std::vector<TrafficRow>& rows) {
  json.key("traffic").begin_list();
  for (const TrafficRow& row : rows) {
    json.begin_object().member("key", row.key).member("a", row.a).member("b", row.b);
    json.member("differs", row.differs).end_object();
  }
  json.end_list();
}

void write_measured(JsonWriter& json, const std::optional<AgainstMeasured>& against) {
  json.key("measured");
  if (!against) {
    json.raw("null");
    return;
  }
  json.begin_object().member("name", against->name);
  json.key("notes").begin_list();
  for (const std::string& note : against->notes) json.value(note);
  json.end_list();
  write_traffic(json, against->traffic);
  json.member("latencies", against->latencies);
  json.member("mean_error_a", against->mean_a).member("mean_error_b", against->mean_b);
  json.key("figures").begin_list();
  for (const MeasuredFigure& f : against->figures) {
    json.begin_object().member("key", f.key).member("a", f.a).member("b", f.b);
    json.member("measured", f.measured);
    json.member("error_a", f.error_a()).member("error_b", f.error_b()).end_object();
  }
  json.end_list().end_object();
}

}  // namespace

std::string to_text(const ResultDiff& diff, const std::vector<CheckedGate>& gates, std::size_t width) {
  std::string text = failures(gates);  // the answer first
  if (!text.empty() && !diff.empty()) text += "\n";
  for (const SettingDifference& s : diff.settings) {
    text += fmt::format("{}: {} -> {}\n", s.key, setting(s.a), setting(s.b));
  }
  if (diff.measured) {
    if (!text.empty()) text += "\n";
    text += wrap_text(which_is_nearer(*diff.measured), width, 0) + "\n";
    if (const std::string warning = measured_traffic(*diff.measured); !warning.empty())
      text += wrap_text(warning, width, 0) + "\n";
    text += "\n" + table_of(error_columns(*diff.measured), diff.measured->figures.size(), width);
  }
  if (diff.figures.empty()) return text;
  if (!text.empty()) text += "\n";
  text += table_of(figure_columns(diff), diff.figures.size(), width);
  return text + "\n" + wrap_text(about_pairs(diff), width, 0) + "\n";
}

std::string to_markdown(const ResultDiff& diff, const std::vector<CheckedGate>& gates) {
  std::string text = failures(gates);
  if (!text.empty()) text = "**" + markdown_escaped(text.substr(0, text.size() - 1)) + "**\n\n";
  for (const SettingDifference& s : diff.settings) {
    text += markdown_escaped(fmt::format("{}: {} -> {}", s.key, setting(s.a), setting(s.b))) + "  \n";
  }
  if (diff.measured) {
    if (!text.empty()) text += "\n";
    text += markdown_escaped(which_is_nearer(*diff.measured) + " " + measured_traffic(*diff.measured)) +
            "\n\n" + markdown_table(error_columns(*diff.measured), diff.measured->figures.size());
  }
  if (diff.figures.empty()) return text;
  if (!text.empty()) text += "\n";
  return text + markdown_table(figure_columns(diff), diff.figures.size()) + "\n" + about_pairs(diff) + "\n";
}

std::string to_json(const ResultDiff& diff, const std::vector<CheckedGate>& gates) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", "blis-diff/1").member("equal", diff.empty());
  json.member("same_traffic", diff.same_traffic).member("same_arrivals", diff.same_arrivals);
  json.member("paired_requests", diff.paired);
  write_traffic(json, diff.traffic);
  write_measured(json, diff.measured);
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
