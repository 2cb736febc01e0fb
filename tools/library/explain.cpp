#include "blis/explain.hpp"

#include <fmt/format.h>

#include "blis/error.hpp"
#include "scenarios/build.h"
#include "tools/library/catalog.h"
#include "tools/library/settings.h"
#include "tools/report/card_documents.h"
#include "tools/report/step_documents.h"
#include "tools/report/trace_report.h"
#include "tools/simulate/model_answer.h"
#include "workloads/trace_stats.h"

namespace blis {
namespace {

BatchPart part_of(const StepBatch::Part& part, bool prefill) {
  const std::string shown = fmt::format("{} {}@{}", prefill ? "prefill" : "decode", part.count, part.context);
  const auto within = [](std::int64_t n, std::int64_t least) { return least <= n && n <= kMostInBatch; };
  if (!within(part.count, 1) || !within(part.context, 0)) {
    throw InputError(
        ErrorKind::usage,
        {.place = {shown},
         .message = "this is no part of a batch",
         .expected = fmt::format("a count from 1 and a context from 0, both up to {}", kMostInBatch)});
  }
  if (prefill) return {shown, prefill, /*sequences=*/1, part.count, part.context};
  return {shown, prefill, part.count, /*tokens=*/1, part.context};
}

}  // namespace

std::string step_json(std::span<const Setting> settings, const StepBatch& batch,
                      const std::string& data_folder) {
  std::vector<BatchPart> parts;
  for (const StepBatch::Part& part : batch.prefills) parts.push_back(part_of(part, true));
  for (const StepBatch::Part& part : batch.decodes) parts.push_back(part_of(part, false));
  return step_json(price_step(overrides_of(settings), std::move(parts), catalog_in(data_folder)));
}

std::string model_json(const std::string& model, std::span<const Setting> settings,
                       std::span<const std::int64_t> sequence_lengths, const std::string& data_folder) {
  const ModelAnswer found =
      model_answer(model, overrides_of(settings), /*kv_bytes=*/{}, sequence_lengths, catalog_in(data_folder));
  return card_json(found.card, found.memory, found.warnings);
}

std::string trace_json(const std::string& path, std::span<const Setting> settings) {
  std::vector<Override> overrides{
      {"version", "1", path}, {"workload.kind", "trace", path}, {"workload.path", path, path}};
  for (const Setting& setting : settings) overrides.push_back(override_of(setting));
  const WorkloadSpec workload = located_workload(parse_settings("", "trace", "", overrides, Scope::traffic));
  return to_json(inspect_trace(std::get<TraceSpec>(workload.kind), {}), path);
}

}  // namespace blis
