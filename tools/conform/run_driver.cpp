#include "tools/conform/run_driver.h"

#include <algorithm>
#include <deque>
#include <set>
#include <stdexcept>

#include "tools/conform/conversations.h"

namespace blis::conform {
namespace {

constexpr int kIdleSteps = 3;  // steps in which nothing can happen before a run is given up

class Driver {
 public:
  Driver(const VectorScenario& scenario, SchedulerUnderTest& scheduler, const RunOptions& options,
         RunTrace& trace)
      : scenario_(scenario),
        scheduler_(scheduler),
        options_(options),
        trace_(trace),
        conversations_(scenario.requests) {
    for (const VectorRequest& r : scenario.requests) to_come_.push_back(&r);
    std::stable_sort(to_come_.begin(), to_come_.end(), [](const VectorRequest* a, const VectorRequest* b) {
      return a->arrival_step < b->arrival_step;
    });
  }

  void run() {
    int idle = 0;
    while (!to_come_.empty() || scheduler_.unfinished() > 0 || !in_flight_.empty()) {
      const StepTrace& step = one_step();
      const bool scheduled = !step.decision.tokens.empty();
      const bool goes_on = scheduled || !in_flight_.empty() || !step.decision.preempted.empty() ||
                           anyone_loads(step) || waits_for_grammar();
      idle = goes_on ? 0 : idle + 1;
      ++k_;
      const bool nothing = !scheduled && in_flight_.empty() && !to_come_.empty();
      if (nothing && scheduler_.running_queue().empty() && scheduler_.waiting_queue().empty()) {
        k_ = std::max(k_, to_come_.front()->arrival_step);
        idle = 0;
      }
      if (idle > kIdleSteps || k_ > options_.max_steps) {
        throw std::runtime_error("no progress at step " + std::to_string(k_) + " (a request cannot fit?)");
      }
    }
    if (scheduler_.free_blocks() != scenario_.config.scheduler.num_blocks - 1) {
      throw std::runtime_error("block leak: " + std::to_string(scheduler_.free_blocks()) +
                               " blocks free at the end");
    }
  }

  void note_outcomes() {
    trace_.stats = scheduler_.stats();
    for (const VectorRequest& r : scenario_.requests) {
      if (!created_.contains(r.id)) continue;
      const RequestState state = scheduler_.request(r.id);
      trace_.requests[r.id] = {state.num_out, state.preemptions, std::max(state.cached_tokens, 0)};
    }
  }

 private:
  bool waits_for_grammar() const {
    return std::ranges::any_of(scenario_.requests, [&](const VectorRequest& r) {
      return r.grammar_ready_step > k_ && created_.contains(r.id) && !aborted_.contains(r.id);
    });
  }

  bool anyone_loads(const StepTrace& step) const {
    return std::any_of(step.skipped_queue.begin(), step.skipped_queue.end(), [&](const std::string& id) {
      return scheduler_.request(id).status == "WAITING_FOR_REMOTE_KVS";
    });
  }

  const StepTrace& one_step() {
    while (!to_come_.empty() && to_come_.front()->arrival_step <= k_) {
      const VectorRequest& r = *to_come_.front();
      scheduler_.create(conversations_.start(r.id));
      created_.insert(r.id);
      scheduler_.add(r.id);
      to_come_.pop_front();
    }
    for (const VectorRequest& r : scenario_.requests) {
      const bool now = r.abort_step >= 0 && r.abort_step <= k_ && created_.contains(r.id);
      if (now && aborted_.insert(r.id).second) scheduler_.finish(r.id, "FINISHED_ABORTED");
      const bool compiled =
          r.grammar_ready_step >= 0 && r.grammar_ready_step <= k_ && created_.contains(r.id);
      if (compiled && compiled_.insert(r.id).second) scheduler_.grammar_compiled(r.id);
    }
    if (std::ranges::find(scenario_.config.reset_steps, k_) != scenario_.config.reset_steps.end()) {
      scheduler_.reset_prefix_cache(scenario_.config.reset_running_requests);
    }
    StepTrace step;
    step.step = k_;
    const bool anyone = scheduler_.unfinished() > 0;
    scheduler_.at_step(k_);
    step.decision = scheduler_.schedule(k_ % scenario_.config.prefill_schedule_interval != 0);
    step.free_blocks = scheduler_.free_blocks();
    step.evicted_total = scheduler_.evicted_blocks();
    step.running_queue = scheduler_.running_queue();
    step.waiting_queue = scheduler_.waiting_queue();
    step.skipped_queue = scheduler_.skipped_queue();
    if (options_.with_blocks) {
      for (const std::string& id : step.running_queue) step.blocks[id] = scheduler_.blocks(id);
      step.free_order = scheduler_.free_order();
    }
    const bool scheduled = !step.decision.tokens.empty();
    const bool holds_slot =
        scheduled || (scenario_.config.scheduler.behaviour.queue_holds_empty_batches && anyone);
    if (holds_slot) in_flight_.push_back(step.decision);
    const auto depth = static_cast<std::size_t>(scenario_.config.scheduler.batch_queue_size);
    trace_.steps.push_back(std::move(step));
    StepTrace& kept = trace_.steps.back();
    if (!in_flight_.empty() && (in_flight_.size() >= depth || !holds_slot)) {
      kept.finished = update(in_flight_.front());
      in_flight_.pop_front();
      for (const std::string& id : kept.finished) trace_.finish_step[id] = k_;
    }
    return kept;
  }

  std::vector<std::string> update(const NamedDecision& decision) {
    ModelOutput output;
    for (const auto& [id, drafts] : decision.drafts) {
      output.accepted[id] = std::min(drafts, scenario_.config.spec_accept);
    }
    std::map<std::string, int> outputs_before;
    for (const auto& [id, tokens] : decision.tokens) {
      if (conversations_.is_continued(id)) outputs_before[id] = scheduler_.request(id).num_out;
    }
    std::vector<std::string> finished = scheduler_.update(decision, output);
    for (const auto& [id, before] : outputs_before) {
      conversations_.generated(id, scheduler_.request(id).num_out - before, {});
    }
    return finished;
  }

  const VectorScenario& scenario_;
  SchedulerUnderTest& scheduler_;
  const RunOptions& options_;
  RunTrace& trace_;
  Conversations conversations_;
  std::deque<const VectorRequest*> to_come_;
  std::set<std::string> created_, aborted_, compiled_;
  std::deque<NamedDecision> in_flight_;
  int k_ = 0;
};

}  // namespace

RunTrace run_scenario(const VectorScenario& scenario, SchedulerUnderTest& scheduler,
                      const RunOptions& options) {
  RunTrace trace;
  Driver driver(scenario, scheduler, options, trace);
  try {
    driver.run();
  } catch (const std::exception& e) {
    trace.broke_off = e.what();
  }
  driver.note_outcomes();
  return trace;
}

std::optional<std::string> first_difference(const RunTrace& expected, const RunTrace& got) {
  const auto differ = [](const std::string& what, const Json& e, const Json& g) {
    return what + ": expected " + e.dump() + ", got " + g.dump();
  };
  for (std::size_t i = 0; i < std::max(expected.steps.size(), got.steps.size()); ++i) {
    if (i >= got.steps.size())
      return "the run ends before step " + std::to_string(expected.steps[i].step) +
             (got.broke_off.empty() ? "" : ": " + got.broke_off);
    if (i >= expected.steps.size()) return "the run goes on with step " + std::to_string(got.steps[i].step);
    if (expected.steps[i] == got.steps[i]) continue;
    const Json e = to_json(expected.steps[i]), g = to_json(got.steps[i]);
    const std::string step = "step " + std::to_string(expected.steps[i].step) + " ";
    for (const auto& [key, value] : e.items()) {
      if (!g.contains(key) || g[key] != value) return differ(step + key, value, g.value(key, Json()));
    }
    for (const auto& [key, value] : g.items()) {
      if (!e.contains(key)) return differ(step + key, Json(), value);
    }
  }
  if (expected.broke_off != got.broke_off) return differ("end of the run", expected.broke_off, got.broke_off);
  if (expected.finish_step != got.finish_step)
    return differ("finish_step", expected.finish_step, got.finish_step);
  if (expected.stats != got.stats) return differ("stats", to_json(expected.stats), to_json(got.stats));
  for (const auto& [id, outcome] : expected.requests) {
    const auto found = got.requests.find(id);
    if (found == got.requests.end()) return "request " + id + " is missing";
    if (found->second != outcome) return differ("request " + id, to_json(outcome), to_json(found->second));
  }
  return std::nullopt;
}

Json to_json(const StepTrace& step) {
  Json json{{"step", step.step}};
  const auto put = [&](const char* key, const auto& list) {
    if (!list.empty()) json[key] = list;
  };
  put("new", step.decision.admitted);
  put("resumed", step.decision.resumed);
  put("running", step.decision.running);
  put("preempted", step.decision.preempted);
  json["tokens"] = Json::object();
  for (const auto& [id, n] : step.decision.tokens) json["tokens"][id] = n;
  put("spec", step.decision.drafts);
  put("hits", step.decision.hits);
  json["free_blocks"] = step.free_blocks;
  json["evicted_total"] = step.evicted_total;
  json["running_queue"] = step.running_queue;
  put("waiting_queue", step.waiting_queue);
  put("skipped_queue", step.skipped_queue);
  put("blocks", step.blocks);
  put("free_order", step.free_order);
  put("finished", step.finished);
  return json;
}

Json to_json(const CacheStats& s) {
  return {{"requests", s.requests},
          {"queries", s.queries},
          {"hits", s.hits},
          {"preempted_requests", s.preempted_requests},
          {"preempted_queries", s.preempted_queries},
          {"preempted_hits", s.preempted_hits}};
}

Json to_json(const RequestOutcome& outcome) {
  return {{"num_out", outcome.num_out},
          {"preemptions", outcome.preemptions},
          {"cached_tokens", outcome.cached_tokens}};
}

Json to_json(const RunTrace& trace) {
  Json steps = Json::array(), requests = Json::object();
  for (const StepTrace& step : trace.steps) {
    if (step.did_anything()) steps.push_back(to_json(step));
  }
  for (const auto& [id, outcome] : trace.requests) requests[id] = to_json(outcome);
  return {{"steps", steps},
          {"finish_step", trace.finish_step},
          {"stats", to_json(trace.stats)},
          {"requests", requests}};
}

}  // namespace blis::conform
