// What a step, an admission and a block cost. Read the ratios: between batch sizes, and between
// prompts of one run and of many.
#include <benchmark/benchmark.h>

#include "sim/event_queue.h"
#include "sim/vllm/scheduler.h"

namespace blis {
namespace {

SchedulerConfig roomy() {
  SchedulerConfig config;
  config.max_num_seqs = 2048;
  config.max_num_batched_tokens = 1 << 20;
  config.max_model_len = 1 << 20;
  config.num_blocks = 1 << 30;  // costs nothing: they are one extent
  return config;
}

// One schedule() and update() of a batch that only decodes, in steady state.
void decode_step(benchmark::State& state, bool run_ahead) {
  Scheduler scheduler(roomy(), {.run_ahead = run_ahead});
  RequestSpec spec;
  spec.prompt_tokens = 500;
  spec.output_tokens = 1 << 19;
  for (RequestIndex i = 0; i < static_cast<RequestIndex>(state.range(0)); ++i) {
    scheduler.enqueue(scheduler.create(i, spec, i));
  }
  Decision decision;
  StepOutput output;
  scheduler.schedule(decision);
  scheduler.update(decision, output);
  for (auto _ : state) {
    scheduler.schedule(decision);
    scheduler.update(decision, output);
    benchmark::DoNotOptimize(decision.tokens);
  }
}
void BM_DecodeStep(benchmark::State& state) {
  decode_step(state, true);
}
void BM_DecodeStepPlain(benchmark::State& state) {
  decode_step(state, false);
}
BENCHMARK(BM_DecodeStep)->Arg(8)->Arg(64)->Arg(1024)->Iterations(400'000);
BENCHMARK(BM_DecodeStepPlain)->Arg(8)->Arg(1024)->Iterations(4'000);

// A prompt of 8,192 tokens in so many runs, looked up, admitted and freed, the cache being warm.
void BM_AdmitAndRelease(benchmark::State& state) {
  KvCache kv(kv_config(roomy()));
  const auto runs = static_cast<int>(state.range(0));
  std::vector<ContentRun> prompt;
  for (int i = 0; i < runs; ++i) prompt.push_back({static_cast<ContentId>(i + 1), 8192 / runs});
  for (auto _ : state) {
    const SequenceIndex s = kv.open(prompt, 8192, kPrivateContent, 0);
    const int hit = kv.lookup(s, 8192);
    benchmark::DoNotOptimize(kv.admit(s, {.known_tokens = 8192, .new_tokens = 8192 - hit}));
    kv.release(s);
    kv.close(s);
  }
}
BENCHMARK(BM_AdmitAndRelease)->Arg(1)->Arg(16)->Arg(256);

void BM_EventQueueHold(benchmark::State& state) {
  EventQueue events(static_cast<std::size_t>(state.range(0)));
  for (std::int64_t i = 0; i < state.range(0); ++i) events.push({Time{Duration{i}}, EventKind::plan, 0});
  for (auto _ : state) {
    Event event = events.pop();
    event.at += Duration{state.range(0)};
    events.push(event);
  }
}
BENCHMARK(BM_EventQueueHold)->Arg(2)->Arg(64)->Arg(1024);

}  // namespace
}  // namespace blis
