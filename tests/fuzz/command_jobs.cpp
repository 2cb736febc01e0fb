#include "tests/fuzz/command_jobs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

namespace blis::fuzz {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// In an order that is the same everywhere.
std::vector<fs::path> files_below(const fs::path& folder, std::string_view ending) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().filename().string().ends_with(ending))
      paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

std::vector<std::string> contents_below(const fs::path& folder, std::string_view ending) {
  std::vector<std::string> all;
  for (const fs::path& path : files_below(folder, ending)) all.push_back(content(path));
  return all;
}

// What follows each `start` of a file of examples, up to the next.
std::vector<std::string> examples(const fs::path& path, std::string_view start) {
  const std::string text = content(path);
  std::vector<std::string> all;
  for (std::size_t at = text.find(start); at != std::string::npos;) {
    const std::size_t next = text.find(start, at + 1);
    all.push_back(
        text.substr(at + start.size(), next == std::string::npos ? next : next - at - start.size()));
    at = next;
  }
  return all;
}

constexpr std::string_view kScenario =
    "version: 1\nmodel: llama-3.1-8b-instruct\nhardware: { gpu: H100 }\nworkload:\n  kind: synthetic\n  "
    "num_requests: 20\n"
    "  arrival: { process: gamma, request_rate: 4, cv: 2 }\n  input_tokens: { distribution: lognormal, mean: "
    "300, cv: 1 }\n"
    "  output_tokens: { distribution: uniform, low: 1, high: 30 }\n  prefix: { groups: 3, tokens: 64 }\n";
constexpr std::string_view kSessions =
    "version: 1\nmodel: llama-3.1-8b-instruct\nhardware: { gpu: H100 }\nengine: { max_num_seqs: 8, "
    "max_model_len: 4096 }\n"
    "workload:\n  kind: synthetic\n  num_requests: 20\n  max_concurrency: 4\n  arrival: { process: "
    "closed_loop }\n"
    "  input_tokens: { distribution: constant, value: 100 }\n  output_tokens: { distribution: constant, "
    "value: 8 }\n"
    "  session: { turns: { distribution: constant, value: 3 }, think_time_s: { distribution: constant, "
    "value: 1 } }\n"
    "replicas: 2\nrouter: { policy: session }\nslo: { ttft_ms: 500 }\n";
constexpr std::string_view kSweep =
    "version: 1\nscenario: s.yaml\nvary:\n  engine.tensor_parallel_size: [1, 2]\n  "
    "workload.arrival.request_rate: [1, 4]\nseeds: 2\n";

std::vector<std::string> configs(const fs::path& source) {
  std::vector<std::string> all;
  for (const fs::path& path : files_below(source / "model_configs", "config.json")) {
    if (path.filename() == "config.json") all.push_back(content(path));
  }
  return all;
}

}  // namespace

std::vector<Job> list_jobs(const std::string& source_folder, const std::string& result_folder) {
  const fs::path source = source_folder, result = result_folder, tests = source / "tests";
  std::vector<std::string> scenarios{std::string(kScenario), std::string(kSessions)};
  for (std::string& seed : contents_below(source / "scenarios", ".yaml"))
    scenarios.push_back(std::move(seed));
  const File scenario{"s.yaml", scenarios};
  const File small{"s.yaml", {std::string(kScenario), std::string(kSessions)}};
  const File sweep{"sweep.yaml", {std::string(kSweep)}};
  const File model{"config.json", configs(source)};
  const File vectors{"vectors.json",
                     {content(tests / "conform" / "edges.json"), content(tests / "conform" / "found.json")}};
  const File deployment{"d.yaml", examples(tests / "import" / "deployments.txt", "### ")};
  const File benchmark{"bench.json", contents_below(tests / "workloads" / "fixtures", ".json")};
  const File catalog{"hardware_config.json", {content(source / "hardware_config.json")}};

  std::vector<Job> jobs{
      {{"validate", "s.yaml"}, {scenario}},
      {{"run", "s.yaml", "--set", "workload.num_requests=20", "-q"}, {small}},
      {{"run", "s.yaml", "-q", "--output-format", "json"}, {small}},
      {{"run", "s.yaml", "-q", "-o", "out", "--timeline", "t.json"}, {small}},
      {{"compare", "s.yaml", "--vary", "tp=1,2", "--jobs", "1", "-q"}, {small}},
      {{"compare", "sweep.yaml", "--jobs", "2", "-q"}, {sweep, small}},
      {{"compare", "s.yaml", "--find", "max-rate", "--slo", "p99_ttft_ms=500", "-q"}, {small}},
      {{"model", "config.json", "--gpu", "H100"}, {model}},
      {{"model", "config.json", "--output-format", "json", "--kv-memory-gib", "40"}, {model}},
      {{"step", "--model", "config.json", "--gpu", "H100"}, {model}},
      {{"validate", "config.json"}, {model}},
      {{"validate", "hardware_config.json"}, {catalog}},
      {{"conform", "vectors.json"}, {vectors}},
      {{"validate", "vectors.json"}, {vectors}},
      {{"import", "d.yaml"}, {deployment}},
      {{"calibrate", "s.yaml", "bench.json", "-q"}, {benchmark, small}},
      {{"diff", "result", "result"}, {{"result/requests.csv", {content(result / "requests.csv")}}}},
  };
  for (const char* const name : {"result.json", "requests.csv", "series.json", "meta.json"}) {
    jobs.push_back({{"report", "result", "-o", "out.html"},
                    {{std::string("result/") + name, {content(result / name)}}}});
    jobs.push_back({{"explain", "result"}, {{std::string("result/") + name, {content(result / name)}}}});
  }
  std::vector<std::string> traces;
  for (const auto& entry : fs::directory_iterator(tests / "workloads" / "fixtures"))
    traces.push_back(entry.path());
  std::ranges::sort(traces);
  for (const std::string& path : traces) {
    const std::string name = "trace" + fs::path(path).extension().string();
    const File trace{name, {content(path)}};
    jobs.push_back(
        {{"replay", name, "--model", "llama-3.1-8b-instruct", "--gpu", "H100", "--limit", "50", "-q"},
         {trace}});
    jobs.push_back({{"replay", name, "--model", "llama-3.1-8b-instruct", "--gpu", "H100", "--skip-bad-rows",
                     "-q", "-o", "out"},
                    {trace}});
    jobs.push_back({{"validate", name}, {trace}});
    jobs.push_back({{"trace", "inspect", name}, {trace}});
    jobs.push_back({{"trace", "convert", name, "--to", "timed", "-o", "out.jsonl"}, {trace}});
    jobs.push_back({{"trace", "fit", name}, {trace}});
  }
  for (std::string& line : examples(tests / "import" / "commands.txt", "\n$ ")) {
    line = line.substr(0, line.find('\n'));
    jobs.push_back({{"bench", line, "--gpu", "H100", "--num-prompts", "10"}, {}});
  }
  return jobs;
}

}  // namespace blis::fuzz
