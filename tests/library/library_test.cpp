// The library as its headers promise it.
#include <gtest/gtest.h>

#include <blis/blis.hpp>
#include <nlohmann/json.hpp>
#include <thread>

namespace blis {
namespace {

const std::string kChat = BLIS_SOURCE_DIR "/scenarios/chat.yaml";
const SimulateOptions kHere{.data_folder = BLIS_SOURCE_DIR};

Scenario chat(const std::string& requests = "60") {
  const Setting few{.key = "num-prompts", .value = requests};
  return read_scenario(kChat, {&few, 1});
}

TEST(Library, AFigureIsThatOfTheResultUnderTheSameKey) {
  const Report report = simulate(chat(), kHere);
  const auto json = nlohmann::json::parse(to_json(report));
  for (const std::string& key : Report::figure_keys()) {
    ASSERT_TRUE(json.contains(key)) << key;
    if (json[key].is_null()) {
      EXPECT_FALSE(report.figure(key)) << key;
    } else {
      EXPECT_EQ(report.figure(key), json[key].get<double>()) << key;
    }
  }
  EXPECT_FALSE(report.figure("p42_ttft_ms"));
}

TEST(Library, SettingsWinOverTheFileAndLaterOnesOverEarlier) {
  const Setting settings[] = {{"engine.max_num_seqs", "4"}, {"engine.max_num_seqs", "2"}};
  EXPECT_EQ(nlohmann::json::parse(to_json(read_scenario(kChat, settings)))["engine"]["max_num_seqs"], 2);
}

TEST(Library, AMistakeNamesTheSetting) {
  const Setting wrong{.key = "engine.max_num_sqs", .value = "4"};
  try {
    read_scenario(kChat, {&wrong, 1});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("engine.max_num_sqs=4"), std::string::npos) << error.what();
  }
}

TEST(Library, AWrittenScenarioIsReadAsTheSame) {
  const Scenario scenario = chat();
  const Scenario again = parse_scenario(to_yaml(scenario, BLIS_SOURCE_DIR "/scenarios"), "again.yaml",
                                        BLIS_SOURCE_DIR "/scenarios");
  EXPECT_EQ(to_json(simulate(again, kHere)), to_json(simulate(scenario, kHere)));
}

TEST(Library, ARunStopsWhenItsProgressSaysSo) {
  SimulateOptions options = kHere;
  options.progress = [](const Progress&) { return false; };
  const Scenario long_run = parse_scenario(R"(
version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
workload:
  kind: synthetic
  num_requests: 50000
  arrival: { process: poisson, request_rate: 8 }
  input_tokens: { distribution: constant, value: 500 }
  output_tokens: { distribution: constant, value: 100 }
)",
                                           "long", "");
  const Report report = simulate(long_run, options);
  EXPECT_TRUE(report.interrupted());
  EXPECT_FALSE(report.warnings().empty());
}

TEST(Library, ThreadsSimulateAtOnceAndGiveEqualBytes) {
  const Scenario scenario = chat();
  std::string texts[2];
  {
    std::jthread one([&] { texts[0] = to_json(simulate(scenario, kHere)); });
    std::jthread other([&] { texts[1] = to_json(simulate(scenario, kHere)); });
  }
  EXPECT_EQ(texts[0], texts[1]);
}

TEST(Library, AComparisonHasARowForEachPoint) {
  const Variation vary[] = {{"engine.max_num_seqs", {"16", "64"}}, {"num-prompts", {"40"}}};
  const Comparison comparison = compare(kChat, vary, {.data_folder = BLIS_SOURCE_DIR, .threads = 2});
  const auto json = nlohmann::json::parse(to_json(comparison));
  EXPECT_EQ(json["points"].size(), 2u);
  EXPECT_NE(to_text(comparison).find("64"), std::string::npos);
  EXPECT_THROW(compare(kChat, std::vector<Variation>{{"engine.max_num_seqs", {}}}), InputError);
}

}  // namespace
}  // namespace blis
