#include "scenarios/models/architectures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenarios/models/word_list.h"

namespace blis {
namespace {

// Endings of the names of classes that give a vector or a score for a text.
constexpr std::array<std::string_view, 8> kPooling{"ForSequenceClassification",
                                                   "ForTokenClassification",
                                                   "ForRewardModel",
                                                   "RewardModel",
                                                   "ForMaskedLM",
                                                   "EmbeddingModel",
                                                   "ForQuestionAnswering",
                                                   "Model"};

std::string_view first_word(std::string_view words) {
  return words.substr(0, words.find(' '));
}

bool pools(std::string_view architecture) {
  return std::ranges::any_of(kPooling, [&](std::string_view end) { return architecture.ends_with(end); });
}

// As messages name it.
std::string in_words(const VllmCode& code) {
  const auto& [minor, patch] = code.release;
  if (!code.day.empty()) return fmt::format("of {}", code.day);
  return patch == kLastVllmPatch ? fmt::format("0.{}", minor) : fmt::format("0.{}.{}", minor, patch);
}

// Of the config's classes the first that the family has, otherwise the first; empty if it names none.
std::string class_of(Section& config, const Family& family) {
  const std::vector<std::string> names = config.texts("architectures");
  const auto known = std::ranges::find_if(
      names, [&](const std::string& name) { return has_word(family.architectures, name); });
  if (known != names.end()) return *known;
  return names.empty() ? std::string() : names.front();
}

}  // namespace

const ServedClass* served_class(Section& config, const Family& family) {
  const std::string name = class_of(config, family);
  return find_served_class(name.empty() ? first_word(family.architectures) : std::string_view(name));
}

std::optional<Problem> check_architecture(Section& config, const Family& family) {
  const std::string name = class_of(config, family);
  if (name.empty() || has_word(family.architectures, name)) return std::nullopt;
  const auto problem = [&](std::string message, std::string_view expected) {
    return config.placed("architectures",
                         {.message = std::move(message), .expected = std::string(expected), .got = name});
  };
  if (pools(name)) {
    return problem(fmt::format("`{}` does not generate text: it embeds, ranks or classifies", name),
                   "a model that generates text");
  }
  return problem(
      fmt::format("`{}` is no class that vLLM is known to serve a `{}` with", name, family.model_type),
      family.architectures.empty() ? "the class of a text model" : family.architectures);
}

std::optional<Problem> check_release(Section& top, const Family& family, const VllmCode& code) {
  const ServedClass* const served = served_class(top, family);
  if (!served) return std::nullopt;
  const auto problem = [&](std::string message, std::string expected, std::string hint) {
    return top.placed(top.given("architectures") ? "architectures" : "model_type",
                      {.message = std::move(message),
                       .expected = fmt::format("vLLM {}", expected),
                       .got = fmt::format("vLLM {}", in_words(code)),
                       .hint = fmt::format("ask for that release: engine.vllm_version {}", hint)});
  };
  if (went_before(*served, code)) {
    return problem(fmt::format("`{}` was removed from vLLM; the last release with it is 0.{}", served->name,
                               served->last_minor),
                   releases_with(*served), fmt::format("0.{}", served->last_minor));
  }
  if (came_after(*served, code)) {
    return problem(fmt::format("vLLM {} has no `{}` yet; the first release with it is {}", in_words(code),
                               served->name, first_release(*served)),
                   releases_with(*served), first_release(*served));
  }
  if (!runs_on_v0(*served, code)) return std::nullopt;
  const std::string first = first_release_on_v1(*served);
  return problem(fmt::format("vLLM {} runs `{}` on its engine V0, whose scheduler is another one than V1's",
                             in_words(code), served->name),
                 fmt::format("{} or later", first), first);
}

}  // namespace blis
