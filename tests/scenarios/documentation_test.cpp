// The examples of docs/scenarios.md and docs/workloads.md are scenarios, or parts of one.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/build.h"
#include "scenarios/document.h"
#include "sim/fleet/simulation.h"

namespace blis {
namespace {

std::vector<std::string> examples(const std::string& name = "scenarios.md") {
  const std::string page = read_file(std::string(BLIS_SOURCE_DIR) + "/docs/" + name, "page");
  constexpr std::string_view kBegin = "```yaml\n", kEnd = "```";
  std::vector<std::string> blocks;
  for (std::size_t at = 0; (at = page.find(kBegin, at)) != std::string::npos;) {
    at += kBegin.size();
    blocks.push_back(page.substr(at, page.find(kEnd, at) - at));
  }
  return blocks;
}

TEST(Documentation, EveryExampleReadsAndBuilds) {
  std::vector<std::string> blocks = examples();
  EXPECT_GE(blocks.size(), 4u);
  std::ranges::move(examples("fleet.md"), std::back_inserter(blocks));
  for (const std::string& block : blocks) {
    const ScenarioSettings s =
        parse_settings(block, "docs/scenarios.md", std::string(BLIS_SOURCE_DIR) + "/scenarios");
    EXPECT_NO_THROW(build(s, Catalog(BLIS_SOURCE_DIR))) << block;
  }
}

// An example of docs/workloads.md with what it leaves to the reader: the scenario around a workload, the
// workload around an arrival process.
std::string completed(const std::string& block) {
  std::string text = "version: 1\nmodel: llama-3.1-8b-instruct\nhardware: { gpu: H100 }\n";
  if (block.find("kind: synthetic") == std::string::npos && block.find("kind: trace") == std::string::npos) {
    text +=
        "workload:\n  kind: synthetic\n  num_requests: 50\n"
        "  input_tokens: { distribution: constant, value: 100 }\n"
        "  output_tokens: { distribution: constant, value: 5 }\n";
    std::istringstream lines(block);
    for (std::string line; std::getline(lines, line);) text += "  " + line + "\n";
    return text;
  }
  return text + block;
}

// Enough of it to see it run.
void shorten(SyntheticSpec& synthetic) {
  if (synthetic.num_requests) synthetic.num_requests = std::min<std::int64_t>(*synthetic.num_requests, 200);
  if (synthetic.duration_s) synthetic.duration_s = std::min(*synthetic.duration_s, 20.0);
}
void shorten(TraceSpec& trace) {
  trace.limit = 100;
}

TEST(Documentation, EveryWorkloadRuns) {
  const std::vector<std::string> blocks = examples("workloads.md");
  EXPECT_GE(blocks.size(), 18u);
  for (const std::string& block : blocks) {
    SCOPED_TRACE(block);
    ScenarioSettings s = parse_settings(completed(block), "docs/workloads.md", BLIS_SOURCE_DIR "/scenarios");
    std::visit([](auto& spec) { shorten(spec); }, s.workload.spec.kind);
    BuiltSimulation built = build(s, Catalog(BLIS_SOURCE_DIR));
    const RunResult run = simulate(built.config, *built.source);
    EXPECT_GT(run.requests.size(), 0u);
    for (const RequestRecord& request : run.requests) EXPECT_NE(request.outcome, Outcome::unfinished);
  }
}

// What a workload can do is what its documentation shows.
TEST(Documentation, TheWorkloadExamplesUseEveryKey) {
  std::string page;
  for (const std::string& block : examples("workloads.md")) page += block;
  for (const char* const key : {"on_off",
                                "random",
                                "mmpp",
                                "diurnal",
                                "piecewise",
                                "repeat_s",
                                "exact",
                                "stages",
                                "servegen",
                                "zipf",
                                "empirical",
                                "lognormal",
                                "uniform",
                                "exponential",
                                "lengths_path",
                                "clients",
                                "share",
                                "priority",
                                "slo_class",
                                "timeout_s",
                                "prefix",
                                "prompts",
                                "session",
                                "turns",
                                "think_time_s",
                                "max_context_tokens",
                                "max_concurrency",
                                "closed_loop",
                                "ramp_up_s",
                                "at_once",
                                "warmup",
                                "time_scale",
                                "start_s",
                                "end_s",
                                "limit",
                                "dither_ms",
                                "within_input",
                                "gamma",
                                "weibull",
                                "poisson",
                                "constant",
                                "normalized_exponential"}) {
    EXPECT_NE(page.find(key), std::string::npos) << key;
  }
}

TEST(Documentation, TheLongExampleHasEveryKeyOfItsParts) {
  const ScenarioSettings s = parse_settings(examples().at(1), "docs/scenarios.md", "");
  // What a written copy has beyond it are the keys of a trace that few need.
  const ScenarioSettings bare = parse_settings(
      "{version: 1, model: m, hardware: {gpu: g}, workload: {kind: trace, path: p}}", "bare.yaml", "");
  std::string missing;
  const std::string copy = to_yaml(bare, "");
  for (const char* const part : {"engine", "latency", "hardware", "router"}) {
    std::size_t at = copy.find(std::string("\n") + part + ":\n") + 1;
    at = copy.find('\n', at) + 1;
    while (copy.compare(at, 2, "  ") == 0) {
      const std::size_t end = copy.find('\n', at);
      if (copy[at + 2] != ' ') {
        const std::string key = copy.substr(at + 2, copy.find(':', at) - at - 2);
        if (examples().at(1).find(key + ":") == std::string::npos) missing += key + " ";
      }
      at = end + 1;
    }
  }
  EXPECT_EQ(missing, "");
}

}  // namespace
}  // namespace blis
