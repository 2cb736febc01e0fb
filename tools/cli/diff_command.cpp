// blis diff: what changed from one result to another.
#include <cstdio>
#include <filesystem>

#include "blis/error.hpp"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"
#include "tools/output/text_table.h"
#include "tools/study/diff/diff_documents.h"
#include "tools/study/diff/measured_result.h"
#include "tools/study/diff/paired.h"

namespace blis {
namespace {

// A folder of ours, or a file that some load generator wrote.
StoredResult result_at(const std::string& path) {
  return std::filesystem::is_regular_file(path) ? read_measured(path) : read_result(path);
}

using DiffWriter = std::string (*)(const ResultDiff&, const std::vector<CheckedGate>&);
DiffWriter diff_writer(const Invocation& invocation) {
  const std::string format = invocation.value_of("output-format", "text");
  if (format == "text") {
    return [](const ResultDiff& diff, const std::vector<CheckedGate>& gates) {
      return to_text(diff, gates, table_width());
    };
  }
  if (format == "json") return to_json;
  if (format == "markdown") return to_markdown;
  throw InputError(ErrorKind::usage, Problem{.place = {"--output-format " + format},
                                             .message = "there is no such output format here",
                                             .expected = "text, json or markdown",
                                             .got = format});
}

void print_notes(const Invocation& invocation, const StoredResult& result) {
  if (invocation.has("quiet")) return;
  std::vector<std::string> notes;
  for (const std::string& note : result.notes) notes.push_back(result.folder + ": " + note);
  say_warnings(notes);
}

}  // namespace

ExitCode diff_command(const Invocation& invocation) {
  const DiffWriter write = diff_writer(invocation);
  std::vector<Gate> gates;
  for (const Given* given : invocation.all("fail-on")) gates.push_back(parse_gate(given->value));
  const StoredResult a = result_at(invocation.arguments[0]), b = result_at(invocation.arguments[1]);
  ResultDiff diff = diff_results(a, b);
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
  if (const Given* const given = invocation.find("measured")) {
    const StoredResult measured = read_measured(given->value);
    print_notes(invocation, measured);
    diff.measured = against_measured(a, b, measured);
  }
  show(write(diff, checked));
  return failed ? ExitCode::gate_failed : ExitCode::ok;
}

}  // namespace blis
