#include "tools/report/html_report.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "blis/error.hpp"
#include "tests/cli/run_blis.h"
#include "tests/report/hand_made_report.h"
#include "tools/report/html_page.h"
#include "tools/report/result_folder.h"

namespace blis {
namespace {

using nlohmann::json;

// What the page carries, as a browser would parse it.
json data_of(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = page.find(open) + open.size();
  return json::parse(page.substr(from, page.find("</script>", from) - from));
}

std::string page_of(const RunReport& report, bool detailed = false) {
  const TempFolder folder;
  write_result_folder(folder.path(), report, detailed, {});
  return html_report(report_document(folder.path()));
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(HtmlPage, LetsNoTextEndItsElement) {
  const std::string evil =
      R"(</script></title><script>alert(1)</script><img src=x onerror=alert(2)>@script@)";
  const std::string plain = html_page("title", "{}");
  const std::string page = html_page(evil, json{{"name", evil}, {evil, "<!--"}}.dump());
  EXPECT_EQ(data_of(page)["name"], evil);
  EXPECT_EQ(data_of(page)[evil], "<!--");
  for (const std::string tag : {"<script", "</script", "<img", "</title", "<!--"}) {
    EXPECT_EQ(count(page, tag), count(plain, tag)) << tag;
  }
}

TEST(HtmlReport, OfAScenarioWithAHostileNameIsHarmless) {
  RunReport report = hand_made_report();
  const std::string harmless = page_of(report);
  report.scenario.name = "</script><img src=x onerror=alert(1)>";
  report.warnings = {"<script>alert(1)</script>"};
  const std::string page = page_of(report);
  EXPECT_EQ(data_of(page)["result"]["scenario"]["name"], report.scenario.name);
  EXPECT_EQ(count(page, "<script"), count(harmless, "<script"));
  EXPECT_EQ(count(page, "<img"), 0u);
}

TEST(HtmlReport, SetsAPredictionBesideWhatWasMeasured) {
  const TempFolder folder;
  make_folder(folder.path("out"));
  write_result_folder(folder.path("out"), hand_made_report(), false, {});
  const auto page = [&](const std::string& measured) {
    return run_blis({"report", folder.path("out"), "-o", "-", "-q", "--measured", measured});
  };
  // Its own requests, as if they had been measured: no error anywhere.
  const json real = data_of(page(folder.path("out/requests.csv")).out).at("measured");
  EXPECT_EQ(real.at("name"), "requests.csv");
  std::set<std::string> keys;
  for (const json& figure : real.at("figures")) {
    keys.insert(figure.at("key"));
    EXPECT_EQ(figure.at("predicted"), figure.at("measured")) << figure;
  }
  EXPECT_TRUE(keys.contains("p99_ttft_ms") && keys.contains("output_throughput"));
  const json series = data_of(page(folder.path("out/requests.csv")).out).at("series");
  for (const char* const metric : {"ttft", "tpot", "e2el"}) {
    EXPECT_EQ(real.at("percentiles").at(metric), series.at("cdf_ms").at(metric)) << metric;
  }
  EXPECT_EQ(page(folder.path("out/series.json")).status, 4) << "no measurement";
}

TEST(HtmlReport, SetsACalibratedRunBesideAnUncalibratedOneAndAMeasurement) {
  const TempFolder folder;
  const auto run = [&](const std::string& name, const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"run",
                                       BLIS_SOURCE_DIR "/scenarios/chat.yaml",
                                       "--data-dir",
                                       BLIS_SOURCE_DIR,
                                       "--quiet",
                                       "-o",
                                       folder.path(name)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    ASSERT_EQ(run_blis(arguments).status, 0) << name;
  };
  const std::string calibration =
      folder.write("cal.yaml", "version: 1\nlatency: { host: { step_us: 2000 } }\n");
  run("plain", {"--limit", "40"});
  run("calibrated", {"--limit", "40", "--set", "latency.calibration=" + calibration});
  run("other", {"--limit", "60"});
  const auto page = [&](const std::string& of, const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"report", folder.path(of), "-o", "-", "-q"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished finished = run_blis(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return data_of(finished.out);
  };
  const json both = page(
      "calibrated", {"--before", folder.path("plain"), "--measured", folder.path("calibrated/requests.csv")});
  const json before = both.at("before");
  EXPECT_EQ(before.at("before"), "uncalibrated");
  EXPECT_EQ(before.at("after"), "calibrated");
  EXPECT_EQ(before.at("difference"), "");
  EXPECT_NEAR(before.at("errors").at("after").get<double>(), 0, 1e-9) << "it is its own measurement";
  EXPECT_GT(before.at("errors").at("before").get<double>(), 0.05);
  EXPECT_EQ(before.at("percentiles"), page("plain", {}).at("series").at("cdf_ms"));
  EXPECT_EQ(both.at("measured").at("traffic").at("difference"), "");
  for (const json& figure : before.at("figures")) {
    if (figure.at("key") == "p99_ttft_ms") {
      EXPECT_EQ(figure.at("after"), both.at("result").at("p99_ttft_ms"));
    }
  }
  const json apart =
      page("other", {"--before", folder.path("plain"), "--measured", folder.path("plain/requests.csv")});
  EXPECT_EQ(apart.at("before").at("before"), "plain") << "no calibration tells them apart";
  EXPECT_TRUE(apart.at("before").at("difference").get<std::string>().starts_with("requests (40 and 60)"));
  EXPECT_TRUE(apart.at("measured")
                  .at("traffic")
                  .at("difference")
                  .get<std::string>()
                  .starts_with("requests (60 and 40)"));
  EXPECT_EQ(run_blis({"report", folder.path("plain"), "--before", folder.path("nowhere"), "-o", "-"}).status,
            4);
}

TEST(HtmlReport, NeedsNothingFromOutside) {
  const std::string page = page_of(hand_made_report());
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  EXPECT_FALSE(std::regex_search(page, std::regex(R"((src|href)\s*=\s*["']?(https?:)?//)")));
  EXPECT_EQ(page.find("@import"), std::string::npos);
  EXPECT_EQ(page.find("innerHTML"), std::string::npos);
}

TEST(HtmlReport, HoldsTheFolderButNotTheDetailedLists) {
  const json data = data_of(page_of(hand_made_report(), true));
  EXPECT_EQ(data["kind"], "run");
  EXPECT_EQ(data["result"]["completed"], 2);
  EXPECT_FALSE(data["result"].contains("itls"));
  EXPECT_FALSE(data["result"].contains("ttfts"));
  EXPECT_EQ(data["series"]["schema"], "blis-series/1");
  EXPECT_NE(data["yaml"].get<std::string>().find("model"), std::string::npos);
}

TEST(HtmlReport, NamesTheSlowestRequestsFirst) {
  const json slowest = data_of(page_of(hand_made_report()))["slowest"];
  EXPECT_EQ(slowest["requests"], 3);
  ASSERT_EQ(slowest["by_e2e"].size(), 2u);  // the third was refused
  EXPECT_EQ(slowest["columns"][0], "request_id");
  EXPECT_EQ(slowest["by_e2e"][0][0], 0);  // 45 ms against 15
  EXPECT_EQ(slowest["by_e2e"][1][0], 1);
}

TEST(HtmlReport, LeavesTheWarmupOutOfTheSlowest) {
  RunReport report = hand_made_report();
  report.scenario.warmup.requests = 1;
  const json slowest = data_of(page_of(report))["slowest"];
  ASSERT_EQ(slowest["by_e2e"].size(), 1u);
  EXPECT_EQ(slowest["by_e2e"][0][0], 1);
}

TEST(HtmlReport, OfNothingIsAPage) {
  RunReport empty;
  empty.metrics = summarize(empty.run);
  const json data = data_of(page_of(empty));
  EXPECT_EQ(data["result"]["completed"], 0);
  EXPECT_TRUE(data["slowest"]["by_e2e"].empty());
}

TEST(HtmlReport, StaysSmallWhateverTheRun) {
  RunReport report = hand_made_report();
  for (int i = 0; i < 30'000; ++i) {
    StepRecord step = report.run.engines[0].steps.back();
    step.start = step.end;
    step.end += Duration{1'000'000 + 7'919LL * (i % 4001)};
    step.decodes = step.running = 1 + i % 509;
    step.prefills = i % 3 == 0;
    step.prefill_tokens = step.prefills * (1 + i * 31 % 8192);
    step.decode_context = step.decodes * (i * 37LL % 100'000);
    step.steady = 1;
    report.run.engines[0].steps.push_back(step);
    RequestRecord request = report.run.requests[0];
    for (Time* const t : {&request.arrival, &request.visible, &request.queued, &request.scheduled,
                          &request.started, &request.first_token, &request.last_token}) {
      *t += Duration{i * 1'000'003LL};
    }
    report.run.requests.push_back(request);
  }
  report.work = WorkModel{
      .peak_flops = 1e15,
      .peak_bytes = 3e12,
      .flops_per_token = 1.6e10,
      .dense_bytes = 1.6e10,
      .attention = {{.flops_per_pair = 1.6e4, .kv_bytes_per_token = 1.3e5, .layers = 32, .seen = {{32, 0}}}}};
  const std::string page = page_of(report);
  EXPECT_LT(page.size(), 2'000'000u);
  EXPECT_GT(data_of(page)["series"]["roofline"]["cells"].size(), 20u);
}

TEST(HtmlReport, OfAComparisonLeavesOutWhatPointsDoNotHave) {
  const TempFolder folder;
  folder.write("compare.json",
               R"({"schema": "blis-compare/1", "points": [{"index": 0, "reason": null, "p99_ttft_ms": 5,
                   "replications": [{"seed": 0, "overloaded": true}, {"seed": 1, "overloaded": false}]}]})");
  const json data = data_of(html_report(report_document(folder.path())));
  EXPECT_EQ(data["kind"], "compare");
  EXPECT_EQ(data["compare"]["points"][0],
            (json{{"index", 0}, {"p99_ttft_ms", 5}, {"seeds", 2}, {"overloaded_seeds", 1}}));
}

TEST(HtmlReport, OfAFolderWithoutResultOrWithADamagedOneIsRefused) {
  const TempFolder empty, damaged;
  damaged.write("result.json", "{\"schema\":");
  EXPECT_THROW(report_document(empty.path()), InputError);
  EXPECT_THROW(report_document(damaged.path()), InputError);
  for (const char* const text :
       {R"({"schema": "blis-compare/1", "points": 5})", R"({"points": []})",
        R"({"schema": "blis-compare/1"})", R"({"schema": "blis-compare/99", "points": []})",
        R"({"schema": "blis-compare/1", "points": [1]})", "[]", "5"}) {
    const TempFolder other;
    other.write("compare.json", text);
    EXPECT_THROW(html_report(report_document(other.path())), InputError) << text;
  }
}

TEST(ReportCommand, WritesIntoTheFolderAndReplacesOnlyReports) {
  const TempFolder folder;
  const FolderLock lock = prepare_result_folder(folder.path("out"), false);
  make_folder(folder.path("out"));
  write_result_folder(folder.path("out"), hand_made_report(), false, {});
  for (int i = 0; i < 2; ++i) {
    const Finished finished = run_blis({"report", folder.path("out")});
    EXPECT_EQ(finished.status, 0) << finished.err;
    EXPECT_EQ(finished.out, "");
  }
  EXPECT_TRUE(contents(folder.path("out/report.html")).starts_with(kPageStart));
  EXPECT_EQ(run_blis({"report", folder.path("out"), "-o", "-"}).out,
            contents(folder.path("out/report.html")));
  const std::string other = folder.write("thesis.html", "<!doctype html><p>years of work");
  const Finished refused = run_blis({"report", folder.path("out"), "-o", other});
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("no report"), std::string::npos) << refused.err;
  EXPECT_EQ(run_blis({"report", folder.path("nowhere")}).status, 4);
}

}  // namespace
}  // namespace blis
