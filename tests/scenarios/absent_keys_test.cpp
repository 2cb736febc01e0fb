// What transformers leaves out of a config.json has the value of the model's class, or is asked for.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <optional>

#include "problems.h"
#include "published_configs.h"
#include "scenarios/models/class_defaults.h"
#include "scenarios/models/family.h"
#include "scenarios/models/word_list.h"
#include "temp_folder.h"

namespace blis {
namespace {

// The figures of a config, without remarks that say where they are from; nothing if it is refused.
std::optional<std::string> figures_if_read(const ConfigJson& config, const TempFolder& folder) {
  try {
    ModelConfig model = read_model_config(folder.write("m/config.json", config.dump(1)));
    model.remarks.clear();
    return figures_of(model);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

ConfigJson value_of(const std::string& text) {
  if (text == "null") return nullptr;
  if (text == "true" || text == "false") return text == "true";
  return text.find_first_not_of("0123456789-") == std::string::npos ? ConfigJson(std::stoll(text))
                                                                    : ConfigJson(text);
}

// What a class has for `key` under any name, as an entry of a config.
std::optional<std::pair<std::string, ConfigJson>> default_of(std::string_view model_type,
                                                             const std::string& key) {
  for (const std::string_view pair : words_of(defaults_of(model_type))) {
    const std::size_t at = pair.find('=');
    const std::string_view known = pair.substr(0, at);
    if (known != key && !has_word(synonyms_of(known), key)) continue;
    return std::pair(std::string(known), value_of(std::string(pair.substr(at + 1))));
  }
  return std::nullopt;
}

// Without them there is none of what they are for, or vLLM's rule is another one, whatever the class.
constexpr std::string_view kNoneIfAbsent =
    "quantization_config compression_config hf_quant_config rope_scaling rope_parameters model_max_length "
    "head_dim mamba_ssm_dtype audio_config vision_config";
// What kind the rest is follows from them.
constexpr std::string_view kStructure = "text_config model_type architectures";

// Whatever its class says, a mistral other than v0.1 has no window where nothing is written of one.
bool is_null_by_publication(const std::string& type, const std::string& key) {
  return type == "mistral" && key == "sliding_window";
}

// Every how many keys of every how many models one is removed: few enough to be quick, or BLIS_ABSENT_KEYS.
struct Strides {
  int models = 17, keys = 7;
};
Strides strides() {
  const char* const given = std::getenv("BLIS_ABSENT_KEYS");
  return given ? Strides{1, std::max(1, std::atoi(given))} : Strides{};
}

// Removes keys of `part`, a map in `config`, in turn. `count` goes on over all models.
void remove_in_turn(const fs::path& model, const ConfigJson& config, const std::string& part,
                    const TempFolder& folder, int& count, std::map<std::string, int>& tally) {
  const ConfigJson::json_pointer place(part);
  const ConfigJson& section = config[place];
  const std::string own = section.value("model_type", "");
  const Family* const family = find_family(own);
  std::optional<std::string> before;
  for (const auto& [key, value] : section.items()) {
    if (has_word(kStructure, key) || ++count % strides().keys != 0) continue;
    if (!before) before = figures_if_read(config, folder);
    if (!before) return;  // a model that is refused
    ConfigJson without = config;
    without[place].erase(key);
    const auto after = figures_if_read(without, folder);
    if (!after) {
      ++tally["refused"];
    } else if (after == before || is_null_by_publication(own, key)) {
      ++tally["the same"];
    } else if (auto by_class = default_of(own, key)) {
      without[place][by_class->first] = by_class->second;
      EXPECT_EQ(figures_if_read(without, folder), after) << model << " " << part << " " << key;
      ++tally["its class's"];
    } else if (family && (by_class = default_of(family->text, key))) {  // a language model not nested
      without[place][by_class->first] = by_class->second;
      EXPECT_EQ(figures_if_read(without, folder), after) << model << " " << part << " " << key;
      ++tally["its class's"];
    } else if (has_word(kNoneIfAbsent, key)) {
      ++tally["none of it"];
    } else {
      ADD_FAILURE() << model.filename() << ": without `" << part << "/" << key << "` (" << value.dump()
                    << ") other figures follow, and no class says so";
    }
  }
}

void expect_known_absences(const fs::path& models) {
  const TempFolder folder;
  std::map<std::string, int> tally;
  int count = 0, number = 0;
  for (const fs::path& model : folders_of(models)) {
    if (++number % strides().models != 0) continue;
    const ConfigJson config = json_of(model / "config.json");
    for (const char* const part : {"", "/text_config", "/llm_config", "/language_config"}) {
      const ConfigJson::json_pointer place(part);
      if (config.contains(place)) remove_in_turn(model, config, part, folder, count, tally);
    }
  }
  for (const auto& [what, keys] : tally) std::printf("%d keys, absent: %s\n", keys, what.c_str());
  EXPECT_GT(tally["its class's"], 250 / (strides().keys * strides().models));
}

std::string card_of(const std::string& config, const std::string& what) {
  const TempFolder folder;
  const ModelConfig model = read_model_config(folder.write("m/config.json", config));
  const ModelCard card = model_card(model);
  if (what == "longest") return std::to_string(card.max_model_len) + " by " + card.max_model_len_from;
  if (what == "layers") return card.layers.front().kind;
  if (what == "remarks") return card.remarks.empty() ? "" : card.remarks.front();
  return fmt::format("{:.3f} B", card.total_params / 1e9);
}

constexpr const char* kSizes = R"("hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
    "intermediate_size": 14336, )";

TEST(AbsentKeys, HaveTheValuesOfTheirClass) {
  const std::string sizes = kSizes;
  EXPECT_EQ(card_of(R"({"model_type": "qwen3", )" + sizes + R"("vocab_size": 151936})", "longest"),
            "32768 by max_position_embeddings of its class");
  EXPECT_EQ(card_of(R"({"model_type": "mistral", )" + sizes + R"("vocab_size": 32000})", "layers"),
            "sliding");
  EXPECT_EQ(card_of(R"({"model_type": "mistral", )" + sizes + R"("vocab_size": 32768})", "layers"), "full")
      << "later ones write null";
  EXPECT_EQ(card_of(R"({"model_type": "llama", "vocab_size": 32064})", "remarks"),
            "`num_hidden_layers`, `hidden_size`, `intermediate_size` not in the config: as in its class");
}

// llava-hf/llava-1.5-7b-hf says no more than this; its published size is 7.06 B.
TEST(AbsentKeys, OfLlavasLanguageModelAreLlamas) {
  EXPECT_EQ(card_of(R"({"architectures": ["LlavaForConditionalGeneration"], "model_type": "llava",
      "ignore_index": -100, "image_token_index": 32000, "pad_token_id": 32001, "projector_hidden_act": "gelu",
      "text_config": {"_name_or_path": "lmsys/vicuna-7b-v1.5", "architectures": ["LlamaForCausalLM"],
        "max_position_embeddings": 4096, "model_type": "llama", "rms_norm_eps": 1e-05, "torch_dtype": "float16",
        "vocab_size": 32064},
      "torch_dtype": "float16", "vision_feature_layer": -2, "vision_feature_select_strategy": "default",
      "vision_config": {"hidden_size": 1024, "image_size": 336, "intermediate_size": 4096,
        "model_type": "clip_vision_model", "num_attention_heads": 16, "num_hidden_layers": 24,
        "patch_size": 14, "projection_dim": 768, "vocab_size": 32000}, "vocab_size": 32064})",
                    "size"),
            "7.063 B");
}

TEST(AbsentKeys, ThatAreNullAreNotTheClasss) {
  const TempFolder folder;
  const ModelFacts model = read_model_facts(folder.write(
      "m/config.json", R"({"model_type": "mistral", "num_key_value_heads": null, "vocab_size": 32768, )" +
                           std::string(kSizes) + R"("sliding_window": null})"));
  EXPECT_EQ(model.kv_heads, 32) << "null is as many as heads, and the class has 8";
}

TEST(AbsentKeys, OfTheCatalogHaveTheirClassesValuesOrAreAskedFor) {
  expect_known_absences(BLIS_SOURCE_DIR "/model_configs");
}

TEST(AbsentKeys, OfAWiderSetHaveTheirClassesValuesOrAreAskedFor) {
  const fs::path folder = BLIS_SOURCE_DIR "/../shared/models/configs";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  expect_known_absences(folder);
}

}  // namespace
}  // namespace blis
