#include "tools/score/kv_score.h"

#include <fmt/format.h>

#include <set>

#include "blis/error.hpp"
#include "tools/score/case_scenario.h"

namespace blis {
namespace {

KvOutcome predict(const KvLog& log, std::int64_t blocks, const Catalog& shelf,
                  const AccuracyOptions& options) {
  const MeasuredCase& c = log.deployment;
  KvOutcome out{.id = c.id,
                .gpu = c.gpu,
                .measured = log.tokens.value_or(0),
                .at_least = log.at_least,
                .at_most = log.at_most,
                .complete = log.complete,
                .doubtful = log.doubtful,
                .problem = c.problem};
  if (!out.problem.empty()) return out;
  try {
    const Catalog catalog = c.hardware_path.empty() ? shelf : shelf.with_hardware(c.hardware_path);
    const ResolvedScenario d =
        resolve(case_scenario(c, nullptr, catalog, options.defaults, options.overrides), catalog);
    const int block_size = d.scenario.engine.block_size;
    out.gpu = d.hardware.name;
    out.predicted = log.bytes_per_token > 0 ? d.kv.available_bytes / log.bytes_per_token
                                            : static_cast<double>(d.kv.num_blocks * block_size);
    if (blocks > 0) out.measured = static_cast<double>(blocks * block_size);
  } catch (const InputError& error) {
    const Problem& first = error.problems().front();
    out.problem = first.message + (first.got.empty() ? "" : ": " + first.got);
  }
  return out;
}

}  // namespace

std::vector<KvOutcome> score_kv(std::span<const KvLog> logs, std::span<const MeasuredCase> cases,
                                const Catalog& catalog, const AccuracyOptions& options) {
  std::vector<KvOutcome> outcomes;
  for (const KvLog& log : logs) outcomes.push_back(predict(log, 0, catalog, options));
  std::set<std::string> seen;  // cases of one server logged the same
  for (const MeasuredCase& c : cases) {
    if (!c.gpu_blocks || !c.problem.empty()) continue;
    const std::string server = fmt::format("{} {} {} {} {} {} {}", c.model, c.gpu, c.tensor, c.pipeline,
                                           c.expert, c.version.value_or(""), *c.gpu_blocks);
    if (!seen.insert(server).second) continue;
    KvLog log;
    log.complete = c.simulatable == "full";
    log.deployment = c;
    log.deployment.gpu_blocks.reset();  // else it would be the answer
    outcomes.push_back(predict(log, *c.gpu_blocks, catalog, options));
  }
  return outcomes;
}

double kv_error(const KvOutcome& outcome) {
  return outcome.predicted > 0 ? signed_error_pct(outcome.predicted, outcome.measured)
                               : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace blis
