#include <gtest/gtest.h>

#include "problems.h"
#include "scenarios/scenario.h"
#include "scenarios/traffic_flags.h"
#include "settings.h"

namespace blis {
namespace {

constexpr const char* kOverriddenScenario =
    "version: 1\n"
    "model: llama-3.1-8b-instruct\n"
    "hardware: { gpu: H100 }\n"
    "engine:\n"
    "  block_size: 16\n"
    "workload:\n"
    "  kind: synthetic\n"
    "  num_requests: 10\n"
    "  arrival: { process: poisson, request_rate: 1 }\n"
    "  clients:\n"
    "    - name: a\n"
    "      share: 0.5\n"
    "      input_tokens: { distribution: constant, value: 100 }\n"
    "      output_tokens: { distribution: constant, value: 10 }\n"
    "    - name: b\n"
    "      share: 0.5\n"
    "      input_tokens: { distribution: constant, value: 100 }\n"
    "      output_tokens: { distribution: constant, value: 10 }\n";

ScenarioSettings read(const std::vector<std::string>& settings, const std::string& folder = "") {
  return parsed(kOverriddenScenario, settings, folder);
}

const SyntheticSpec& synthetic(const ScenarioSettings& s) {
  return std::get<SyntheticSpec>(s.workload.spec.kind);
}

TEST(Overrides, ReplaceValuesOfTheFileAndAddNewOnes) {
  const ScenarioSettings s =
      read({"engine.block_size=32", "engine.max_num_seqs=64", "seed=7", "latency.host.api_ms=2.5"});
  EXPECT_EQ(s.engine.block_size, 32);
  EXPECT_EQ(s.engine.max_num_seqs, 64);
  EXPECT_EQ(s.seed, 7u);
  EXPECT_EQ(s.latency.host.api_ms, 2.5);
  EXPECT_EQ(s.origins.at("engine.block_size"), "--set engine.block_size=32");
  EXPECT_EQ(s.origins.at("model"), "s.yaml:2:8");
}

TEST(Overrides, TheLastOneWins) {
  EXPECT_EQ(read({"engine.block_size=32", "engine.block_size=8"}).engine.block_size, 8);
}

TEST(Overrides, NullTakesAValueAway) {
  EXPECT_EQ(read({"engine.max_num_seqs=64", "engine.max_num_seqs=null"}).engine.max_num_seqs, std::nullopt);
}

TEST(Overrides, ReachIntoLists) {
  EXPECT_EQ(synthetic(read({"workload.clients.1.input_tokens.value=7"})).clients.at(1).input_tokens.value, 7);
}

TEST(Overrides, TakeWholeSections) {
  const ScenarioSettings s = read({"workload={kind: trace, path: t.csv}", "slo={goodput: {ttft_ms: 500}}"});
  EXPECT_EQ(std::get<TraceSpec>(s.workload.spec.kind).path, "t.csv");
  EXPECT_EQ(s.slo.goodput.ttft_ms, 500);
}

TEST(Overrides, ATextMayHoldWhatYamlWouldTakeForSyntax) {
  EXPECT_EQ(read({"name=a: b # c"}).name, "a: b # c");
  EXPECT_EQ(read({"name='quoted'"}).name, "quoted");
  EXPECT_EQ(read({"name=x=y"}).name, "x=y");
}

TEST(Overrides, AreTypedAndReportedLikeTheFile) {
  EXPECT_EQ(said_by([] { read({"engine.block_size=010"}); }).all,
            "--set engine.block_size=010: `engine.block_size` has a wrong value\n"
            "  expected: an integer from 1 to 1024\n"
            "  got:      `010`\n"
            "  hint:     a leading zero means octal to some readers: write it without");
}

struct FlagMistake {
  const char* setting;
  const char* head;
};

TEST(Overrides, EachMistakeIsNamed) {
  for (const FlagMistake& m : {
           FlagMistake{"engine.blok_size=1", "--set engine.blok_size=1: unknown key `blok_size`"},
           FlagMistake{"model.x=1", "--set model.x=1: `model` is a value, not a section"},
           FlagMistake{"engine..x=1", "--set engine..x=1: a dotted key has an empty part"},
           FlagMistake{".seed=1", "--set .seed=1: a dotted key has an empty part"},
           FlagMistake{"workload.clients.2.share=1",
                       "--set workload.clients.2.share=1: `workload.clients` is a list of 2"},
           FlagMistake{"workload.clients.x.share=1",
                       "--set workload.clients.x.share=1: `workload.clients` is a list of 2"},
           FlagMistake{"engine={block_size: 1", "--set engine={block_size: 1: a key must be a word"},
           FlagMistake{"engine={a: 1, a: 2}", "--set engine={a: 1, a: 2}: duplicate key `a`"},
           FlagMistake{"name=", "--set name=: `name` has a wrong value"},
           FlagMistake{"seed=\xff", "--set seed=\xff: not a text file"},
       }) {
    const Said said = said_by([&] { read({m.setting}); });
    EXPECT_EQ(said.heads.at(0), m.head);
    EXPECT_EQ(said.kind, ErrorKind::usage);
  }
}

TEST(Overrides, NeedAKeyAndAValue) {
  EXPECT_EQ(said_by([] { parse_override("seed"); }).heads.at(0),
            "--set seed: `--set` needs a key and a value");
  EXPECT_EQ(said_by([] { parse_override("=5"); }).heads.at(0), "--set =5: `--set` needs a key and a value");
  EXPECT_EQ(parse_override("p99_ttft_ms=5", "--slo").shown, "--slo p99_ttft_ms=5");
}

TEST(Overrides, MakeAScenarioWithoutAnyFile) {
  std::vector<Override> overrides;
  for (const char* const setting :
       {"version=1", "model=m", "hardware.gpu=g", "workload.kind=trace", "workload.path=t.csv"}) {
    overrides.push_back(parse_override(setting));
  }
  const ScenarioSettings s = parse_settings("", "replay", "", overrides);
  EXPECT_EQ(s.name, "replay");
  EXPECT_EQ(std::get<TraceSpec>(s.workload.spec.kind).path, "t.csv");
}

// The file's own paths start at its folder, an override's at the working folder.
TEST(Overrides, RelativePathsStartAtTheWorkingFolder) {
  const ScenarioSettings s =
      read({"workload={kind: trace, path: t.csv}", "model=./m/config.json"}, "some/folder");
  EXPECT_EQ(std::get<TraceSpec>(s.workload.spec.kind).path, "../../t.csv");
  EXPECT_EQ(located(s, "../../t.csv"), "t.csv");
  EXPECT_EQ(s.model, "../../m/config.json");
  EXPECT_EQ(located(s, "traces/t.csv"), "some/folder/traces/t.csv");
  EXPECT_EQ(located(s, "/t.csv"), "/t.csv");
  EXPECT_EQ(located(s, "-"), "-");
}

using Flags = std::vector<std::pair<const char*, const char*>>;

ScenarioSettings read_with_flags(const std::string& text, const Flags& flags) {
  std::vector<Override> overrides;
  for (const auto& [name, value] : flags) {
    overrides.push_back(override_named(name, value, std::string("--") + name + " " + value));
  }
  return parse_settings(text, "s.yaml", "", overrides, Scope::traffic);
}
TraceSpec trace_with(const std::string& arrival, const Flags& flags) {
  const std::string text = "version: 1\nworkload:\n  kind: trace\n  path: t.csv\n" + arrival;
  return std::get<TraceSpec>(read_with_flags(text, flags).workload.spec.kind);
}

TEST(TrafficFlags, OfATraceReplaceItsArrivalsAndLimitItsRows) {
  EXPECT_EQ(trace_with("", {{"num-prompts", "9"}}).limit, 9);
  const TraceSpec poisson = trace_with("", {{"request-rate", "5"}});
  ASSERT_TRUE(poisson.arrival);
  EXPECT_EQ(poisson.arrival->process, ArrivalSpec::Process::poisson);
  EXPECT_EQ(poisson.arrival->request_rate, 5);
  const TraceSpec bursty = trace_with("", {{"burstiness", "0.5"}, {"request-rate", "5"}});
  EXPECT_EQ(bursty.arrival->process, ArrivalSpec::Process::gamma);
  EXPECT_EQ(bursty.arrival->burstiness, 0.5);
  EXPECT_EQ(bursty.arrival->request_rate, 5);
}

TEST(TrafficFlags, OfASyntheticWorkloadChangeTheArrivalsThatAreThere) {
  const ScenarioSettings s =
      read_with_flags(kOverriddenScenario, {{"num-prompts", "9"}, {"request-rate", "5"}});
  EXPECT_EQ(synthetic(s).num_requests, 9);
  EXPECT_EQ(synthetic(s).arrival->process, ArrivalSpec::Process::poisson);
  EXPECT_EQ(synthetic(s).arrival->request_rate, 5);
}

TEST(TrafficFlags, ARateKeepsTheProcessThatATraceWasGiven) {
  const std::string constant = "  arrival: { process: constant, request_rate: 1 }\n";
  EXPECT_EQ(trace_with(constant, {{"request-rate", "5"}}).arrival->process, ArrivalSpec::Process::constant);
  EXPECT_EQ(trace_with(constant, {{"request-rate", "5"}}).arrival->request_rate, 5);
}

TEST(TrafficFlags, AnInfiniteRateIsAllAtOnceAndAFiniteOneEndsThat) {
  EXPECT_EQ(trace_with("", {{"burstiness", "2"}, {"request-rate", "inf"}}).arrival->process,
            ArrivalSpec::Process::at_once);
  const std::string at_once = "  arrival: { process: at_once }\n";
  EXPECT_EQ(trace_with(at_once, {{"request-rate", "5"}}).arrival->process, ArrivalSpec::Process::poisson);
  const ScenarioSettings s = read_with_flags(kOverriddenScenario, {{"request-rate", "inf"}});
  EXPECT_EQ(synthetic(s).arrival->process, ArrivalSpec::Process::at_once);
}

TEST(TrafficFlags, TheirOrderDoesNotMatter) {
  EXPECT_EQ(trace_with("", {{"request-rate", "INF"}, {"burstiness", "2"}}).arrival->process,
            ArrivalSpec::Process::at_once);
  const TraceSpec bursty = trace_with("", {{"request-rate", "5"}, {"burstiness", "0.5"}});
  EXPECT_EQ(bursty.arrival->process, ArrivalSpec::Process::gamma);
  EXPECT_EQ(bursty.arrival->request_rate, 5);
}

TEST(TrafficFlags, AMistakeIsPlacedAtTheFlag) {
  const Said said = said_by([] { trace_with("", {{"num-prompts", "x"}}); });
  EXPECT_EQ(said.heads.at(0), "--num-prompts x: `workload.limit` has a wrong value");
  EXPECT_EQ(said_by([] {
              trace_with("", {{"burstiness", "0.5"}});
            }).heads.at(0),
            "--burstiness 0.5: missing key `workload.arrival.request_rate`");
}

constexpr const char* kPlain =
    "version: 1\n"
    "model: llama-3.1-8b-instruct\n"
    "hardware: { gpu: H100 }\n"
    "workload:\n"
    "  kind: synthetic\n"
    "  num_requests: 10\n"
    "  arrival: { process: poisson, request_rate: 1 }\n"
    "  input_tokens: { distribution: constant, value: 100 }\n"
    "  output_tokens: { distribution: constant, value: 10 }\n";

ScenarioSettings with_flags(const std::vector<std::pair<std::string, std::string>>& flags,
                            const std::string& text = kPlain) {
  std::vector<Override> overrides;
  for (const auto& [name, value] : flags)
    overrides.push_back(override_named(name, value, "--" + name + " " + value));
  return parse_settings(text, "s.yaml", "", overrides);
}

TEST(TrafficFlags, ALengthIsANumberASpreadOrARange) {
  using Kind = Distribution::Kind;
  const auto input = [](const std::string& value) {
    return synthetic(with_flags({{"input-len", value}})).clients.at(0).input_tokens;
  };
  EXPECT_EQ(input("1000").kind, Kind::constant);
  EXPECT_EQ(input("32k").value, 32000);
  EXPECT_EQ(input("1000,300").kind, Kind::normal);
  EXPECT_EQ(input("1000,300").stddev, 300);
  EXPECT_EQ(input("500-1500").kind, Kind::uniform);
  EXPECT_EQ(input("500-1500").max, 1500);
  for (const char* const bad : {"x", "1,", "5-", "1000,300,2", "5-x"}) {
    EXPECT_NE(said_by([&] { input(bad); }).all.find("this is no length"), std::string::npos) << bad;
  }
}

TEST(TrafficFlags, ShapePromptsAndConversations) {
  const ClientSpec client =
      synthetic(with_flags({{"output-len", "50"}, {"prefix-len", "300"}, {"turns", "2-4"}})).clients.at(0);
  EXPECT_EQ(client.output_tokens.value, 50);
  EXPECT_EQ(client.prefix->tokens.value, 300);
  EXPECT_EQ(client.session->turns.min, 2);
  EXPECT_EQ(client.session->think_time_s.value, 0);
}

TEST(TrafficFlags, ADurationAndANumberReplaceEachOtherOfTheFile) {
  const SyntheticSpec timed = synthetic(with_flags({{"duration", "60"}}));
  EXPECT_EQ(timed.duration_s, 60);
  EXPECT_EQ(timed.num_requests, std::nullopt);
  std::string text = kPlain;
  text.replace(text.find("num_requests: 10"), 16, "duration_s: 5");
  EXPECT_EQ(synthetic(with_flags({{"num-prompts", "7"}}, text)).num_requests, 7);
  EXPECT_NE(said_by([] {
              with_flags({{"duration", "60"}, {"num-prompts", "7"}});
            }).all.find("two ends"),
            std::string::npos);
}

TEST(TrafficFlags, OfATraceLeaveItsPrompts) {
  const std::string trace =
      "version: 1\nmodel: m\nhardware: { gpu: H100 }\nworkload: { kind: trace, path: t.csv, start_s: 10 }\n";
  const ScenarioSettings s = with_flags({{"output-len", "20"}, {"duration", "60"}}, trace);
  EXPECT_EQ(std::get<TraceSpec>(s.workload.spec.kind).output_tokens, 20);
  EXPECT_EQ(std::get<TraceSpec>(s.workload.spec.kind).end_s, 70) << "a minute from its start";
  EXPECT_NE(said_by([&] {
              with_flags({{"input-len", "20"}}, trace);
            }).all.find("prompts of its own"),
            std::string::npos);
}

TEST(TrafficFlags, OfSeveralClientsNobodyKnowsWhoseTheyAre) {
  EXPECT_NE(said_by([] {
              with_flags({{"input-len", "20"}}, kOverriddenScenario);
            }).all.find("several clients"),
            std::string::npos);
}

}  // namespace
}  // namespace blis
