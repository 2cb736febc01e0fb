// blis diff: what changed from one result to another.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>

#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/output/json_writer.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/output/text_table.h"
#include "tools/study/diff/gate.h"
#include "tools/study/diff/measured_result.h"
#include "tools/study/diff/paired.h"

namespace blis {
namespace {

struct CheckedGate {
  Gate gate;
  GateResult result;
};

std::string signed_percent(double share) {
  return std::isfinite(share) ? fmt::format("{:+.2f} %", 100 * share) : "";
}

std::string change_text(const CheckedGate& checked) {
  const double change = checked.result.change;
  if (std::isnan(change)) return "one result has no value";
  return checked.gate.relative ? fmt::format("{:+.2f} %", 100 * change) : fmt::format("{:+.4g}", change);
}

std::string text_of(const ResultDiff& diff, const std::vector<CheckedGate>& gates) {
  std::string text;
  for (const SettingDifference& s : diff.settings) {
    const auto shown = [](const std::string& value) { return value.empty() ? "(not set)" : value; };
    text += fmt::format("{}: {} -> {}\n", s.key, shown(s.a), shown(s.b));
  }
  if (!diff.figures.empty()) {
    if (!text.empty()) text += "\n";
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
    text += fit_table(std::move(columns), diff.figures.size(), table_width()).text;
    text += diff.same_traffic ? fmt::format("\n{} requests paired{}.\n", diff.paired,
                                            diff.same_arrivals ? "" : "; they arrived at other times")
                              : "\nThe two results are of different requests: nothing is paired.\n";
  }
  for (const CheckedGate& checked : gates) {
    if (checked.result.failed)
      text += fmt::format("FAILED {}: {}\n", checked.gate.shown, change_text(checked));
  }
  return text;
}

std::string json_of(const ResultDiff& diff, const std::vector<CheckedGate>& gates) {
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

// A folder of ours, or a file that some load generator wrote.
StoredResult result_at(const std::string& path) {
  return std::filesystem::is_regular_file(path) ? read_measured(path) : read_result(path);
}

void print_notes(const Invocation& invocation, const StoredResult& result) {
  if (invocation.has("quiet")) return;
  std::vector<std::string> notes;
  for (const std::string& note : result.notes) notes.push_back(result.folder + ": " + note);
  say_warnings(notes);
}

}  // namespace

ExitCode diff_command(const Invocation& invocation) {
  const bool as_json = json_wanted(invocation);
  std::vector<Gate> gates;
  for (const Given* given : invocation.all("fail-on")) gates.push_back(parse_gate(given->value));
  const StoredResult a = result_at(invocation.arguments[0]), b = result_at(invocation.arguments[1]);
  const ResultDiff diff = diff_results(a, b);
  std::vector<CheckedGate> checked;
  bool failed = false;
  for (Gate& gate : gates) {
    const GateResult result = check_gate(gate, a, b);
    failed = failed || result.failed;
    checked.push_back({std::move(gate), result});
  }
  if (!invocation.has("quiet") && !diff.settings.empty() && !diff.same_traffic) {
    std::fputs("warning: the two results are of different requests\n", stderr);
  }
  print_notes(invocation, a);
  print_notes(invocation, b);
  if (as_json) {
    write_to_stdout(json_of(diff, checked));
  } else {
    show(text_of(diff, checked));
  }
  return failed ? ExitCode::gate_failed : ExitCode::ok;
}

}  // namespace blis
