// What comes from a user's input comes out as text: valid UTF-8 that does nothing to a terminal, a
// spreadsheet or a browser.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/utf8.h"
#include "tests/cli/run_blis.h"
#include "tests/study/small_scenario.h"

namespace blis {
namespace {

using nlohmann::json;

const std::string kData = BLIS_SOURCE_DIR;

void expect_harmless(const std::string& what, std::string_view text) {
  while (!text.empty()) {
    const Utf8Character c = first_character(text);
    ASSERT_TRUE(c.valid) << what << ": the byte " << static_cast<int>(c.code);
    ASSERT_TRUE(c.code == '\n' || c.code == '\t' || !acts_on_its_reader(c.code))
        << what << ": the character " << static_cast<int>(c.code) << " before " << text.substr(0, 40);
    text.remove_prefix(c.bytes);
  }
}

// A scenario whose names do what they can.
std::string hostile_scenario() {
  return R"(version: 1
name: "\e[31m</script><script>alert(1)</script>"
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
engine: { max_model_len: 4096 }
latency: { model: blackbox, coefficients: { step_us: 10000, prefill_token_us: 50 } }
slo: { p99_ttft_ms: 1 }
workload:
  kind: synthetic
  num_requests: 20
  arrival: { process: poisson, request_rate: 5 }
  clients:
   - { name: "\e[31mRED\a\u202e\u009b\n\x7f", slo_class: "=cmd|' /C calc'!A0", share: 0.5, input_tokens: {distribution: constant, value: 300}, output_tokens: {distribution: constant, value: 3} }
   - { name: "<img src=x>", share: 0.5, input_tokens: {distribution: constant, value: 300}, output_tokens: {distribution: constant, value: 3} }
)";
}

TEST(Echo, OfNamesIsHarmlessInEveryOutputOfARun) {
  const TempFolder folder;
  const std::string scenario = folder.write("s.yaml", hostile_scenario());
  for (const char* const format : {"text", "json", "csv", "vllm-json"}) {
    const Finished run = run_blis({"run", scenario, "--data-dir", kData, "--output-format", format, "--force",
                                   "--save-detailed", "-o", folder.path("out")});
    ASSERT_EQ(run.status, 0) << run.err;
    expect_harmless(format, run.out);
    expect_harmless("warnings", run.err);
    if (std::string_view(format).ends_with("json")) {
      EXPECT_TRUE(json::accept(run.out));
    }
  }
  for (const char* const file : {"result.json", "series.json", "meta.json", "scenario.resolved.yaml"}) {
    expect_harmless(file, contents(folder.path("out/") + file));
  }
  const json clients = json::parse(contents(folder.path("out/result.json")))["clients"];
  EXPECT_EQ(clients[0]["name"], "\x1b[31mRED\x07\xe2\x80\xae\xc2\x9b\n\x7f")
      << "in JSON it is still the same name";
  const Finished report = run_blis({"report", folder.path("out"), "-o", folder.path("report.html")});
  ASSERT_EQ(report.status, 0) << report.err;
  expect_harmless("report.html", contents(folder.path("report.html")));
  const Finished explained = run_blis({"explain", folder.path("out")});
  expect_harmless("explain", explained.out + explained.err);
}

TEST(Echo, OfBrokenRowsIsValidJson) {
  const TempFolder folder;
  const std::string trace =
      folder.write("t.csv", "arrival_s,input_tokens,output_tokens\n0,10,5\n1,x\xff\xfe\x1b[0m,5\n2,10,5\n");
  const Finished replay =
      run_blis({"replay", trace, "--model", "llama-3.1-8b-instruct", "--gpu", "H100", "--data-dir", kData,
                "--skip-bad-rows", "--output-format", "json", "-o", folder.path("out")});
  ASSERT_EQ(replay.status, 0) << replay.err;
  expect_harmless("stderr", replay.err);
  const json result = json::parse(contents(folder.path("out/result.json")));
  EXPECT_NE(result["warnings"].dump().find("t.csv:3:"), std::string::npos) << result["warnings"];
  const Finished refused = run_blis({"trace", "inspect", trace});
  EXPECT_EQ(refused.status, 4);
  expect_harmless("stderr", refused.err);
}

TEST(Echo, OfPathsAndArgumentsIsHarmless) {
  const TempFolder folder;
  const std::string wild = "\x1b]0;title\x07\xff";
  const std::vector<std::string> commands[] = {{"run", wild + ".yaml"},
                                               {"validate", wild + ".csv"},
                                               {wild},
                                               {"run", "--" + wild},
                                               {"list", wild},
                                               {"report", folder.path(wild)},
                                               {"conform", wild + ".json"},
                                               {"trace", "inspect", wild},
                                               {"step", "--model", wild, "--gpu", wild, "--data-dir", kData},
                                               {"compare", wild, "--vary", wild}};
  for (const auto& command : commands) {
    const Finished finished = run_blis(command);
    EXPECT_TRUE(finished.status == 2 || finished.status == 4) << command[0] << ": " << finished.status;
    expect_harmless(command[0], finished.out + finished.err);
  }
}

TEST(Echo, InTheTableOfAComparisonIsNoFormula) {
  const TempFolder folder;
  const std::string scenario = folder.write("s.yaml", small_scenario(5));
  const Finished compared = run_blis({"compare", scenario, "--data-dir", kData, "--vary",
                                      "name==1+1,@SUM(A1),-x,-5,plain", "--output-format", "csv", "-q"});
  ASSERT_EQ(compared.status, 0) << compared.err;
  EXPECT_NE(compared.out.find("\n0,'=1+1,"), std::string::npos) << compared.out;
  EXPECT_NE(compared.out.find("\n1,'@SUM(A1),"), std::string::npos) << compared.out;
  EXPECT_NE(compared.out.find("\n2,'-x,"), std::string::npos) << compared.out;
  EXPECT_NE(compared.out.find("\n3,-5,"), std::string::npos) << compared.out;
  EXPECT_NE(compared.out.find("\n4,plain,"), std::string::npos) << compared.out;
}

}  // namespace
}  // namespace blis
