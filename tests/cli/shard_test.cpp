// blis compare on many machines: shards as processes of their own, and what they leave put together.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/cli/run_blis.h"
#include "tests/study/small_scenario.h"
#include "tools/cli/shard_flag.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

// Every file below a folder, by its name there, but for meta.json, which says when.
std::map<std::string, std::string> files_in(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().filename() != "meta.json") {
      files[entry.path().lexically_relative(folder).string()] = contents(entry.path().string());
    }
  }
  return files;
}

class ShardedComparison : public testing::Test {
 protected:
  ShardedComparison() {
    folder_.write("a/a.yaml", small_scenario(60));
    folder_.write(
        "a/sweep.yaml",
        "version: 1\nbase: a.yaml\nproduct: { replicas: [1, 2, 3], engine.max_num_seqs: [2, 8, 64] }\n"
        "seeds: [0, 1]\nslo: { p99_ttft_ms: 200 }\n");
  }
  Finished compare(const std::vector<std::string>& more, const std::string& checkout = "a",
                   const std::string& environment = "") {
    std::vector<std::string> arguments{
        "compare", folder_.path(checkout + "/sweep.yaml"), "--data-dir", BLIS_SOURCE_DIR, "-j", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_blis(arguments, "", environment);
  }
  std::string out(const std::string& name) const { return folder_.path("a/" + name); }
  // What one machine leaves.
  std::map<std::string, std::string> whole() {
    EXPECT_EQ(compare({"-o", out("whole")}).status, 0);
    return files_in(out("whole"));
  }
  TempFolder folder_;
};

TEST_F(ShardedComparison, InFoldersOfTheirOwnGivesTheBytesOfOneMachine) {
  std::vector<std::string> merge{"--merge"};
  for (const char* const shard : {"0", "1", "2", "3"}) {
    const Finished finished = compare({"--shard", std::string(shard) + "/4", "-o", out(shard)});
    EXPECT_EQ(finished.status, 0) << finished.err;
    merge.push_back(out(shard));
  }
  merge.insert(merge.end(), {"-o", out("all")});
  const Finished merged = compare(merge);
  EXPECT_EQ(merged.status, 0) << merged.err;
  EXPECT_EQ(files_in(out("all")), whole());
}

TEST_F(ShardedComparison, AtOnceInOneFolderAndSomeTwiceGivesTheBytesOfOneMachine) {
  const std::string blis = "'" BLIS_BINARY "' compare '" + folder_.path("a/sweep.yaml") +
                           "' --data-dir '" BLIS_SOURCE_DIR "' -j 1 -o '" + out("all") + "' --shard ";
  std::string script;
  for (const char* const shard : {"0/3", "1/3", "2/3", "1/3", "0/3"}) {
    script += blis + shard + " >/dev/null 2>&1 & ";
  }
  ASSERT_EQ(std::system(("(" + script + "wait)").c_str()), 0);
  EXPECT_EQ(compare({"--merge", out("all"), "-o", out("all")}).status, 0);
  EXPECT_EQ(files_in(out("all")), whole());
}

TEST_F(ShardedComparison, AKilledShardIsStartedAgainAndTheCheckoutMayHaveMoved) {
  EXPECT_EQ(compare({"--shard", "0/2", "-o", out("0")}).status, 0);
  // Cut off after its first points, and with one that was being written.
  EXPECT_EQ(compare({"--shard", "1/2", "-o", out("1")}).status, 0);
  fs::remove_all(out("1") + "/shards");
  std::vector<fs::path> points;
  for (const auto& entry : fs::directory_iterator(out("1") + "/points")) points.push_back(entry.path());
  ASSERT_GT(points.size(), 2U);
  fs::remove(points[0]);
  fs::resize_file(points[1], 40);

  const Finished early = compare({"--merge", out("0"), out("1"), "-o", out("all")});
  EXPECT_EQ(early.status, 4);
  EXPECT_NE(early.err.find("2 of 9 points are missing, or not whole: "), std::string::npos) << early.err;
  EXPECT_NE(early.err.find("not finished: shard 1 of 2"), std::string::npos) << early.err;
  EXPECT_FALSE(fs::exists(out("all") + "/compare.json"));

  fs::copy(folder_.path("a"), folder_.path("b"), fs::copy_options::recursive);
  EXPECT_EQ(compare({"--shard", "1/2", "-o", out("1")}, "b").status, 0) << "elsewhere";
  EXPECT_EQ(compare({"--merge", out("0"), out("1"), "-o", out("all")}).status, 0);
  EXPECT_EQ(files_in(out("all")), whole());
}

TEST_F(ShardedComparison, WhatIsMissingCanBeSimulatedWhereTheRestWasMerged) {
  EXPECT_EQ(compare({"--shard", "0/2", "-o", out("0")}).status, 0);
  EXPECT_EQ(compare({"--merge", out("0"), "-o", out("all")}).status, 4);
  EXPECT_EQ(compare({"--resume", "-o", out("all")}).status, 0);
  EXPECT_EQ(files_in(out("all")), whole());
}

TEST_F(ShardedComparison, ASearchForTheHighestRateIsDealtOutByPoint) {
  const std::vector<std::string> search{
      "--find", "max-rate", "--vary", "replicas=1,2", "--vary", "engine.max_num_seqs=64", "--seeds", "0"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), search.begin(), search.end());
    return compare(more);
  };
  EXPECT_EQ(with({"-o", out("whole")}).status, 0);
  EXPECT_EQ(with({"--shard", "0/2", "-o", out("all")}).status, 0);
  const Finished half = with({"--merge", out("all"), "-o", out("part")});
  EXPECT_EQ(half.status, 4) << half.err;
  EXPECT_NE(half.err.find("1 of 2 points is missing"), std::string::npos) << half.err;
  EXPECT_EQ(with({"--shard", "1/2", "-o", out("all")}).status, 0);
  EXPECT_EQ(with({"--merge", out("all"), "-o", out("all")}).status, 0);
  EXPECT_EQ(files_in(out("all")), files_in(out("whole")));
}

TEST_F(ShardedComparison, WhatDoesNotBelongTogetherIsNotMerged) {
  EXPECT_EQ(compare({"--shard", "0/1", "-o", out("0")}).status, 0);
  const Finished other = compare({"--merge", out("0"), "--seeds", "0..3"});
  EXPECT_EQ(other.status, 2);
  EXPECT_NE(other.err.find("this shard is of another comparison"), std::string::npos) << other.err;

  const std::string record = out("0") + "/shards/0-of-1.json";
  std::string text = contents(record);
  const std::size_t at = text.find("\"blis_version\"");
  ASSERT_NE(at, std::string::npos);
  const std::size_t number = text.find_first_of("0123456789", at);
  folder_.write("a/0/shards/0-of-1.json", text.replace(number, 1, "9"));
  const Finished version = compare({"--merge", out("0")});
  EXPECT_EQ(version.status, 2);
  EXPECT_NE(version.err.find("this shard was made by blis 9"), std::string::npos) << version.err;
}

TEST_F(ShardedComparison, TwoFoldersThatContradictEachOtherAreNotMerged) {
  EXPECT_EQ(compare({"--shard", "0/1", "-o", out("0")}).status, 0);
  fs::copy(out("0"), out("1"), fs::copy_options::recursive);
  const fs::path point = fs::directory_iterator(out("1") + "/points")->path();
  std::string text = contents(point.string());
  const std::string key = "\"warmup_requests\":";
  const std::size_t at = text.find(key);
  ASSERT_NE(at, std::string::npos);
  text.insert(text.find_first_of("0123456789", at + key.size()), "1");
  folder_.write("a/1/points/" + point.filename().string(), text);
  const Finished finished = compare({"--merge", out("0"), out("1"), "-o", out("all")});
  EXPECT_EQ(finished.status, 2);
  EXPECT_NE(finished.err.find("has other figures"), std::string::npos) << finished.err;
}

TEST_F(ShardedComparison, SaysWhyItCannotBe) {
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } cases[] = {
      {{"--shard", "4/4", "-o", out("0")}, "there is no such shard"},
      {{"--shard", "-1/4", "-o", out("0")}, "this is no number of a shard"},
      {{"--shard", "1", "-o", out("0")}, "this is no shard"},
      {{"--shard", "0/0", "-o", out("0")}, "this is no number of a shard"},
      {{"--shard", "auto", "-o", out("0")}, "nothing says which shard this is"},
      {{"--shard", "0/4"}, "a shard needs a folder"},
      {{"--shard", "0/4", "-o", out("0"), "--stop-dominated"}, "cannot be dealt out"},
      {{"--shard", "0/4", "-o", out("0"), "--detect-warmup"}, "cannot be dealt out"},
      {{"--shard", "0/4", "-o", out("0"), "--find", "min-gpus"}, "cannot be dealt out"},
      {{"--shard", "0/4", "-o", out("0"), "--fail-on-slo"}, "is a part of a comparison"},
      {{"--shard", "0/4", "-o", out("0"), "--merge", out("1")}, "is a part of a comparison"},
      {{"--merge", out("nowhere")}, "there are no points of a comparison here"},
  };
  for (const auto& c : cases) {
    const Finished finished = compare(c.arguments);
    EXPECT_NE(finished.status, 0);
    EXPECT_NE(finished.err.find(c.says), std::string::npos) << c.says << "\n" << finished.err;
  }
}

TEST_F(ShardedComparison, TakesItsNumberFromWhatStartedIt) {
  const Finished finished = compare({"--shard", "auto", "-o", out("0")}, "a",
                                    "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_COUNT=4");
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_EQ(finished.out.substr(0, 13), "shard 2 of 4:") << finished.out;
}

struct Started {
  const char* value;
  std::map<std::string, std::string> environment;
  std::size_t index, count;  // 0 of 0: refused
};

class ShardFlag : public testing::TestWithParam<Started> {};

TEST_P(ShardFlag, IsReadAsTheLauncherMeansIt) {
  const Started& started = GetParam();
  const Given given{nullptr, started.value, "--shard " + std::string(started.value)};
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = started.environment.find(name);
    return found == started.environment.end() ? std::nullopt : std::optional(found->second);
  };
  if (started.count == 0) {
    EXPECT_THROW(parse_shard(given, environment), InputError);
    return;
  }
  const Shard shard = parse_shard(given, environment);
  EXPECT_EQ(shard.index, started.index);
  EXPECT_EQ(shard.count, started.count);
}

INSTANTIATE_TEST_SUITE_P(
    Launchers, ShardFlag,
    testing::Values(
        Started{"2/5", {}, 2, 5}, Started{"5/5", {}, 0, 0}, Started{"a/5", {}, 0, 0},
        Started{"auto", {}, 0, 0},
        Started{
            "auto",
            {{"SLURM_ARRAY_TASK_ID", "12"}, {"SLURM_ARRAY_TASK_MIN", "10"}, {"SLURM_ARRAY_TASK_COUNT", "3"}},
            2,
            3},
        Started{
            "auto",
            {{"SLURM_ARRAY_TASK_ID", "9"}, {"SLURM_ARRAY_TASK_MIN", "1"}, {"SLURM_ARRAY_TASK_COUNT", "3"}},
            0,
            0},  // 1,5,9: which of how many is not its number
        Started{"auto/8", {{"SLURM_ARRAY_TASK_ID", "7"}, {"SLURM_ARRAY_TASK_COUNT", "2"}}, 7, 8},
        Started{"auto", {{"JOB_COMPLETION_INDEX", "3"}}, 0, 0},
        Started{"auto/8", {{"JOB_COMPLETION_INDEX", "3"}}, 3, 8},
        Started{"auto", {{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "4"}}, 1, 4},
        Started{"auto", {{"PMI_RANK", "0"}, {"PMI_SIZE", "2"}}, 0, 2},
        Started{"auto",
                {{"SLURM_ARRAY_TASK_ID", "1"},
                 {"SLURM_ARRAY_TASK_MIN", "0"},
                 {"SLURM_ARRAY_TASK_COUNT", "3"},
                 {"PMI_RANK", "1"},
                 {"PMI_SIZE", "2"}},
                3,
                6},
        Started{"auto", {{"OMPI_COMM_WORLD_RANK", "x"}, {"OMPI_COMM_WORLD_SIZE", "4"}}, 0, 0}));

}  // namespace
}  // namespace blis
