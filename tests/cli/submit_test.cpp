// blis compare --submit: what it writes is run, by stand-ins for the programs of clusters.
#include "tools/cli/submit.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/cli/run_blis.h"
#include "tests/study/small_scenario.h"
#include "tools/output/shell_word.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

class Submit : public testing::Test {
 protected:
  Submit() {
    folder_.write("a.yaml", small_scenario(40));
    // Runs at once what it is given: every task of an array, of the script that is its last argument.
    program("sbatch",
            "for word; do case $word in --array=*) last=${word#--array=0-};; esac; script=$word; done\n"
            "if [ -n \"$last\" ]; then for i in $(seq 0 \"$last\"); do SLURM_ARRAY_TASK_ID=$i sh "
            "\"$script\"; done\n"
            "else sh \"$script\"; fi >>slurm.log 2>&1\n"
            "echo 17\n");
    program("mpirun",
            "ranks=$2; shift 2\n"
            "for i in $(seq 0 $((ranks - 1))); do OMPI_COMM_WORLD_RANK=$i OMPI_COMM_WORLD_SIZE=$ranks "
            "\"$@\"; done\n");
  }
  void program(const std::string& name, const std::string& script) {
    ::chmod(folder_.write("bin/" + name, "#!/bin/sh\n" + script).c_str(), 0755);
  }
  Finished compare(std::vector<std::string> more, bool catalogs_by_environment = false) {
    std::vector<std::string> arguments{
        "compare", folder_.path("a.yaml"), "--vary", "replicas=1,2,3",  "--seeds",   "0,1",
        "--vary",  "max-num-seqs=2,64",    "--slo",  "p99_ttft_ms=200", "--sort-by", "gpus",
        "-q"};
    if (!catalogs_by_environment) arguments.insert(arguments.end(), {"--data-dir", BLIS_SOURCE_DIR});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_blis(arguments, "",
                    "BLIS_DATA='" BLIS_SOURCE_DIR "' PATH='" + folder_.path("bin") + "':\"$PATH\"");
  }
  TempFolder folder_;
};

TEST_F(Submit, ASubmittedComparisonGivesTheBytesOfOneMachine) {
  const std::string one = folder_.path("one"), many = folder_.path("many of them");
  ASSERT_EQ(compare({"-o", one, "-j", "1"}).status, 0);
  for (const char* const system : {"slurm", "mpi"}) {
    const Finished finished = compare({"--submit", system, "--shards", "4", "-o", many, "--yes"});
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(contents(many + "/compare.json"), contents(one + "/compare.json"))
        << system << finished.out << finished.err;
    EXPECT_EQ(contents(many + "/points.csv"), contents(one + "/points.csv"));
    for (const auto& point : fs::directory_iterator(one + "/points")) {
      EXPECT_EQ(contents(many + "/points/" + point.path().filename().string()),
                contents(point.path().string()));
    }
    fs::remove_all(many);
  }
}

TEST_F(Submit, WritesWhatItWouldStartAndStartsNothing) {
  for (const ClusterSystem& system : cluster_systems()) {
    // Pods see the folder alone.
    const std::string out = system.own_disk ? folder_.path("") : folder_.path(std::string(system.name));
    const Finished finished = compare({"--submit", std::string(system.name), "-o", out}, system.own_disk);
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(finished.out.substr(0, 3), "cd ") << finished.out;
    EXPECT_FALSE(contents(out + "/sweep.yaml").empty());
    EXPECT_FALSE(fs::exists(out + "/points")) << system.name;
  }
  const std::string job = contents(folder_.path("job.yaml"));
  EXPECT_NE(job.find("completions: 6"), std::string::npos) << "no more shards than points\n" << job;
  EXPECT_NE(job.find("--shard, auto/6"), std::string::npos) << job;
  const std::string dask = contents(folder_.path("dask") + "/submit.py");
  EXPECT_NE(dask.find("shards=6"), std::string::npos) << dask;
  EXPECT_NE(dask.find("data='" BLIS_SOURCE_DIR "')"), std::string::npos) << dask;
}

TEST_F(Submit, AllFoldersOfCatalogsAreTakenAlong) {
  folder_.write("more of them/model_configs/mine/config.json", "{}");
  const std::string more = folder_.path("more of them"), out = folder_.path("out");
  ASSERT_EQ(compare({"--submit", "slurm", "-o", out, "--data-dir", more}).status, 0);
  const std::string shard = contents(out + "/shard.sh");
  const std::size_t first = shard.find("--data-dir " BLIS_SOURCE_DIR);
  ASSERT_NE(first, std::string::npos) << shard;
  EXPECT_NE(shard.find(shell_word(more), first), std::string::npos) << shard;
  ASSERT_EQ(compare({"--submit", "dask", "-o", out, "--data-dir", more}).status, 0);
  const std::string dask = contents(out + "/submit.py");
  EXPECT_NE(dask.find("data='" BLIS_SOURCE_DIR ":" + more + "'"), std::string::npos) << dask;
}

TEST_F(Submit, SaysWhyItCannotBe) {
  const std::string out = folder_.path("out");
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } cases[] = {
      {{"--submit", "pbs", "-o", out}, "no such system"},
      {{"--submit", "slurm"}, "there is no folder"},
      {{"--submit", "slurm", "-o", out, "--shards", "0"}, "no number of shards"},
      {{"--submit", "slurm", "-o", out, "--shard", "0/2"}, "only writes what starts the shards"},
      {{"--submit", "slurm", "-o", out, "--stop-dominated"}, "cannot be dealt out"},
      {{"--submit", "kubernetes", "-o", out}, "see nothing of this one but the folder"},
  };
  for (const auto& c : cases) {
    const Finished finished = compare(c.arguments);
    EXPECT_EQ(finished.status, 2);
    EXPECT_NE(finished.err.find(c.says), std::string::npos) << finished.err;
  }
}

TEST(ShellWord, IsReadBackByAShell) {
  EXPECT_EQ(shell_word("a/b-c.yaml"), "a/b-c.yaml");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("$(x) *"), "'$(x) *'");
}

}  // namespace
}  // namespace blis
