// blis conform: replays schedule vectors through the production scheduler.
#include <algorithm>
#include <optional>

#include "tools/cli/commands.h"
#include "tools/conform/production.h"
#include "tools/conform/replay.h"
#include "tools/conform/vectors.h"
#include "tools/output/messages.h"
#include "tools/output/output_file.h"

namespace blis {
namespace {

using namespace conform;

// Block ids are followed only in the plain way, and prompts that no server lets through are scheduled only
// so.
bool only_plainly(const RunVector& run) {
  const bool looks_at_blocks = std::ranges::any_of(
      run.steps, [](const Json& step) { return step.contains("blocks") || step.contains("free_order"); });
  return looks_at_blocks || longest_prompt(run.scenario) >= run.scenario.config.scheduler.max_model_len;
}

// A run is replayed twice: every step the plain way, and running ahead as simulations do.
ReplayVerdict verdict_on(const Vector& vector) {
  Subject subject = production_subject();
  ReplayVerdict verdict = replay(vector, subject);
  const auto* run = std::get_if<RunVector>(&vector.body);
  if (!verdict.passed() || run == nullptr || only_plainly(*run)) return verdict;
  subject.scheduler = [](const VectorConfig& config) {
    return make_production_scheduler(config, RunAhead::on);
  };
  verdict = replay(vector, subject);
  if (!verdict.passed()) *verdict.difference = "running ahead: " + *verdict.difference;
  return verdict;
}

}  // namespace

ExitCode conform_command(const Invocation& invocation) {
  bool all_passed = true;
  for (const std::string& file : invocation.arguments) {
    for (const Vector& vector : read_vector_file(file)) {
      const ReplayVerdict verdict = verdict_on(vector);
      all_passed = all_passed && verdict.passed();
      show(to_string(verdict) + "\n");
    }
  }
  return all_passed ? ExitCode::ok : ExitCode::gate_failed;
}

}  // namespace blis
