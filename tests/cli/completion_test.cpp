#include "tools/cli/completion.h"

#include <gtest/gtest.h>

#include "blis/error.hpp"
#include "tests/cli/run_blis.h"
#include "tools/cli/options.h"

namespace blis {
namespace {

class Completion : public testing::TestWithParam<const char*> {};

TEST_P(Completion, OffersEveryOption) {
  const std::string script = completion_script(GetParam());
  for (const Option& option : options()) {
    const std::string flag = GetParam() == std::string("fish") ? "-l " : "--";
    EXPECT_NE(script.find(flag + std::string(option.name)), std::string::npos) << option.name;
  }
}

TEST_P(Completion, IsAScriptItsShellAccepts) {
  const std::string shell = GetParam();
  if (std::system(("command -v " + shell + " >/dev/null").c_str()) != 0)
    GTEST_SKIP() << shell << " is not installed";
  const TempFolder folder;
  const std::string script = folder.write("script", completion_script(shell));
  EXPECT_EQ(std::system((shell + " -n " + script).c_str()), 0);
}

INSTANTIATE_TEST_SUITE_P(Shells, Completion, testing::Values("bash", "zsh", "fish"));

TEST(BashCompletion, CompletesCommandsFlagsAndValues) {
  const TempFolder folder;
  const std::string script = folder.write("script", completion_script("bash"));
  const auto complete = [&](const std::string& words, int at) {
    const std::string command = "PATH=$(dirname " BLIS_BINARY "):$PATH bash -c 'source " + script +
                                "; COMP_WORDS=(" + words + "); COMP_CWORD=" + std::to_string(at) +
                                "; _blis; echo ${COMPREPLY[@]}' > " + folder.path("out");
    EXPECT_EQ(std::system(command.c_str()), 0);
    return contents(folder.path("out"));
  };
  EXPECT_EQ(complete("blis repl", 1), "replay\n");
  EXPECT_EQ(complete("blis run --max-num-b", 2), "--max-num-batched-tokens\n");
  EXPECT_EQ(complete("blis run --output-format vl", 3), "vllm-json\n");
  EXPECT_EQ(complete("blis list g", 2), "gpus\n");
  EXPECT_EQ(complete("blis tr", 1), "trace\n");
  EXPECT_EQ(complete("blis trace in", 2), "inspect\n");
  EXPECT_EQ(complete("blis trace convert --to ti", 4), "timed\n");
  EXPECT_EQ(complete("blis trace inspect --cache", 3), "--cache-tokens\n");
  EXPECT_EQ(complete("blis trace inspect --max-num-s", 3), "\n");
}

TEST(FishCompletion, CompletesCommandsFlagsAndValues) {
  if (std::system("command -v fish >/dev/null") != 0) GTEST_SKIP() << "fish is not installed";
  const TempFolder folder;
  const std::string script = folder.write("script", completion_script("fish"));
  const auto complete = [&](const std::string& line) {
    const std::string command = "HOME=" + folder.path() +
                                " PATH=$(dirname " BLIS_BINARY "):$PATH fish -c \"source " + script +
                                "; complete -C '" + line + "'\" > " + folder.path("out");
    EXPECT_EQ(std::system(command.c_str()), 0);
    const std::string found = contents(folder.path("out"));
    return found.substr(0, found.find_first_of("\t\n"));
  };
  EXPECT_EQ(complete("blis rep"), "replay");
  EXPECT_EQ(complete("blis run --max-num-b"), "--max-num-batched-tokens");
  EXPECT_EQ(complete("blis run --output-format vl"), "vllm-json");
  EXPECT_EQ(complete("blis list g"), "gpus");
  EXPECT_EQ(complete("blis trace in"), "inspect");
  EXPECT_EQ(complete("blis report --report"), "--report-file");
}

TEST(CompletionOf, AnotherShellIsRefused) {
  EXPECT_THROW(completion_script("tcsh"), InputError);
}

}  // namespace
}  // namespace blis
