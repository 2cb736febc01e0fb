// Which releases of vLLM serve a model: from the one that brought its class to the last before it went.
#include "scenarios/models/served_classes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "scenarios/build.h"
#include "scenarios/models/family.h"
#include "scenarios/vllm_version.h"

namespace blis {
namespace {

std::set<std::string_view> words(std::string_view text) {
  std::set<std::string_view> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    found.insert(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

TEST(ServedClasses, AreThoseOfTheFamilies) {
  std::set<std::string_view> of_families, rows;
  for (const Family& family : families()) of_families.merge(words(family.architectures));
  for (const ServedClass& served : served_classes()) {
    EXPECT_TRUE(rows.insert(served.name).second) << served.name << " twice";
  }
  EXPECT_EQ(rows, of_families);
}

TEST(ServedClasses, ComeBeforeTheyGo) {
  for (const ServedClass& served : served_classes()) {
    EXPECT_EQ(served.since.size(), 10u) << served.name;
    EXPECT_TRUE(served.last_minor == 0 || served.last_minor >= served.first.minor) << served.name;
  }
}

struct Case {
  const char *config, *version;
  bool served;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.config << " in " << c.version;
}

class Releases : public testing::TestWithParam<Case> {};

TEST_P(Releases, ServeAModelWhileTheyHaveItsClass) {
  const auto& [name, version, served] = GetParam();
  const ServedClass* const row = find_served_class(name);
  ASSERT_NE(row, nullptr);
  const VllmCode code = find_vllm_version(version, {}).code;
  EXPECT_EQ(!came_after(*row, code) && !went_before(*row, code), served);
}

INSTANTIATE_TEST_SUITE_P(
    Tables, Releases,
    testing::Values(
        Case{"LlamaForCausalLM", "0.8", true}, Case{"Gemma4ForCausalLM", "0.9", false},
        Case{"Gemma4ForCausalLM", "0.18", false}, Case{"Gemma4ForCausalLM", "0.18.1", false},
        Case{"Gemma4ForCausalLM", "0.19", true}, Case{"Gemma4ForCausalLM", "0.19.0", true},
        Case{"Gemma4ForCausalLM", "0.99", true}, Case{"Gemma4ForCausalLM", "2026-04-01", false},
        Case{"Gemma4ForCausalLM", "2026-04-02", true}, Case{"GptOssForCausalLM", "0.10", true},
        Case{"GptOssForCausalLM", "0.10.0", false}, Case{"GptOssForCausalLM", "v0.10.1", true},
        Case{"MiniMaxM2ForCausalLM", "0.11.0", false}, Case{"MiniMaxM2ForCausalLM", "0.11.1", true},
        Case{"MiniMaxM2ForCausalLM", "0.11.2rc1", true}, Case{"MiniMaxM2ForCausalLM", "0.11", true},
        Case{"Qwen3_5ForConditionalGeneration", "0.16", false},
        Case{"Qwen3_5ForConditionalGeneration", "0.17", true}, Case{"Dots1ForCausalLM", "0.9.1", false},
        Case{"Dots1ForCausalLM", "0.9.2", true}, Case{"Dots1ForCausalLM", "0.23", true},
        Case{"Dots1ForCausalLM", "0.24", false}, Case{"MllamaForConditionalGeneration", "2025-09-01", true},
        Case{"MllamaForConditionalGeneration", "2025-11-01", false}));

struct EngineCase {
  const char *name, *version;
  bool on_v0;
};

TEST(Releases, RunWhatV1LackedOnV0) {
  for (const auto& [name, version, on_v0] :
       {EngineCase{"LlamaForCausalLM", "0.8", false}, EngineCase{"JambaForCausalLM", "0.9", true},
        EngineCase{"JambaForCausalLM", "0.10.1", true}, EngineCase{"JambaForCausalLM", "0.10.2", false},
        EngineCase{"JambaForCausalLM", "2025-08-26", true},
        EngineCase{"JambaForCausalLM", "2025-08-27", false},
        EngineCase{"FalconH1ForCausalLM", "0.10.0", true}, EngineCase{"FalconH1ForCausalLM", "0.11", false},
        EngineCase{"BloomForCausalLM", "0.10.1", true}, EngineCase{"BloomForCausalLM", "0.10", false},
        EngineCase{"GlmForCausalLM", "0.8.4", true}, EngineCase{"GlmForCausalLM", "0.8.5", false},
        EngineCase{"Lfm2ForCausalLM", "0.10.2", false}}) {
    const ServedClass* const row = find_served_class(name);
    ASSERT_NE(row, nullptr) << name;
    EXPECT_EQ(runs_on_v0(*row, find_vllm_version(version, {}).code), on_v0) << name << " in " << version;
  }
}

// With this release of vLLM; empty if nothing is wrong.
std::string said_of(const std::string& version, bool allowed, const std::string& model = "gemma-4-e4b-it") {
  static const Catalog catalog(BLIS_SOURCE_DIR);
  ScenarioSettings settings = parse_settings("version: 1\nmodel: " + model +
                                                 "\nhardware: { gpu: H100 }\n"
                                                 "engine: { vllm_version: '" +
                                                 version +
                                                 "', max_model_len: 4096 }\n"
                                                 "workload:\n  kind: synthetic\n  num_requests: 5\n"
                                                 "  arrival: { process: poisson, request_rate: 1 }\n"
                                                 "  input_tokens: { distribution: constant, value: 100 }\n"
                                                 "  output_tokens: { distribution: constant, value: 10 }\n",
                                             "s.yaml", "");
  settings.allow_unmodelled = allowed;
  try {
    const std::vector<std::string> left_out = resolve(settings, catalog).not_modelled;
    return left_out.empty() ? "" : left_out.front();
  } catch (const InputError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_modelled);
    return error.what();
  }
}

TEST(Releases, WithoutTheClassAreRefusedWithTheFirstThatHasIt) {
  const std::string said = said_of("0.9", false);
  EXPECT_NE(
      said.find("vLLM 0.9 has no `Gemma4ForConditionalGeneration` yet; the first release with it is 0.19"),
      std::string::npos)
      << said;
  EXPECT_NE(said.find("engine.vllm_version 0.19"), std::string::npos) << said;
  EXPECT_NE(said.find("--allow-unmodelled"), std::string::npos) << said;
  EXPECT_EQ(said_of("0.19", false), "");
  EXPECT_NE(
      said_of("0.9", false, "falcon-h1-7b-instruct").find("runs `FalconH1ForCausalLM` on its engine V0"),
      std::string::npos);
  EXPECT_NE(said_of("0.9", true).find("the first release with it is 0.19"), std::string::npos);
}

}  // namespace
}  // namespace blis
