#include "tools/cli/man_page.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cli/run_blis.h"
#include "tools/cli/command_line.h"
#include "tools/cli/options.h"

namespace blis {
namespace {

// As roff has it.
std::string with_escaped_hyphens(std::string_view text) {
  std::string result;
  for (const char c : text) (result += c == '-' ? "\\-" : std::string(1, c));
  return result;
}

TEST(ManPage, ListsEveryCommandAndOption) {
  const std::string page = man_page();
  for (const Command& command : commands()) {
    EXPECT_NE(page.find("\\fBblis " + with_escaped_hyphens(command.name) + "\\fR"), std::string::npos)
        << command.name;
  }
  for (const Option& option : options()) {
    EXPECT_NE(page.find(with_escaped_hyphens(option.name) + "\\fR"), std::string::npos) << option.name;
  }
}

TEST(ManPage, IsWhatManAccepts) {
  if (std::system("command -v man >/dev/null && command -v nroff >/dev/null") != 0)
    GTEST_SKIP() << "man is not installed";
  const TempFolder folder;
  const std::string page = folder.write("blis.1", man_page());
  const std::string command = "LC_ALL=C.UTF-8 MANROFFOPT=-ww man --warnings -l " + page + " > " +
                              folder.path("out") + " 2> " + folder.path("err");
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(contents(folder.path("err")), "");
  EXPECT_NE(contents(folder.path("out")).find("EXIT STATUS"), std::string::npos);
}

TEST(Help, FitsItsWidthButForExamples) {
  for (const std::size_t width : {50, 80, 100}) {
    for (const Command& command : commands()) {
      std::istringstream lines(command_help(command, width));
      for (std::string line; std::getline(lines, line) && line != "Examples:";) {
        // A spelling of an option stays in one piece.
        const bool spelling = line.find("--") != std::string::npos || line.starts_with("Usage:");
        EXPECT_LE(spelling ? 0 : line.size(), width) << line;
      }
    }
  }
}

TEST(Help, HasExamplesThatStartWithTheirCommand) {
  for (const Command& command : commands()) {
    EXPECT_NE(command.examples.find("blis " + std::string(command.name)), std::string::npos) << command.name;
  }
}

TEST(TextReport, IsPlainWhereItIsNotForATerminal) {
  const Finished finished = run_blis({"run", BLIS_SOURCE_DIR "/scenarios/overload.yaml", "--data-dir",
                                      BLIS_SOURCE_DIR, "-q", "--set", "workload.num_requests=20"},
                                     "", "LC_ALL=C.UTF-8 TERM=xterm-256color");
  EXPECT_EQ(finished.out.find('\033'), std::string::npos);
  EXPECT_TRUE(std::ranges::all_of(finished.out, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
}

// Under script(1) standard output is a terminal.
std::string on_a_terminal(const std::string& environment) {
  const TempFolder folder;
  const std::string command = environment +
                              " script -qec \"'" BLIS_BINARY "' run " BLIS_SOURCE_DIR
                              "/tests/golden/warmup-and-slo.yaml --data-dir " BLIS_SOURCE_DIR
                              " -q\" /dev/null > " +
                              folder.path("out") + " < /dev/null";
  EXPECT_EQ(std::system(command.c_str()), 0);
  return contents(folder.path("out"));
}

TEST(TextReport, HasChartsAndColourOnATerminalAndNeverColourWithNoColor) {
  if (std::system("command -v script >/dev/null") != 0) GTEST_SKIP() << "script(1) is not installed";
  const std::string utf8 = "env -u NO_COLOR TERM=xterm LC_ALL=C.UTF-8 ";
  const std::string coloured = on_a_terminal(utf8);
  EXPECT_NE(coloured.find('\033'), std::string::npos) << coloured;
  EXPECT_NE(coloured.find("Over Time"), std::string::npos) << coloured;
  const std::string plain = on_a_terminal(utf8 + "NO_COLOR=1 ");
  EXPECT_EQ(plain.find('\033'), std::string::npos) << plain;
  EXPECT_NE(plain.find("Over Time"), std::string::npos);
  EXPECT_EQ(on_a_terminal(utf8 + "TERM=dumb ").find('\033'), std::string::npos);
  EXPECT_EQ(on_a_terminal("env -u NO_COLOR TERM=xterm LC_ALL=POSIX ").find("Over Time"), std::string::npos);
}

}  // namespace
}  // namespace blis
