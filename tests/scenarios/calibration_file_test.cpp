#include "scenarios/calibration_file.h"

#include <gtest/gtest.h>

#include "problems.h"
#include "scenarios/resolved_scenario.h"
#include "temp_folder.h"

namespace blis {
namespace {

ResolvedScenario resolved(const std::string& folder, const std::string& latency) {
  const std::string text =
      "version: 1\nmodel: llama-3.1-8b-instruct\nhardware: { gpu: H100 }\nlatency: " + latency +
      "\nworkload: { kind: trace, path: t.csv }\n";
  return resolve(parse_settings(text, "s.yaml", folder), Catalog(BLIS_SOURCE_DIR));
}

TEST(CalibrationFile, SetsWhatTheScenarioDoesNot) {
  const TempFolder folder;
  folder.write("cal.yaml",
               "version: 1\nlatency: { host: { api_ms: 12, step_us: 900 }, clocks: { slowdown: 0.3 } }\n"
               "provenance: { anything: [1] }\n");
  const ResolvedScenario r = resolved(
      folder.path(), "{ calibration: cal.yaml, host: { api_ms: 3 } }");  // from the scenario's folder
  EXPECT_EQ(r.scenario.latency.host.api_ms, 3);
  EXPECT_EQ(r.scenario.latency.host.step_us, 900);
  EXPECT_EQ(r.scenario.latency.clocks.slowdown, 0.3);
  EXPECT_FALSE(r.scenario.latency.host.per_sequence_us);
  EXPECT_NE(r.scenario.origins.at("latency.host.step_us").find("cal.yaml"), std::string::npos);
}

TEST(CalibrationFile, IsReadStrictly) {
  constexpr struct {
    const char *content, *said;
  } kBad[] = {
      {"version: 2\nlatency: {}\n", "version"},
      {"version: 1\n", "latency"},
      {"version: 1\nlatency: { host: { api_mss: 1 } }\n", "unknown key `api_mss`"},
      {"version: 1\nlatency: { host: { api_ms: -1 } }\n", "api_ms"},
      {"version: 1\nlatency: { clocks: { slowdown: 2 } }\n", "slowdown"},
      {"version: 1\nlatency: { clocks: { slowdown: lots } }\n", "slowdown"},
  };
  const TempFolder folder;
  for (const auto& bad : kBad) {
    folder.write("cal.yaml", bad.content);
    const std::string said = said_by([&] { resolved(folder.path(), "{ calibration: cal.yaml }"); }).all;
    EXPECT_NE(said.find("cal.yaml"), std::string::npos) << bad.content << said;
    EXPECT_NE(said.find(bad.said), std::string::npos) << bad.content << said;
  }
  EXPECT_NE(said_by([&] { resolved(folder.path(), "{ calibration: none.yaml }"); }).all.find("none.yaml"),
            std::string::npos);
}

}  // namespace
}  // namespace blis
