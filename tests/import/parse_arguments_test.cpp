#include "tools/import/parse_arguments.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/scenarios/problems.h"
#include "tests/scenarios/temp_folder.h"

namespace blis {
namespace {

ParsedArguments parse(std::string_view text) {
  const std::vector<ShellCommand> commands = shell_commands(text, "pasted");
  return parse_arguments(serve_arguments(), commands.empty() ? ShellCommand{} : commands[0], "vllm serve");
}

// "name=value" of each, in order.
std::string given(std::string_view text) {
  std::string all;
  for (const GivenArgument& one : parse(text).given)
    all += (all.empty() ? "" : " ") + std::string(one.argument->name) + "=" + one.value;
  return all;
}

TEST(ParseArguments, ReadsThemAsArgparseDoes) {
  struct Case {
    const char *text, *given;
  };
  for (const Case& c :
       {Case{"--max-model-len 32k", "max-model-len=32k"},
        Case{"--max-model-len=32k", "max-model-len=32k"},
        Case{"--max_model_len -1", "max-model-len=-1"},
        Case{"--tensor-p 4", "tensor-parallel-size=4"},
        Case{"-tp 4", "tensor-parallel-size=4"},
        Case{"-tp=4", "tensor-parallel-size=4"},
        Case{"-tp4", "tensor-parallel-size=4"},
        Case{"-O3", "optimization-level=3"},
        Case{"-q awq", "quantization=awq"},
        Case{"--enforce-eager", "enforce-eager=true"},
        Case{"--no-enable-prefix-caching", "enable-prefix-caching=false"},
        Case{"--no-enable-pre", "enable-prefix-caching=false"},
        Case{"--enable-chunked-prefill=False", "enable-chunked-prefill=false"},
        Case{"--enable-chunked-prefill true --seed 1", "enable-chunked-prefill=true seed=1"},
        Case{"--max-num-seqs 1 --max-num-seqs 2", "max-num-seqs=2"},
        Case{"--served-model-name a b --port 1", "served-model-name=a b port=1"},
        Case{"--hf-token --port 1", "hf-token= port=1"},
        Case{"--gpu-memory-utilization .9", "gpu-memory-utilization=0.9"},
        Case{"--kv-transfer-config '{\"a\": 1}'", "kv-transfer-config={\"a\": 1}"},
        Case{"--speculative-config.method eagle3 --speculative-config.num_speculative_tokens 3",
             R"(speculative-config={"method": "eagle3", "num_speculative_tokens": 3})"},
        Case{"-cc.mode=3 -cc.pass_config.enable_x true",
             R"(compilation-config={"mode": 3, "pass_config": {"enable_x": true}})"},
        Case{"-cc.sizes+ 1 -cc.sizes+ 2k", R"(compilation-config={"sizes": [1, 2000]})"}}) {
    EXPECT_EQ(given(c.text), c.given) << c.text;
  }
}

TEST(ParseArguments, WhatRemainsIsPositional) {
  const ParsedArguments parsed = parse("a --port 1 b -- --c");
  ASSERT_EQ(parsed.positionals.size(), 3u);
  EXPECT_EQ(parsed.positionals[2].text, "--c");
}

TEST(ParseArguments, AllMistakesComeAtOnceWithTheirPlaces) {
  const Said said = said_by([] { parse("--tensor-paralel-size 4 --port x --max-num-seqs --enable 1"); });
  EXPECT_EQ(said.kind, ErrorKind::usage);
  ASSERT_EQ(said.heads.size(), 4u) << said.all;
  EXPECT_EQ(said.heads[0], "pasted:1:1: `vllm serve` has no argument `--tensor-paralel-size`");
  EXPECT_NE(said.all.find("did you mean `--tensor-parallel-size`"), std::string::npos) << said.all;
  EXPECT_EQ(said.heads[1], "pasted:1:25: `--port` has a wrong value");
  EXPECT_EQ(said.heads[2], "pasted:1:34: `--max-num-seqs` needs a value");
  EXPECT_EQ(said.heads[3], "pasted:1:49: `--enable` may be several arguments");
}

TEST(ParseArguments, AVariableThatMayBeManyArgumentsIsRefused) {
  EXPECT_NE(said_by([] { parse("m $EXTRA_ARGS"); }).all.find("nobody has set $EXTRA_ARGS"),
            std::string::npos);
  EXPECT_EQ(parse("--api-key $KEY").find("api-key")->unset, "nobody has set $KEY");
}

TEST(ConfigFile, ComesBeforeTheCommandLine) {
  const TempFolder folder;
  const std::string path = folder.write("c.yaml",
                                        "model: from-file\n"
                                        "tensor-parallel-size: 2\n"
                                        "max_model_len: 8k\n"
                                        "enable-prefix-caching: false\n"
                                        "enforce-eager: true\n"
                                        "trust-remote-code: false\n"
                                        "served-model-name: [a, b]\n"
                                        "speculative-config: { method: ngram, num_speculative_tokens: 2 }\n");
  const auto words = [&](const std::string& text) {
    return with_config_file(serve_arguments(), shell_commands(text, "pasted").at(0));
  };
  const ParsedArguments parsed =
      parse_arguments(serve_arguments(), words("m --config " + path + " -tp 4"), "vllm serve");
  EXPECT_EQ(parsed.positionals.at(0).text, "m");
  EXPECT_EQ(parsed.find("model"), nullptr) << "the command line's model wins";
  EXPECT_EQ(parsed.value_of("tensor-parallel-size"), "4");
  EXPECT_EQ(parsed.value_of("max-model-len"), "8k");
  EXPECT_EQ(parsed.value_of("enable-prefix-caching"), "false");
  EXPECT_EQ(parsed.value_of("enforce-eager"), "true");
  EXPECT_EQ(parsed.find("served-model-name")->values, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parsed.value_of("speculative-config"), R"({"method": "ngram", "num_speculative_tokens": 2})");
  EXPECT_EQ(parse_arguments(serve_arguments(), words("--config=" + path), "vllm serve").value_of("model"),
            "from-file");
  EXPECT_EQ(said_by([&] { words("--config " + folder.path("none.yaml")); }).kind, ErrorKind::io);
}

// argparse would find them twice.
TEST(ArgumentTables, HaveEachNameOnce) {
  for (const Arguments table : {serve_arguments(), bench_arguments()}) {
    std::set<std::string_view> names, aliases;
    for (const Argument& argument : table) {
      EXPECT_TRUE(names.insert(argument.name).second) << argument.name;
      EXPECT_TRUE(argument.alias.empty() || aliases.insert(argument.alias).second) << argument.alias;
      EXPECT_EQ(argument.effect == Effect::sets_key, !argument.key.empty()) << argument.name;
      EXPECT_TRUE(argument.effect == Effect::sets_key || !argument.about.empty()) << argument.name;
    }
  }
  EXPECT_GE(serve_arguments().size(), 360u);
}

}  // namespace
}  // namespace blis
