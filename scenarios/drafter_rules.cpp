#include "scenarios/drafter_rules.h"

#include <fmt/core.h>

#include <algorithm>

#include "scenarios/placed_error.h"

namespace blis {
namespace {

// Of the published drafts of EAGLE-3 for models of 32 to 70 layers.
constexpr std::int64_t kDraftVocabulary = 32'000;

Drafter eagle(const ResolvedScenario& d, std::vector<std::string>& warnings) {
  const SpeculativeSettings& drafts = *d.scenario.engine.speculative;
  const Drafter drafter =
      drafts.method == "eagle3"
          ? eagle3_drafter(d.model, d.parallel, drafts.draft_vocab_size.value_or(kDraftVocabulary))
          : eagle_drafter(d.model, d.parallel);
  if (drafter.layers() == 0) {
    warnings.push_back(
        fmt::format("what `{}` drafts with beside `{}` is not known, and takes no memory and no time here",
                    drafts.method, d.model.name));
  } else if (!drafter.model.layers.runs().front().channel) {
    warnings.push_back(
        fmt::format("how wide the MLP of a drafter for `{}` is is not known, and it takes no "
                    "memory and no time here; its attention does",
                    d.model.name));
  }
  return drafter;
}

Drafter own_model(const ResolvedScenario& d, const Catalog& catalog, std::vector<std::string>& warnings) {
  const ScenarioSettings& s = d.scenario;
  const std::optional<std::string>& name = s.engine.speculative->model;
  if (!name) {
    warnings.emplace_back(
        "the draft model takes no memory and no time here: `engine.speculative.model` says which one it is");
    return {};
  }
  const Place place = origin_place(s.origins, "engine.speculative.model");
  const ModelConfig draft = catalog.model(*name, s.folder, place, model_rules(s));
  // Source: verify_equal_vocab_size_if_draft_model() of vllm/config/speculative.py.
  if (draft.vocab != d.model.vocab) {
    throw InputError(ErrorKind::usage,
                     Problem{.place = place,
                             .message = fmt::format("the draft model `{}` has another vocabulary than `{}`",
                                                    draft.name, d.model.name),
                             .expected = fmt::format("a `vocab_size` of {}", d.model.vocab),
                             .got = std::to_string(draft.vocab)});
  }
  return model_drafter(draft);
}

}  // namespace

bool drops_last_match(const SpeculativeSettings& drafts) {
  return drafts.method.starts_with("eagle") || drafts.method == "mtp";
}

bool several_modules(const ResolvedScenario& d) {
  const std::optional<SpeculativeSettings>& drafts = d.scenario.engine.speculative;
  return drafts && drafts->method == "mtp" && d.model.predicting_layers > 1 &&
         drafts->num_speculative_tokens > 1;
}

Drafter find_drafter(const ResolvedScenario& d, const Catalog& catalog, std::vector<std::string>& warnings) {
  const std::optional<SpeculativeSettings>& drafts = d.scenario.engine.speculative;
  if (!drafts) return {};
  if (drafts->method.starts_with("eagle")) return eagle(d, warnings);
  if (drafts->method == "draft_model") return own_model(d, catalog, warnings);
  if (drafts->method == "ngram") return {.searches = true};
  if (drafts->method != "mtp") return {};
  return mtp_drafter(d.model, d.parallel,
                     std::min(d.model.predicting_layers, drafts->num_speculative_tokens));
}

}  // namespace blis
