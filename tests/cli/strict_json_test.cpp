#include "tools/output/strict_json.h"

#include <gtest/gtest.h>

#include "tests/cli/run_blis.h"
#include "tests/study/small_scenario.h"

namespace blis {
namespace {

std::string error_of(const std::string& text, Place start = {"f.json"}) {
  try {
    parse_strict_json<nlohmann::json>(text, start);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string nested(int levels, const std::string& inside = "") {
  const auto n = static_cast<std::size_t>(levels);
  return std::string(n, '[') + inside + std::string(n, ']');
}

TEST(StrictJson, RefusesWhatIsTooDeepWithItsPlace) {
  EXPECT_EQ(error_of(nested(64)), "");
  EXPECT_EQ(error_of("\n" + nested(65)).find("f.json:2:65: nested too deeply"), 0U);
  EXPECT_EQ(error_of("{\"a\": \"[[[\\\"" + std::string(100, '[') + "\"}"), "") << "brackets in text are text";
}

TEST(StrictJson, RefusesNumbersBeyondTheirRangeWithTheirPlace) {
  EXPECT_EQ(error_of("{\"e5\": 1e5,\n \"x\": -1e999}").find("f.json:2:7: this number is beyond the range"),
            0U);
  EXPECT_EQ(error_of("[1.7976931348623157e308]"), "");
}

TEST(StrictJson, CountsLinesFromWhereTheTextBegins) {
  EXPECT_EQ(error_of("{\"a\": }", {"rows.jsonl", 7}).find("rows.jsonl:7:7: this is not JSON"), 0U);
  EXPECT_EQ(error_of("{\n").find("f.json:2:"), 0U);
}

TEST(StrictJson, IsWhatEveryCommandReadsWith) {
  const TempFolder folder;
  const std::string deep = nested(50'000, "1");
  const std::string vectors = folder.write("vectors.json", "{\"vectors\": " + deep + "}");
  const std::string scenario = folder.write("s.yaml", small_scenario(5));
  ASSERT_EQ(run_blis({"run", scenario, "--data-dir", BLIS_SOURCE_DIR, "-q", "-o", folder.path("r")}).status,
            0);
  std::filesystem::copy(folder.path("r"), folder.path("huge"));
  folder.write("r/result.json", "{\"schema\": \"blis-result/1\", \"x\": " + deep + "}");
  folder.write("huge/result.json", "{\"schema\": \"blis-result/1\", \"x\": 1e999}");
  folder.write("cases/cases.jsonl", deep + "\n");
  folder.write("cases/generators.json", "{}");
  const std::string benchmark = folder.write("bench.json", "{\"input_lens\": " + deep + ", \"x\": 1e999}");
  const std::vector<std::string> commands[] = {
      {"conform", vectors},
      {"validate", vectors},
      {"report", folder.path("r")},
      {"report", folder.path("huge")},
      {"diff", folder.path("r"), folder.path("huge")},
      {"diff", folder.path("huge"), folder.path("r")},
      {"accuracy", folder.path("cases"), "--data-dir", BLIS_SOURCE_DIR},
      {"calibrate", scenario, benchmark, "--data-dir", BLIS_SOURCE_DIR},
      {"validate", benchmark},
      {"trace", "inspect", benchmark}};
  for (const auto& command : commands) {
    const Finished finished = run_blis(command);
    EXPECT_TRUE(finished.status == 2 || finished.status == 4)
        << command[0] << " " << command[1] << ": " << finished.status << "\n"
        << finished.err;
  }
}

TEST(StrictJson, OfAnotherShapeIsNoReport) {
  const TempFolder folder;
  for (const char* const text : {"[]", "7", "null", "\"text\"", "{\"scenario\": []}"}) {
    folder.write("result.json", text);
    folder.write("series.json", "{}");
    folder.write("meta.json", "{}");
    const Finished finished = run_blis({"report", folder.path("")});
    EXPECT_EQ(finished.status, 4) << text << finished.err;
  }
}

}  // namespace
}  // namespace blis
