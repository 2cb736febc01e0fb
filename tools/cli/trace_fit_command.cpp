// blis trace fit: a synthetic workload that mimics a trace.
#include <fmt/format.h>

#include <filesystem>
#include <sstream>

#include "blis/error.hpp"
#include "scenarios/scenario.h"
#include "tools/cli/commands.h"
#include "tools/cli/flag_overrides.h"
#include "tools/cli/trace_input.h"
#include "tools/output/messages.h"
#include "tools/output/output_stream.h"
#include "tools/simulate/load_likeness.h"
#include "workloads/workload_fit.h"

namespace blis {
namespace {

// `text` as comment lines of at most 100 columns, all but the first indented.
std::string comment(const std::string& text) {
  constexpr std::size_t kWidth = 100;
  std::string result;
  std::string line = "#  ";
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (line.size() + 1 + word.size() > kWidth) {
      result += line + "\n";
      line = "#    ";
    }
    line += " " + word;
  }
  return result + line + "\n";
}

std::string fitted_scenario(const WorkloadFit& fit, const std::string& trace, const std::string& path) {
  std::string text = fmt::format("# Traffic like that of {}, made by `blis trace fit`. To use it:\n", trace);
  const std::string name = path == "-" ? "FILE.yaml" : path;
  text += fmt::format("#   blis run {} --model MODEL --gpu GPU\n", name);
  text += fmt::format("#   blis trace synth {} --to timed -o copy.jsonl\n# How near it comes:\n", name);
  for (const std::string& sentence : fit.goodness) text += comment(sentence);
  const std::string folder = path == "-" ? "" : std::filesystem::path(path).parent_path().string();
  return text + to_yaml(fit.workload, folder);
}

// On the deployment that the flags describe, or else on a usual one.
void add_latencies(const Invocation& invocation, WorkloadFit& fit) {
  std::vector<Override> overrides{{"version", "1", "blis trace fit"},
                                  {"workload.kind", "trace", "blis trace fit"},
                                  {"workload.path", invocation.arguments[0], "blis trace fit"},
                                  {"model", "llama-3.1-8b-instruct", "blis trace fit"},
                                  {"hardware.gpu", "H100", "blis trace fit"}};
  for (Override& override : overrides_of(invocation)) overrides.push_back(std::move(override));
  for (std::string& sentence : load_likeness(parse_settings("", "trace", "", overrides), fit.original,
                                             fit.workload, catalog_of(invocation)))
    fit.goodness.push_back(std::move(sentence));
}

}  // namespace

ExitCode trace_fit_command(const Invocation& invocation) {
  const WorkloadSpec workload = trace_workload(invocation);
  const auto& trace = std::get<TraceSpec>(workload.kind);
  const bool parametric = invocation.has("parametric");
  const bool piped = trace.path == "-";
  if (!parametric && piped) {
    throw InputError(ErrorKind::usage,
                     Problem{.message = "what is fitted sends the trace's own rows, which must lie in a file",
                             .hint = "--parametric fits distributions instead"});
  }
  const std::string path = invocation.value_of("output", "-");
  WorkloadFit fit = fit_workload(trace, {.parametric = parametric});
  if (piped) {
    fit.goodness.emplace_back("latencies: not compared, as standard input cannot be read twice");
  } else {
    add_latencies(invocation, fit);
  }
  OutputStream out(path);
  out << fitted_scenario(fit, invocation.arguments[0], path);
  out.finish();
  print_warnings(invocation, fit.warnings);
  if (path != "-" && !invocation.has("quiet")) {
    for (const std::string& sentence : fit.goodness) say(sentence);
  }
  return ExitCode::ok;
}

}  // namespace blis
