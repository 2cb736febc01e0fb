// Sources: for the first releases the registry (vllm/model_executor/models/registry.py, __init__.py before
// 0.6.2) at the tags v0.1.0 to v0.10.0; after that the day on which mainline got the class, held against the
// days on which release branches were cut, and release notes (0.10.1 gpt-oss; 0.11 Qwen3-VL, OLMo 3,
// DeepSeek-V3.2; 0.15 Kimi-K2.5; 0.16, cut on 2026-02-09 before Qwen3.5; 0.18 OLMo Hybrid; 0.19 Gemma 4; 0.24
// MiniMax-M3; 0.27 Kimi-K3). For the last ones _PREVIOUSLY_SUPPORTED_MODELS of 2026-08-17. Step-3.7 is in
// 0.23; whether it is in 0.22, tagged a day after, is not known.
// On V0: the classes with SupportsV0Only at the tags v0.8.0 to v0.10.0, then until the day on which that
// went; and from 0.9.2 those with a state, which EngineArgs._is_v1_supported_oracle left to V0 until
// 2025-08-27.
#include "scenarios/models/served_classes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace blis {
namespace {

constexpr std::array kServed{
    ServedClass{"GPT2LMHeadModel", {1, 0}, "2023-06-17"},
    ServedClass{"LlamaForCausalLM", {1, 0}, "2023-06-17"},
    ServedClass{"GPTNeoXForCausalLM", {1, 0}, "2023-06-17"},
    ServedClass{"OPTForCausalLM", {1, 0}, "2023-06-17"},
    ServedClass{"GPTBigCodeForCausalLM", {1, 2}, "2023-06-23"},
    ServedClass{"LLaMAForCausalLM", {1, 2}, "2023-06-26"},
    ServedClass{"MPTForCausalLM", {1, 2}, "2023-07-03"},
    ServedClass{"BloomForCausalLM", {1, 2}, "2023-07-03", 0, {10, 2}, "2025-08-24"},
    ServedClass{"GPTJForCausalLM", {1, 3}, "2023-07-08"},
    ServedClass{"BaiChuanForCausalLM", {1, 3}, "2023-07-17", 23},
    ServedClass{"BaichuanForCausalLM", {1, 3}, "2023-08-01", 23},
    ServedClass{"FalconForCausalLM", {1, 3}, "2023-08-02"},
    ServedClass{"RWForCausalLM", {1, 3}, "2023-08-02"},
    ServedClass{"MistralForCausalLM", {2, 0}, "2023-09-28"},
    ServedClass{"MptForCausalLM", {2, 2}, "2023-10-31"},
    ServedClass{"ChatGLMModel", {2, 2}, "2023-11-06"},
    ServedClass{"PhiForCausalLM", {2, 2}, "2023-11-16"},
    ServedClass{"ChatGLMForConditionalGeneration", {8, 4}, "2023-12-05"},
    ServedClass{"MixtralForCausalLM", {2, 4}, "2023-12-11"},
    ServedClass{"DeciLMForCausalLM", {2, 7}, "2023-12-19"},
    ServedClass{"StableLMEpochForCausalLM", {3, 0}, "2024-01-16"},
    ServedClass{"Qwen2ForCausalLM", {3, 0}, "2024-01-22"},
    ServedClass{"DeepseekForCausalLM", {3, 0}, "2024-01-29"},
    ServedClass{"InternLM2ForCausalLM", {3, 1}, "2024-02-01"},
    ServedClass{"GemmaForCausalLM", {3, 2}, "2024-02-21"},
    ServedClass{"StableLmForCausalLM", {3, 3}, "2024-02-26"},
    ServedClass{"OrionForCausalLM", {3, 3}, "2024-02-26"},
    ServedClass{"Starcoder2ForCausalLM", {3, 3}, "2024-02-29"},
    ServedClass{"LlavaForConditionalGeneration", {4, 0}, "2024-03-25"},
    ServedClass{"CohereForCausalLM", {4, 0}, "2024-03-27"},
    ServedClass{"DbrxForCausalLM", {4, 0}, "2024-03-27"},
    ServedClass{"Qwen2MoeForCausalLM", {4, 0}, "2024-03-28"},
    ServedClass{"MiniCPMForCausalLM", {4, 1}, "2024-04-08"},
    ServedClass{"Phi3ForCausalLM", {4, 2}, "2024-04-25"},
    ServedClass{"OlmoForCausalLM", {4, 2}, "2024-04-25"},
    ServedClass{"ArcticForCausalLM", {4, 3}, "2024-05-09"},
    ServedClass{"Gemma2ForCausalLM", {5, 1}, "2024-06-27"},
    ServedClass{"DeepseekV2ForCausalLM", {5, 1}, "2024-06-28"},
    ServedClass{"JambaForCausalLM", {5, 1}, "2024-07-02", 0, {10, 2}, "2025-08-27"},
    ServedClass{"NemotronForCausalLM", {5, 4}, "2024-07-26"},
    ServedClass{"InternVLChatModel", {5, 4}, "2024-07-29"},
    ServedClass{"ExaoneForCausalLM", {6, 0}, "2024-08-29"},
    ServedClass{"PhiMoEForCausalLM", {6, 0}, "2024-08-30"},
    ServedClass{"GraniteForCausalLM", {6, 0}, "2024-09-01"},
    ServedClass{"Qwen2VLForConditionalGeneration", {6, 1}, "2024-09-11"},
    ServedClass{"MiniCPM3ForCausalLM", {6, 2}, "2024-09-14"},
    ServedClass{"SolarForCausalLM", {6, 2}, "2024-09-18"},
    ServedClass{"OlmoeForCausalLM", {6, 2}, "2024-09-20"},
    ServedClass{"MllamaForConditionalGeneration", {6, 2}, "2024-09-25", 10},
    ServedClass{"GraniteMoeForCausalLM", {6, 3}, "2024-10-03"},
    ServedClass{"MambaForCausalLM", {6, 3}, "2024-10-11", 0, {10, 2}, "2025-08-27"},
    ServedClass{"FalconMambaForCausalLM", {6, 4}, "2024-10-21", 0, {10, 2}, "2025-08-27"},
    ServedClass{"Olmo2ForCausalLM", {6, 5}, "2024-11-25"},
    ServedClass{"GlmForCausalLM", {6, 5}, "2024-11-28", 0, {8, 5}, "2025-04-21"},
    ServedClass{"Cohere2ForCausalLM", {6, 5}, "2024-12-16"},
    ServedClass{"DeepseekV3ForCausalLM", {6, 6}, "2024-12-26"},
    ServedClass{"InternLM3ForCausalLM", {7, 0}, "2025-01-15"},
    ServedClass{"Qwen2_5_VLForConditionalGeneration", {7, 2}, "2025-02-05"},
    ServedClass{"BambaForCausalLM", {7, 3}, "2025-02-06", 23, {10, 2}, "2025-08-27"},
    ServedClass{"Mamba2ForCausalLM", {7, 3}, "2025-02-17", 0, {10, 2}, "2025-08-27"},
    ServedClass{"Grok1ModelForCausalLM", {8, 0}, "2025-02-26", 24},
    ServedClass{"GraniteMoeSharedForCausalLM", {8, 0}, "2025-03-04"},
    ServedClass{"Gemma3ForConditionalGeneration", {8, 0}, "2025-03-12", 0, {8, 1}, "2025-03-19"},
    ServedClass{"Gemma3ForCausalLM", {8, 0}, "2025-03-12"},
    ServedClass{"Zamba2ForCausalLM", {8, 0}, "2025-03-18", 0, {10, 2}, "2025-08-27"},
    ServedClass{"TeleFLMForCausalLM", {8, 2}, "2025-03-22"},
    ServedClass{"MiniMaxText01ForCausalLM", {8, 3}, "2025-04-01", 23, {10, 2}, "2025-08-27"},
    ServedClass{"Mistral3ForConditionalGeneration", {8, 3}, "2025-04-01"},
    ServedClass{"Llama4ForConditionalGeneration", {8, 3}, "2025-04-07"},
    ServedClass{"Qwen3MoeForCausalLM", {8, 4}, "2025-04-07"},
    ServedClass{"Qwen3ForCausalLM", {8, 4}, "2025-04-07"},
    ServedClass{"Glm4ForCausalLM", {8, 4}, "2025-04-10"},
    ServedClass{"KimiVLForConditionalGeneration", {8, 5}, "2025-04-14"},
    ServedClass{"Plamo2ForCausalLM", {8, 5}, "2025-04-15", 26, {10, 2}, "2025-09-04"},
    ServedClass{"GraniteMoeHybridForCausalLM", {9, 0}, "2025-05-06", 0, {10, 2}, "2025-08-27"},
    ServedClass{"MiMoForCausalLM", {9, 0}, "2025-05-12"},
    ServedClass{"FalconH1ForCausalLM", {9, 0}, "2025-05-21", 0, {10, 2}, "2025-08-27"},
    ServedClass{"NemotronHForCausalLM", {9, 1}, "2025-06-05", 0, {10, 2}, "2025-08-27"},
    ServedClass{"MiniMaxM1ForCausalLM", {9, 2}, "2025-06-16", 23, {10, 2}, "2025-08-27"},
    ServedClass{"Gemma3nForConditionalGeneration", {9, 2}, "2025-06-27"},
    ServedClass{"Dots1ForCausalLM", {9, 2}, "2025-06-29", 23},
    ServedClass{"Glm4vForConditionalGeneration", {9, 2}, "2025-07-01"},
    ServedClass{"HunYuanMoEV1ForCausalLM", {9, 2}, "2025-07-01"},
    ServedClass{"Ernie4_5_MoeForCausalLM", {9, 2}, "2025-07-02"},
    ServedClass{"Phi4FlashForCausalLM", {10, 0}, "2025-07-12", 10},
    ServedClass{"BailingMoeForCausalLM", {10, 0}, "2025-07-14"},
    ServedClass{"Exaone4ForCausalLM", {10, 0}, "2025-07-19"},
    ServedClass{"Glm4MoeForCausalLM", {10, 0}, "2025-07-19"},
    ServedClass{"ArceeForCausalLM", {10, 0}, "2025-07-22"},
    ServedClass{"HunYuanDenseV1ForCausalLM", {10, 0}, "2025-07-23"},
    ServedClass{"Llama4ForCausalLM", {10, 1}, "2025-07-25"},
    ServedClass{"Ernie4_5ForCausalLM", {10, 1}, "2025-07-28"},
    ServedClass{"GptOssForCausalLM", {10, 1}, "2025-08-05"},
    ServedClass{"Gemma3nForCausalLM", {10, 1}, "2025-08-09"},
    ServedClass{"Glm4vMoeForConditionalGeneration", {10, 1}, "2025-08-09"},
    ServedClass{"SmolLM3ForCausalLM", {10, 1}, "2025-08-12"},
    ServedClass{"Lfm2ForCausalLM", {10, 2}, "2025-08-21"},
    ServedClass{"SeedOssForCausalLM", {10, 2}, "2025-08-22"},
    ServedClass{"ApertusForCausalLM", {10, 2}, "2025-08-29"},
    ServedClass{"Qwen3NextForCausalLM", {10, 2}, "2025-09-11"},
    ServedClass{"Olmo3ForCausalLM", {11, 0}, "2025-09-13"},
    ServedClass{"BailingMoeV2ForCausalLM", {11, 0}, "2025-09-15"},
    ServedClass{"Qwen3VLForConditionalGeneration", {11, 0}, "2025-09-17"},
    ServedClass{"Qwen3VLMoeForConditionalGeneration", {11, 0}, "2025-09-17"},
    ServedClass{"LongcatFlashForCausalLM", {11, 0}, "2025-09-24"},
    ServedClass{"CwmForCausalLM", {11, 0}, "2025-09-25"},
    ServedClass{"DeepseekV32ForCausalLM", {11, 0}, "2025-09-30"},
    ServedClass{"Lfm2MoeForCausalLM", {11, 1}, "2025-10-07"},
    ServedClass{"MiniMaxM2ForCausalLM", {11, 1}, "2025-10-27"},
    ServedClass{"KimiLinearForCausalLM", {11, 1}, "2025-10-30"},
    ServedClass{"MiMoV2FlashForCausalLM", {14, 0}, "2025-12-19"},
    ServedClass{"Grok1ForCausalLM", {14, 0}, "2026-01-08", 24},
    ServedClass{"ExaoneMoEForCausalLM", {14, 0}, "2026-01-12", 26},
    ServedClass{"ExaoneMoeForCausalLM", {27, 0}, "2026-08-03"},
    ServedClass{"Glm4MoeLiteForCausalLM", {15, 0}, "2026-01-19"},
    ServedClass{"KimiK25ForConditionalGeneration", {15, 0}, "2026-01-27"},
    ServedClass{"Step3p5ForCausalLM", {16, 0}, "2026-02-02"},
    ServedClass{"Qwen3_5ForConditionalGeneration", {17, 0}, "2026-02-09"},
    ServedClass{"Qwen3_5MoeForConditionalGeneration", {17, 0}, "2026-02-09"},
    ServedClass{"GlmMoeDsaForCausalLM", {16, 0}, "2026-02-09"},
    ServedClass{"OlmoHybridForCausalLM", {18, 0}, "2026-03-05"},
    ServedClass{"Gemma4ForConditionalGeneration", {19, 0}, "2026-04-02"},
    ServedClass{"Gemma4ForCausalLM", {19, 0}, "2026-04-02"},
    ServedClass{"Ministral3ForCausalLM", {20, 0}, "2026-04-14"},
    ServedClass{"DeepseekV4ForCausalLM", {20, 0}, "2026-04-26"},
    ServedClass{"Step3p7ForConditionalGeneration", {22, 0}, "2026-05-28"},
    ServedClass{"MiniMaxM3SparseForConditionalGeneration", {24, 0}, "2026-06-16"},
    ServedClass{"KimiK3ForConditionalGeneration", {27, 0}, "2026-07-30"},
    ServedClass{"Qwen3_5ForCausalLM", {27, 0}, "2026-07-29"},
    ServedClass{"Qwen3_5MoeForCausalLM", {27, 0}, "2026-07-29"},
};

std::string spelled(const VllmRelease& release) {
  const auto& [minor, patch] = release;
  return patch > 0 ? fmt::format("0.{}.{}", minor, patch) : fmt::format("0.{}", minor);
}

}  // namespace

std::span<const ServedClass> served_classes() {
  return kServed;
}

const ServedClass* find_served_class(std::string_view name) {
  const auto found = std::ranges::find(kServed, name, &ServedClass::name);
  return found == kServed.end() ? nullptr : &*found;
}

bool came_after(const ServedClass& served, const VllmCode& code) {
  if (!code.day.empty()) return code.day < served.since;
  return code.release < served.first;
}

bool went_before(const ServedClass& served, const VllmCode& code) {
  return served.last_minor > 0 && code.release.minor > served.last_minor;
}

bool runs_on_v0(const ServedClass& served, const VllmCode& code) {
  if (!code.day.empty()) return code.day < served.on_v1_since;
  return code.release < served.first_on_v1;
}

std::string first_release(const ServedClass& served) {
  return spelled(served.first);
}

std::string first_release_on_v1(const ServedClass& served) {
  return spelled(served.first_on_v1);
}

std::string releases_with(const ServedClass& served) {
  return first_release(served) +
         (served.last_minor > 0 ? fmt::format(" to 0.{}", served.last_minor) : " and later");
}

}  // namespace blis
