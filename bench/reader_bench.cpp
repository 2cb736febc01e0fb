// What a row of a trace, and a generated request, cost.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "workloads/workload.h"

namespace blis {
namespace {

// A trace of so many rows in a file of its own.
class TraceFile {
 public:
  TraceFile(const char* name, int rows, std::string header, std::string (*row)(int)) {
    path_ = (std::filesystem::temp_directory_path() / name).string();
    std::FILE* file = std::fopen(path_.c_str(), "w");
    std::string text = std::move(header);
    for (int i = 0; i < rows; ++i) text += row(i);
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
  }
  ~TraceFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void drain(benchmark::State& state, const WorkloadSpec& spec) {
  std::int64_t requests = 0;
  for (auto _ : state) {
    const auto source = open_workload(spec);
    RequestSpec request;
    while (source->next(request)) ++requests;
  }
  state.SetItemsProcessed(requests);
}

void BM_AzureRows(benchmark::State& state) {
  const TraceFile file(
      "blis_bench_azure.csv", 100'000, "TIMESTAMP,ContextTokens,GeneratedTokens\n", [](int i) {
        char row[64];
        std::snprintf(row, sizeof row, "2023-11-16 %02d:%02d:%02d.%07d,%d,%d\n", i / 36'000, i / 600 % 60,
                      i / 10 % 60, i % 10 * 1'000'000, 100 + i % 3000, 1 + i % 500);
        return std::string(row);
      });
  WorkloadSpec spec;
  TraceSpec trace;
  trace.path = file.path();
  spec.kind = trace;
  drain(state, spec);
}
BENCHMARK(BM_AzureRows)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace blis
