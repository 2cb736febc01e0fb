#include "tools/output/output_file.h"

#include <gtest/gtest.h>

#include "blis/error.hpp"
#include "tests/cli/run_blis.h"

namespace blis {
namespace {

TEST(OutputFile, AppearsOnlyWhenItIsComplete) {
  const TempFolder folder;
  const std::string path = folder.path("result.json");
  {
    OutputFile file(path);
    file.write("half");
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  OutputFile file(path);
  file.write("who");
  file.write("le");
  file.commit();
  EXPECT_EQ(contents(path), "whole");
}

TEST(OutputFile, LeavesTheOldOneUntilThen) {
  const TempFolder folder;
  const std::string path = folder.write("result.json", "old");
  OutputFile file(path);
  file.write("new");
  EXPECT_EQ(contents(path), "old");
  file.commit();
  EXPECT_EQ(contents(path), "new");
}

TEST(OutputFile, SaysWhatTheSystemSays) {
  try {
    write_file("/dev/null/x", "text");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_STREQ(error.what(), "/dev/null/x: cannot be written: Not a directory");
  }
}

}  // namespace
}  // namespace blis
