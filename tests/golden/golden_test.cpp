// Every scenario of this folder against its expected result: NAME.yaml and NAME.json. A new case is two
// files; tools/accept_golden writes the second.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tools/report/documents.h"
#include "tools/simulate/simulate_scenario.h"

namespace blis {
namespace {

namespace fs = std::filesystem;

const std::string kFolder = BLIS_SOURCE_DIR "/tests/golden";

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The first line in which they differ, with its number, of each.
std::string difference(const std::string& expected, const std::string& actual) {
  std::istringstream a(expected), b(actual);
  std::string line_a, line_b;
  for (int number = 1;; ++number) {
    const bool more_a = static_cast<bool>(std::getline(a, line_a)),
               more_b = static_cast<bool>(std::getline(b, line_b));
    if (!more_a && !more_b) return "";
    if (line_a != line_b || more_a != more_b) {
      return "line " + std::to_string(number) + "\n  expected: " + line_a + "\n  got:      " + line_b;
    }
  }
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, ResultIsTheExpectedOne) {
  const std::string path = kFolder + "/" + GetParam();
  const RunReport report = simulate_scenario(read_settings(path + ".yaml"), Catalog(BLIS_SOURCE_DIR));
  const std::string expected = contents(path + ".json");
  ASSERT_FALSE(expected.empty()) << path << ".json is missing: tools/accept_golden writes it";
  EXPECT_EQ(difference(expected, to_result_json(report, false)), "")
      << "if the change is meant: tools/accept_golden, and look at what git diff shows";
}

INSTANTIATE_TEST_SUITE_P(Folder, Golden, testing::ValuesIn(cases()), [](const auto& info) {
  std::string name = info.param;
  std::ranges::replace_if(
      name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(GoldenFolder, HasNoResultWithoutItsScenario) {
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".json") continue;
    EXPECT_TRUE(fs::exists(fs::path(entry.path()).replace_extension(".yaml"))) << entry.path();
  }
}

// The block between the fences that follow the comment naming tools/accept_golden.
std::string block_of(const std::string& readme) {
  const std::size_t begin =
      readme.find("```text\n", readme.find("tools/accept_golden writes this block")) + 8;
  return readme.substr(begin, readme.find("```", begin) - begin);
}

TEST(Readme, ShowsWhatTheProgramSays) {
  const std::string folder = BLIS_SOURCE_DIR;
  const RunReport report = simulate_scenario(read_settings(folder + "/scenarios/chat.yaml"), Catalog(folder));
  std::istringstream shown(block_of(contents(folder + "/README.md"))), said(to_text(report));
  std::string line, actual;
  int lines = 0;
  for (; std::getline(shown, line) && line != "..."; ++lines) {
    ASSERT_TRUE(std::getline(said, actual));
    actual.erase(actual.find_last_not_of(' ') + 1);
    EXPECT_EQ(line, actual) << "tools/accept_golden brings it up to date";
  }
  EXPECT_GT(lines, 10);
}

}  // namespace
}  // namespace blis
