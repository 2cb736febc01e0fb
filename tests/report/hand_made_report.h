// A report with figures that can be worked out on paper.
#pragma once

#include <chrono>

#include "tools/simulate/report.h"

namespace blis {

// Summarizes the run once more, as it is now.
inline void count(RunReport& report, const MetricsOptions& options = {}) {
  report.steps = StepSummary(options);
  report.steps.finish(report.run);
  report.metrics = summarize(report.run, report.steps);
  report.saturation = assess_saturation(report.run, options);
}

// Three requests on one engine with a step every 10 ms: the first gets tokens in steps 1 to 4, the
// second one token in step 2, and the third is too long.
inline RunReport hand_made_report() {
  using std::chrono::milliseconds;
  RunReport report;
  report.scenario.name = "hand-made";
  report.scenario.model = "toy";
  report.engine = "toy on 1x GPU";
  EngineResult engine;
  engine.num_blocks = 100;
  for (int i = 0; i < 6; ++i) {
    StepRecord step;
    step.start = Time{milliseconds{10 * i}};
    step.end = step.start + milliseconds{10};
    step.used_blocks = 10 * i;
    step.running = 2;
    step.waiting = i == 0 ? 4 : 0;
    step.decodes = i >= 2 && i <= 4;
    step.prefills = i == 1 || i == 2;
    step.prefill_tokens = 100 * step.prefills;
    step.steady = i >= 2 && i <= 4;
    engine.steps.push_back(step);
  }
  const auto request = [&](int arrival_ms, StepIndex first, StepIndex last) {
    RequestRecord r;
    r.arrival = r.visible = r.queued = Time{milliseconds{arrival_ms}};
    r.scheduled = r.started = engine.steps[first].start;
    r.prefill = engine.steps[first].end - r.started;
    r.first_token = engine.steps[first].end;
    r.last_token = engine.steps[last].end;
    r.input_tokens = 100;
    r.output_tokens = static_cast<std::int32_t>(last - first + 1);
    r.outcome = Outcome::completed;
    r.tokens = {first, last, ~0u};
    return r;
  };
  RequestRecord too_long;
  too_long.arrival = Time{milliseconds{16}};
  too_long.input_tokens = 1 << 20;
  too_long.outcome = Outcome::too_long;
  report.run.requests = {request(5, 1, 4), request(15, 2, 2), too_long};
  report.run.engines.push_back(std::move(engine));
  count(report);
  return report;
}

}  // namespace blis
