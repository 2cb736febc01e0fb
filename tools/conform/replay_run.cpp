#include <map>
#include <set>

#include "tools/conform/replay_parts.h"
#include "tools/conform/run_driver.h"

namespace blis::conform {
namespace {

// Keys of a step's entry that mean an empty list or object when a complete vector leaves them out.
constexpr const char* kLists[] = {"new",      "resumed",       "running",      "preempted",
                                  "finished", "waiting_queue", "skipped_queue"};
constexpr const char* kObjects[] = {"spec", "hits"};

Json keys_of(const Json& object) {
  Json keys = Json::array();
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

// The running list, if the vector does not give it: who ran, then who was admitted.
Json usual_running_queue(const Json& step) {
  Json queue = Json::array();
  for (const char* key : {"running", "new", "resumed"}) {
    for (const Json& id : step.value(key, Json::array())) queue.push_back(id);
  }
  return queue;
}

void check_step(const StepTrace& got, const Json* expected, bool complete) {
  const std::string where = "step" + std::to_string(got.step);
  if (complete) check(where + ".present", expected != nullptr, got.did_anything());
  if (expected == nullptr) return;
  Json seen = to_json(got);
  seen["total"] = got.decision.total();
  if (complete) {
    for (const char* key : kLists) {
      check(where + "." + key, expected->value(key, Json::array()), seen.value(key, Json::array()));
    }
    for (const char* key : kObjects) {
      check(where + "." + key, expected->value(key, Json::object()), seen.value(key, Json::object()));
    }
    check(where + ".order", keys_of(expected->at("tokens")), keys_of(seen.at("tokens")));
    check(where + ".running_queue", expected->value("running_queue", usual_running_queue(seen)),
          seen.at("running_queue"));
  }
  for (const auto& [key, value] : expected->items()) {
    const Json absent = value.is_array() ? Json::array() : Json::object();
    check(where + "." + key, value, seen.value(key, absent));
  }
}

Json chosen(const Json& asked, const Json& all) {
  Json result = Json::object();
  for (const auto& [key, value] : asked.items()) result[key] = all.value(key, Json());
  return result;
}

}  // namespace

void replay_run(const RunVector& run, const SchedulerFactory& make) {
  std::map<int, const Json*> expected;
  RunOptions options;
  for (const Json& step : run.steps) {
    expected[step.at("step").get<int>()] = &step;
    options.with_blocks = options.with_blocks || step.contains("blocks") || step.contains("free_order");
  }
  const RunTrace trace = run_scenario(run.scenario, *make(run.scenario.config), options);
  std::int64_t total = 0, steps_with_tokens = 0;
  for (const StepTrace& step : trace.steps) {
    const auto found = expected.find(step.step);
    check_step(step, found == expected.end() ? nullptr : found->second, run.complete);
    if (found != expected.end()) expected.erase(found);
    total += step.decision.total();
    steps_with_tokens += step.decision.total() > 0;
  }
  if (!trace.broke_off.empty()) throw Difference(trace.broke_off);
  if (!expected.empty()) {
    throw Difference("step" + std::to_string(expected.begin()->first) + ": the run has no such step");
  }
  check("finish_step", run.finish_step, chosen(run.finish_step, Json(trace.finish_step)));
  check("stats", run.stats, chosen(run.stats, to_json(trace.stats)));
  for (const auto& [id, outcome] : run.requests.items()) {
    const auto found = trace.requests.find(id);
    if (found == trace.requests.end()) throw Difference("request " + id + ": did not arrive");
    check("request " + id, outcome, chosen(outcome, to_json(found->second)));
  }
  if (run.total_tokens) check("total_tokens", *run.total_tokens, total);
  if (run.num_steps) check("num_steps", *run.num_steps, steps_with_tokens);
}

void replay_queue(const QueueVector& queue, const FreeQueueFactory& make) {
  const std::unique_ptr<FreeQueueUnderTest> subject = make(queue.num_blocks);
  Json popped = Json::array();
  for (const QueueOp& op : queue.ops) {
    const std::vector<int> arguments(op.arguments.begin(), op.arguments.end());
    if (op.name == "popleft_n") {
      popped.push_back(subject->popleft(arguments.at(0)));
    } else if (op.name == "remove") {
      subject->remove(arguments.at(0));
    } else if (op.name == "append_n") {
      subject->append(arguments);
    } else {
      subject->prepend(arguments);
    }
  }
  check("popped", queue.popped, popped);
  check("order", queue.order, subject->order());
}

}  // namespace blis::conform
