// Two pasted commands as one scenario.
#include "tools/import/imported_scenario.h"

#include <gtest/gtest.h>

#include "scenarios/build.h"
#include "scenarios/short_yaml.h"
#include "tests/scenarios/problems.h"

namespace blis {
namespace {

const std::string kServer = "vllm serve Qwen/Qwen3-32B --tensor-parallel-size 2 --max-model-len 32k";
const std::string kClient =
    "vllm bench serve --dataset-name random --random-input-len 1024 --random-output-len 128 "
    "--request-rate 10 --num-prompts 50";

std::vector<Override> with(const std::vector<std::string>& settings) {
  std::vector<Override> more{{"hardware.gpu", "H100", "--gpu H100"}};
  for (const std::string& setting : settings) more.push_back(parse_override(setting));
  return more;
}

ImportedScenario imported(const std::string& server, const std::string& client,
                          const std::vector<std::string>& settings = {}) {
  return imported_scenario(server, client, with(settings));
}

TEST(ImportedScenario, SaysWhatTheTwoCommandsSay) {
  const ScenarioSettings s = imported(kServer, kClient).settings;
  EXPECT_EQ(s.model, "Qwen/Qwen3-32B");
  EXPECT_EQ(s.hardware.gpu, "H100");
  EXPECT_EQ(s.engine.tensor_parallel_size, 2);
  EXPECT_EQ(s.engine.max_model_len, 32000);
  const auto& traffic = std::get<SyntheticSpec>(s.workload.spec.kind);
  EXPECT_EQ(traffic.num_requests, 50);
  EXPECT_EQ(traffic.clients.at(0).input_tokens.value, 1024);
  EXPECT_EQ(traffic.arrival->process, ArrivalSpec::Process::normalized_exponential);
  EXPECT_EQ(s.origins.at("engine.max_model_len"), "--max-model-len 32k");
  EXPECT_NO_THROW(build(s, Catalog(BLIS_SOURCE_DIR)));
}

TEST(ImportedScenario, FlagsWinOverTheCommands) {
  EXPECT_EQ(
      imported(kServer, kClient, {"engine.tensor_parallel_size=4"}).settings.engine.tensor_parallel_size, 4);
}

TEST(ImportedScenario, IsWrittenAsAShortFileThatReadsTheSame) {
  for (const std::string more : {"", " --random-range-ratio 0.5 --random-prefix-len 100 --burstiness 0.5",
                                 " --ramp-up-strategy linear --ramp-up-start-rps 1 --ramp-up-end-rps 20",
                                 " --max-concurrency 8 --goodput ttft:500 tpot:50 --seed 3"}) {
    const ScenarioSettings before = imported(kServer, kClient + more).settings;
    const std::string text = short_yaml(before, "");
    const ScenarioSettings after = parse_settings(text, "again.yaml", "");
    EXPECT_EQ(to_json(after), to_json(before)) << text;
    EXPECT_EQ(text.find("null"), std::string::npos) << text;
    EXPECT_EQ(text.find("enforce_eager"), std::string::npos) << "nobody said it\n" << text;
    EXPECT_NE(text.find("# --max-model-len 32k"), std::string::npos) << text;
  }
}

TEST(ImportedScenario, TheTwoCommandsHaveTheirPlaces) {
  const Said swapped = said_by([] { imported(kClient, kServer); });
  EXPECT_EQ(swapped.heads.at(0),
            "the server's command:1:1: `vllm bench serve` is a load generator, and stands where the server "
            "belongs");
  EXPECT_NE(swapped.all.find("the other way round"), std::string::npos) << swapped.all;
  EXPECT_NE(said_by([] { imported(kServer, kServer); }).all.find("`vllm serve` is a server"),
            std::string::npos);
  EXPECT_NE(said_by([] { imported("", kClient); }).all.find("there is no command"), std::string::npos);
  EXPECT_NE(said_by([] { imported("vllm serve a\nvllm serve b", kClient); }).all.find("is a second command"),
            std::string::npos);
}

TEST(ImportedScenario, AsksForTheAcceptanceThatNoCommandSays) {
  const std::string server =
      kServer + R"( --speculative-config '{"method": "eagle3", "model": "m", "num_speculative_tokens": 2}')";
  const Said said = said_by([&] { imported(server, kClient); });
  EXPECT_EQ(said.kind, ErrorKind::usage);
  EXPECT_NE(said.all.find("--set 'engine.speculative.acceptance=["), std::string::npos) << said.all;
  const ScenarioSettings s = imported(server, kClient, {"engine.speculative.acceptance=[0.8, 0.5]"}).settings;
  EXPECT_EQ(s.engine.speculative->method, "eagle3");
  EXPECT_EQ(s.engine.speculative->acceptance, (std::vector<double>{0.8, 0.5}));
}

TEST(ImportedScenario, WhatIsNotModelledIsRefusedOrLeftOut) {
  const std::string server = kServer + " --stream-interval 4 --cpu-offload-gb 0 --enable-dbo";
  const Said said = said_by([&] { imported(server, kClient); });
  EXPECT_EQ(said.kind, ErrorKind::not_modelled);
  ASSERT_EQ(said.heads.size(), 2u) << "a value of 0 offloads nothing\n" << said.all;
  EXPECT_NE(said.all.find("--stream-interval 4 is not modelled"), std::string::npos) << said.all;
  EXPECT_NE(said.all.find("--allow-unmodelled"), std::string::npos) << said.all;
  const ImportedScenario allowed = imported(server, kClient, {"allow_unmodelled=true"});
  EXPECT_EQ(allowed.settings.left_out.size(), 2u);
  EXPECT_EQ(resolve(allowed.settings, Catalog(BLIS_SOURCE_DIR)).not_modelled.size(), 2u);
  EXPECT_EQ(parse_settings(short_yaml(allowed.settings, ""), "again.yaml", "").left_out,
            allowed.settings.left_out);
}

TEST(ImportedScenario, WrongValuesAreReportedAtTheArgument) {
  const Said said = said_by([] { imported(kServer + " --dtype int4", kClient); });
  EXPECT_NE(said.heads.at(0).find("--dtype int4: `engine.dtype` has a wrong value"), std::string::npos)
      << said.all;
  const Said unset = said_by([] { imported("vllm serve $MODEL --api-key $KEY", kClient); });
  EXPECT_EQ(unset.heads.at(0), "the server's command:1:12: nobody has set $MODEL") << unset.all;
  EXPECT_EQ(unset.heads.size(), 1u) << unset.all;
}

TEST(ImportedScenario, TheVersionIsThatOfTheImage) {
  const std::string server =
      "docker run --gpus all -e VLLM_USE_V1=1 vllm/vllm-openai:v0.11.0 --model Qwen/Qwen3-8B";
  EXPECT_EQ(imported(server, kClient).settings.engine.vllm_version, "0.11.0");
  const Said v0 = said_by([] {
    const ScenarioSettings s =
        imported("docker run vllm/vllm-openai:v0.6.3 --model Qwen/Qwen3-8B", kClient).settings;
    resolve(s, Catalog(BLIS_SOURCE_DIR));
  });
  EXPECT_EQ(v0.kind, ErrorKind::not_modelled) << v0.all;
}

TEST(ImportedScenario, AnotherModelAtTheClientIsSaid) {
  const auto notes = [](const std::string& client) { return imported(kServer, client).notes; };
  EXPECT_EQ(notes(kClient + " --ignore-eos --model qwen/qwen3-32b").size(), 0u);
  const std::vector<std::string> other = notes(kClient + " --ignore-eos --model Qwen/Qwen3-8B");
  ASSERT_EQ(other.size(), 1u);
  EXPECT_NE(other[0].find("the client asks for `Qwen/Qwen3-8B`"), std::string::npos);
}

// A scenario's flags and keys are those of the table: one way to say a thing.
TEST(ArgumentTable, NamesKeysThatScenariosHave) {
  for (const Argument& argument : serve_arguments()) {
    if (argument.effect != Effect::sets_key || argument.key == "workload.sampling") continue;
    const std::string key(argument.key);
    // A value that nothing takes is refused at its key; an unknown key as unknown.
    const Said said = said_by([&] {
      parse_settings("version: 1\nmodel: m\nhardware: { gpu: H100 }\nworkload: { kind: trace, path: t }\n",
                     "s.yaml", "", std::vector<Override>{{key, "{nothing: 1}", "here"}});
    });
    EXPECT_EQ(said.all.find("unknown key `" + key.substr(key.rfind('.') + 1) + "`"), std::string::npos)
        << argument.name << said.all;
  }
}

}  // namespace
}  // namespace blis
