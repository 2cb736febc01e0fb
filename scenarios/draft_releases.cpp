// Sources: vLLM's history of vllm/config/speculative.py (vllm/config.py before), and what reports say of
// releases. N-grams, EAGLE, and MTP of DeepSeek and of models that came with their own, are in every release
// from 0.9 on.
#include "scenarios/draft_releases.h"

#include <fmt/core.h>

#include <algorithm>

namespace blis {
namespace {

struct DraftRelease {
  std::string_view method;
  std::string_view models;  // a part of the model's type; empty: all that no row before has
  VllmRelease lacking;   // the last one that is known to lack it; the next may have been cut too early, too
  std::string_view day;  // since when mainline has it
};
constexpr DraftRelease kDraftReleases[] = {
    // vllm#24322. 0.13.0 does not start with it (vllm#31883); 0.14.0 was published on the next day.
    {"draft_model", "", {13}, "2026-01-19"},
    {"suffix", "", {11, 0}, "2025-11-03"},       // vllm#25784, in 0.12.0
    {"mtp", "ernie4_5", {10, 0}, "2025-08-20"},  // vllm#22169, after 0.10.1 was published, in 0.10.2 perhaps
    {"eagle3", "llama", {8, 4}, "2025-04-25"},   // vllm#16937, in the tag v0.8.5
    {"eagle3", "qwen", {10, 0}, "2025-08-10"},   // vllm#22333
    {"eagle3", "gpt_oss", {10, 2}, "2025-09-22"},  // vllm#25246
    {"eagle3", "minicpm", {10, 2}, "2025-09-27"},  // vllm#24243
    {"eagle3", "hunyuan", {14}, "2026-01-28"},     // vllm#33035
    {"eagle3", "afmoe", {16}, "2026-03-02"},       // vllm#33736
    {"eagle3", "nemotron_h", {16}, "2026-03-02"},  // likewise
    {"eagle3", "", {20}, "2026-05-13"},            // vllm#42536: until then vLLM had a list of models
};

bool lacks(const VllmCode& code, const DraftRelease& row) {
  return code.day.empty() ? code.release <= row.lacking : code.day < row.day;
}

}  // namespace

std::string lacks_drafts(const ResolvedScenario& d) {
  const std::optional<SpeculativeSettings>& drafts = d.scenario.engine.speculative;
  if (!drafts) return {};
  const std::string_view model = d.model_as_is.model_type;
  const auto row = std::ranges::find_if(kDraftReleases, [&](const DraftRelease& r) {
    return r.method == drafts->method && model.find(r.models) != std::string_view::npos;
  });
  if (row == std::ranges::end(kDraftReleases) || !lacks(d.version.code, *row)) return {};
  const bool of_all = row->models.empty() && row->method != "eagle3";
  return fmt::format("vLLM {} makes no drafts by `{}`{} on its engine V1", d.version.name, drafts->method,
                     of_all ? "" : fmt::format(" for a `{}`", model));
}

}  // namespace blis
