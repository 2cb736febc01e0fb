// What pricing one step costs with each latency model.
#include <benchmark/benchmark.h>

#include <array>

#include "roofline/calibrated.h"
#include "roofline/seed_roofline.h"
#include "scenarios/catalog.h"
#include "scenarios/data_folder.h"

namespace blis {
namespace {

void price(benchmark::State& state, const LatencyModel& model, bool mixed) {
  const std::array chunks{PrefillChunk{512, 1024, true}, PrefillChunk{96, 0, false}};
  StepShape shape{.decodes = 64, .decode_tokens = 64, .decode_context = 64 * 1000, .sampled = 64};
  if (mixed) {
    shape.prefills = chunks;
    shape.prefill_tokens = 608;
    shape.sampled = 65;
  }
  for (auto _ : state) {
    shape.window_context = ++shape.decode_context;
    benchmark::DoNotOptimize(model.step(shape).total);
  }
}

const std::string kData = find_data_folder(std::nullopt);

ModelConfig llama() {
  return read_model_config(kData + "/model_configs/llama-3.1-8b-instruct/config.json");
}
Hardware h100() {
  return read_hardware(kData + "/hardware_config.json", "H100-SXM");
}

void BM_Roofline(benchmark::State& state) {
  price(state, SeedRoofline(llama(), h100(), 1), state.range(0) != 0);
}
void BM_Calibrated(benchmark::State& state) {
  price(state, CalibratedModel(llama(), h100(), {}), state.range(0) != 0);
}
BENCHMARK(BM_Roofline)->ArgName("mixed")->Arg(0)->Arg(1);
BENCHMARK(BM_Calibrated)->ArgName("mixed")->Arg(0)->Arg(1);

}  // namespace
}  // namespace blis
