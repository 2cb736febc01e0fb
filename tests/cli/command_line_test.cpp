#include "tools/cli/command_line.h"

#include <gtest/gtest.h>

#include <set>

#include "blis/error.hpp"
#include "tools/cli/flag_overrides.h"

namespace blis {
namespace {

Invocation parse(const std::vector<std::string>& arguments) {
  return parse_command_line(arguments);
}

std::string refusal(const std::vector<std::string>& arguments) {
  try {
    const Invocation invocation = parse(arguments);
    overrides_of(invocation);
  } catch (const InputError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "";
}

TEST(CommandLine, KnowsArgumentsFromOptions) {
  const Invocation invocation = parse({"run", "a.yaml", "--seed", "7", "--force"});
  EXPECT_EQ(invocation.command->name, "run");
  EXPECT_EQ(invocation.arguments, std::vector<std::string>{"a.yaml"});
  EXPECT_EQ(invocation.value_of("seed", ""), "7");
  EXPECT_TRUE(invocation.has("force"));
  EXPECT_FALSE(invocation.has("quiet"));
}

TEST(CommandLine, TheLastOfARepeatedOptionCounts) {
  EXPECT_EQ(parse({"run", "a.yaml", "--seed", "7", "--seed=8"}).value_of("seed", ""), "8");
}

TEST(CommandLine, ADashIsAnArgument) {
  EXPECT_EQ(parse({"run", "-"}).arguments, std::vector<std::string>{"-"});
}

TEST(CommandLine, KnowsTheCommandsOfAFamily) {
  const Invocation invocation = parse({"trace", "inspect", "a.csv", "--limit", "7"});
  EXPECT_EQ(invocation.command->name, "trace inspect");
  EXPECT_EQ(invocation.arguments, std::vector<std::string>{"a.csv"});
  EXPECT_NE(refusal({"trace"}).find("one of inspect, convert, synth, fit"), std::string::npos);
  EXPECT_NE(refusal({"trace", "inspekt", "a.csv"}).find("did you mean `inspect`?"), std::string::npos);
  EXPECT_NE(refusal({"inspect", "a.csv"}).find("unknown command `inspect`"), std::string::npos);
  EXPECT_NE(family_help("trace").find("trace convert"), std::string::npos);
}

// The groups were one before the commands of `blis trace` needed parts of them.
TEST(CommandLine, WhatSimulatesTakesEveryPartOfTheWorkload) {
  for (const Command& command : commands()) {
    if (command.takes(OptionGroup::workload)) {
      EXPECT_TRUE(command.takes(OptionGroup::rows) && command.takes(OptionGroup::arrivals)) << command.name;
    }
    if (command.takes(OptionGroup::serving)) {
      EXPECT_TRUE(command.takes(OptionGroup::random)) << command.name;
    }
  }
}

struct Spelling {
  std::vector<std::string> words;
  std::string key, value;
};
class Spellings : public testing::TestWithParam<Spelling> {};

TEST_P(Spellings, SetTheKey) {
  std::vector<std::string> words{"run", "a.yaml"};
  words.insert(words.end(), GetParam().words.begin(), GetParam().words.end());
  const std::vector<Override> overrides = overrides_of(parse(words));
  ASSERT_EQ(overrides.size(), 1u);
  EXPECT_EQ(overrides[0].key, GetParam().key);
  EXPECT_EQ(overrides[0].value, GetParam().value);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Spellings,
    testing::Values(Spelling{{"--tensor-parallel-size", "4"}, "engine.tensor_parallel_size", "4"},
                    Spelling{{"--tensor-parallel-size=4"}, "engine.tensor_parallel_size", "4"},
                    Spelling{{"-tp", "4"}, "engine.tensor_parallel_size", "4"},
                    Spelling{{"-tp=4"}, "engine.tensor_parallel_size", "4"},
                    Spelling{{"-tp4"}, "engine.tensor_parallel_size", "4"},
                    Spelling{{"-pp", "2"}, "engine.pipeline_parallel_size", "2"},
                    Spelling{{"--no-enable-prefix-caching"}, "engine.enable_prefix_caching", "false"},
                    Spelling{{"--enable-prefix-caching"}, "engine.enable_prefix_caching", "true"},
                    Spelling{{"--async-scheduling"}, "engine.async_scheduling", "true"},
                    Spelling{{"--seed", "-1"}, "seed", "-1"},
                    Spelling{{"--set", "engine.block_size=32"}, "engine.block_size", "32"},
                    Spelling{{"--slo", "p99_ttft_ms=500"}, "slo.p99_ttft_ms", "500"},
                    Spelling{{"--slo", "ttft_ms=500"}, "slo.goodput.ttft_ms", "500"},
                    Spelling{{"--slo", "attainment=0.9"}, "slo.goodput.attainment", "0.9"},
                    Spelling{{"--goodput", "tpot:50"}, "slo.goodput.tpot_ms", "50"},
                    Spelling{{"--request-rate", "20"}, "workload.arrival.request_rate", "20"},
                    Spelling{{"--num-prompts", "9"}, "workload.num_requests", "9"}));

TEST(CommandLine, GoodputTakesSeveralTermsAsVllmDoes) {
  const Invocation invocation = parse({"run", "--goodput", "ttft:500", "tpot:50", "a.yaml"});
  EXPECT_EQ(invocation.arguments, std::vector<std::string>{"a.yaml"});
  const std::vector<Override> overrides = overrides_of(invocation);
  ASSERT_EQ(overrides.size(), 2u);
  EXPECT_EQ(overrides[1].key, "slo.goodput.tpot_ms");
}

TEST(CommandLine, FlagsAreKeysInTheOrderGiven) {
  const auto overrides = overrides_of(parse({"run", "a.yaml", "--request-rate", "5", "--burstiness", "0.5",
                                             "--set", "workload={kind: trace, path: t.csv}"}));
  ASSERT_EQ(overrides.size(), 3u);
  EXPECT_EQ(overrides[0].key, "workload.arrival.request_rate");
  EXPECT_EQ(overrides[1].key, "workload.arrival.burstiness");
  EXPECT_EQ(overrides[2].key, "workload");
}

struct Refusal {
  std::vector<std::string> words;
  std::string says;
};
class Refusals : public testing::TestWithParam<Refusal> {};

TEST_P(Refusals, SayWhatIsMeant) {
  EXPECT_NE(refusal(GetParam().words).find(GetParam().says), std::string::npos) << refusal(GetParam().words);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Refusals,
    testing::Values(Refusal{{}, "there is no command"}, Refusal{{"rnu", "a.yaml"}, "did you mean `run`?"},
                    Refusal{{"sweep"}, "unknown command `sweep`"},
                    Refusal{{"replay"}, "`blis replay` needs TRACE"},
                    Refusal{{"run", "a.yaml", "b.yaml"}, "`b.yaml` is one argument too many"},
                    Refusal{{"run", "a.yaml", "--max-num-seq", "8"}, "did you mean `--max-num-seqs`?"},
                    Refusal{{"run", "a.yaml", "--tensor-p", "8"}, "unknown option `--tensor-p`"},
                    Refusal{{"run", "a.yaml", "--prefill", "8@0"}, "unknown option `--prefill`"},
                    Refusal{{"run", "a.yaml", "--seed"},
                            "the required argument for option '--seed' is missing"},
                    Refusal{{"run", "a.yaml", "--force=1"}, "--force"},
                    Refusal{{"run", "a.yaml", "--set", "block_size"}, "needs a key and a value"},
                    Refusal{{"run", "a.yaml", "--goodput", "500"}, "no per-request limit"}));

TEST(Help, ShowsEveryCommandAndEveryOptionItTakes) {
  const std::string general = general_help();
  for (const Command& command : commands()) {
    EXPECT_NE(general.find(std::string(command.name)), std::string::npos) << command.name;
    const std::string help = command_help(command);
    EXPECT_NE(help.find("Examples:"), std::string::npos) << command.name;
    for (const Option& option : options()) {
      if (!command.takes(option.group)) continue;
      EXPECT_NE(help.find(std::string(option.name)), std::string::npos) << command.name << " " << option.name;
    }
  }
}

TEST(OptionTable, NamesEachOptionOnce) {
  std::set<std::string_view> names;
  for (const Option& option : options()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name;
    EXPECT_FALSE(option.name.starts_with("no-") && names.contains(option.name.substr(3))) << option.name;
  }
  for (const Command& command : commands()) {
    std::set<std::string_view> aliases;
    for (const Option& option : options()) {
      if (!command.takes(option.group) || option.alias.empty()) continue;
      EXPECT_TRUE(aliases.insert(option.alias).second) << command.name << " -" << option.alias;
    }
  }
}

TEST(FlagOverrides, AFlagsNameOrAliasStandsForTheKeyThatItSets) {
  EXPECT_EQ(key_of_flag("tp"), "engine.tensor_parallel_size");
  EXPECT_EQ(key_of_flag("tensor-parallel-size"), "engine.tensor_parallel_size");
  EXPECT_EQ(key_of_flag("gpu"), "hardware.gpu");
  EXPECT_EQ(key_of_flag("engine.block_size"), "engine.block_size");
}

}  // namespace
}  // namespace blis
