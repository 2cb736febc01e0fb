#include "scenarios/models/architectures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace blis {
namespace {

// Classes that vLLM has dropped, and the last release 0.N with them.
// Source: vllm/model_executor/models/registry.py of 2026-08-20, _PREVIOUSLY_SUPPORTED_MODELS.
struct Removed {
  std::string_view architecture;
  int last_minor;
};
constexpr std::array kRemoved{
    Removed{"Phi3SmallForCausalLM", 9},      Removed{"MllamaForConditionalGeneration", 10},
    Removed{"Phi4FlashForCausalLM", 10},     Removed{"JAISLMHeadModel", 22},
    Removed{"MiniMaxText01ForCausalLM", 23}, Removed{"MiniMaxM1ForCausalLM", 23},
    Removed{"BaiChuanForCausalLM", 23},      Removed{"BaichuanForCausalLM", 23},
    Removed{"BambaForCausalLM", 23},         Removed{"Dots1ForCausalLM", 23},
    Removed{"QWenLMHeadModel", 23},          Removed{"InternLMForCausalLM", 23},
    Removed{"XverseForCausalLM", 23},        Removed{"Grok1ModelForCausalLM", 24},
    Removed{"Grok1ForCausalLM", 24},         Removed{"AquilaModel", 24},
    Removed{"AquilaForCausalLM", 24},        Removed{"AyaVisionForConditionalGeneration", 24},
    Removed{"PersimmonForCausalLM", 25},     Removed{"TeleChat2ForCausalLM", 25},
    Removed{"Plamo2ForCausalLM", 26},        Removed{"OuroForCausalLM", 26},
};

// Endings of the names of classes that give a vector or a score for a text.
constexpr std::array<std::string_view, 8> kPooling{"ForSequenceClassification",
                                                   "ForTokenClassification",
                                                   "ForRewardModel",
                                                   "RewardModel",
                                                   "ForMaskedLM",
                                                   "EmbeddingModel",
                                                   "ForQuestionAnswering",
                                                   "Model"};

bool has_word(std::string_view words, std::string_view word) {
  std::size_t begin = 0;
  while (begin < words.size()) {
    const std::size_t end = std::min(words.find(' ', begin), words.size());
    if (words.substr(begin, end - begin) == word) return true;
    begin = end + 1;
  }
  return false;
}

bool pools(std::string_view architecture) {
  return std::ranges::any_of(kPooling, [&](std::string_view end) { return architecture.ends_with(end); });
}

}  // namespace

std::optional<Problem> check_architecture(Section& top, const Family& family, int vllm_minor) {
  const std::vector<std::string> names = top.texts("architectures");
  if (names.empty()) return std::nullopt;
  const auto known = std::ranges::find_if(
      names, [&](const std::string& name) { return has_word(family.architectures, name); });
  const std::string& name = known == names.end() ? names.front() : *known;
  const auto problem = [&](std::string message, std::string expected, std::string hint) {
    return top.placed("architectures", {.message = std::move(message),
                                        .expected = std::move(expected),
                                        .got = name,
                                        .hint = std::move(hint)});
  };
  const auto removed = std::ranges::find(kRemoved, name, &Removed::architecture);
  if (removed != kRemoved.end() && vllm_minor > removed->last_minor) {
    return problem(fmt::format("`{}` was removed from vLLM; the last release with it is 0.{}", name,
                               removed->last_minor),
                   "a class of the vLLM that is modelled",
                   fmt::format("ask for that release: engine.vllm_version {}",
                               fmt::format("0.{}", removed->last_minor)));
  }
  if (known != names.end()) return std::nullopt;
  if (pools(name)) {
    return problem(fmt::format("`{}` does not generate text: it embeds, ranks or classifies", name),
                   "a model that generates text", "");
  }
  return problem(
      fmt::format("`{}` is no class that vLLM is known to serve a `{}` with", name, family.model_type),
      family.architectures.empty() ? "the class of a text model" : std::string(family.architectures), "");
}

}  // namespace blis
