// Several processes, or one that is killed, and the files they leave.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "blis/error.hpp"
#include "tests/cli/run_blis.h"
#include "tests/study/small_scenario.h"
#include "tools/output/output_file.h"
#include "tools/report/folder_lock.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

TEST(OutputFile, OfTwoWritersIsOneOrTheOtherAndNeverBoth) {
  const TempFolder folder;
  const std::string path = folder.path("out");
  {
    OutputFile first(path), second(path);
    first.write(std::string(3'000'000, 'a'));
    second.write(std::string(2'000'000, 'b'));
    first.commit();
    EXPECT_EQ(contents(path), std::string(3'000'000, 'a'));
    second.commit();
  }
  EXPECT_EQ(contents(path), std::string(2'000'000, 'b'));
  std::vector<std::thread> writers;
  for (const char c : {'a', 'b', 'c', 'd'}) {
    writers.emplace_back([&path, c] {
      for (int i = 0; i < 50; ++i) write_file(path, std::string(100'000, c));
    });
  }
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      const std::string text = contents(path);
      EXPECT_EQ(text.find_first_not_of(text[0]), std::string::npos);
    }
  });
  for (std::thread& writer : writers) writer.join();
  done = true;
  reader.join();
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path("")), {}), 1) << "no temporary file is left";
}

TEST(FolderLock, IsHeldByOneAndNamesIt) {
  const TempFolder folder;
  {
    const FolderLock lock(folder.path());
    EXPECT_FALSE(lock.takes_over());
    try {
      const FolderLock second(folder.path());
      ADD_FAILURE() << "two of them";
    } catch (const InputError& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_NE(std::string(error.what()).find("process " + std::to_string(::getpid())), std::string::npos)
          << error.what();
    }
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(FolderLock, OfAKilledProcessIsTakenOver) {
  const TempFolder folder;
  folder.write(".lock", "process 1 on nowhere");
  folder.write("result.json.99-0.part", "half");
  const FolderLock lock(folder.path());
  EXPECT_TRUE(lock.takes_over());
  EXPECT_FALSE(fs::exists(folder.path("result.json.99-0.part")));
}

class Killed : public ::testing::Test {
 protected:
  Finished run(const std::string& out, const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{"run", scenario_, "--data-dir", BLIS_SOURCE_DIR, "-q", "-o", out};
    command.insert(command.end(), more.begin(), more.end());
    return run_blis(command);
  }
  TempFolder folder_;
  const std::string scenario_ = folder_.write("s.yaml", small_scenario(20));
};

TEST_F(Killed, RunsLeaveAFolderThatTheNextRunFinishesWithoutAFlag) {
  ASSERT_EQ(run(folder_.path("whole")).status, 0);
  const char* const files[] = {"requests.csv", "scenario.resolved.yaml", "series.json", "meta.json"};
  for (int written = 0; written <= 4; ++written) {
    const std::string out = folder_.path("killed" + std::to_string(written));
    folder_.write("killed" + std::to_string(written) + "/.lock", "process 1 on nowhere");
    for (int i = 0; i < written; ++i) fs::copy(folder_.path("whole/") + files[i], out + "/" + files[i]);
    folder_.write("killed" + std::to_string(written) + "/meta.json.7-0.part", "{");
    if (written >= 2) {
      const Finished explained = run_blis({"explain", out});
      EXPECT_EQ(explained.status, 4) << written;
      EXPECT_NE(explained.err.find("unfinished"), std::string::npos) << explained.err;
    }
    const Finished again = run(out);
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(contents(out + "/result.json"), contents(folder_.path("whole/result.json")));
    EXPECT_EQ(std::distance(fs::directory_iterator(out), {}), 5) << written;
  }
}

TEST_F(Killed, RunsLeaveACompleteResultAlone) {
  ASSERT_EQ(run(folder_.path("whole")).status, 0);
  folder_.write("whole/.lock", "process 1 on nowhere");
  const Finished again = run(folder_.path("whole"));
  EXPECT_EQ(again.status, 2);
  EXPECT_NE(again.err.find("there is a result already"), std::string::npos) << again.err;
  EXPECT_EQ(run(folder_.path("whole"), {"--force"}).status, 0);
}

TEST_F(Killed, FoldersWithFilesOfTheUsersOwnAreNotTouched) {
  folder_.write("mine/requests.csv", "mine");
  EXPECT_EQ(run(folder_.path("mine")).status, 2);
  EXPECT_EQ(contents(folder_.path("mine/requests.csv")), "mine");
}

TEST_F(Killed, ASecondWriterIsToldWhoIsThere) {
  fs::create_directory(folder_.path("busy"));
  const FolderLock lock(folder_.path("busy"));
  for (const Finished& second : {run(folder_.path("busy"), {"--force"}),
                                 run_blis({"compare", scenario_, "--data-dir", BLIS_SOURCE_DIR, "--vary",
                                           "engine.max_num_seqs=1,2", "-o", folder_.path("busy"), "-q"})}) {
    EXPECT_EQ(second.status, 2);
    EXPECT_NE(second.err.find("another blis is writing to this folder"), std::string::npos) << second.err;
    EXPECT_NE(second.err.find("process " + std::to_string(::getpid())), std::string::npos) << second.err;
  }
}

// Killed by SIGKILL at some moment, again and again; at last it is let be.
TEST_F(Killed, AgainAndAgainARunStillEndsInTheSameBytes) {
  ASSERT_EQ(run(folder_.path("whole")).status, 0);
  const std::string out = folder_.path("out");
  for (int i = 0; i < 12; ++i) {
    // In the foreground it waits until the killed one is gone, and its lock with it.
    const std::string command = "timeout --foreground -s KILL 0.0" + std::to_string(1 + i % 9) +
                                " '" BLIS_BINARY "' run " + scenario_ +
                                " --data-dir " BLIS_SOURCE_DIR " -q -o " + out + " >/dev/null 2>&1";
    const int status = std::system(command.c_str());
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) fs::remove_all(out);
    if (fs::exists(out + "/result.json") && !fs::exists(out + "/.lock")) fs::remove_all(out);
  }
  const Finished last = run(out, fs::exists(out + "/result.json") ? std::vector<std::string>{"--force"}
                                                                  : std::vector<std::string>{});
  EXPECT_EQ(last.status, 0) << last.err;
  for (const char* const file : {"result.json", "requests.csv", "series.json", "scenario.resolved.yaml"}) {
    EXPECT_EQ(contents(out + "/" + file), contents(folder_.path("whole/") + file)) << file;
  }
}

}  // namespace
}  // namespace blis
