#include "tools/report/timeline.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "blis/error.hpp"
#include "tests/cli/run_blis.h"
#include "tests/report/hand_made_report.h"

namespace blis {
namespace {

using nlohmann::json;

json timeline_of(const RunResult& run, const TimelineWindow& window = {}) {
  std::ostringstream out;
  write_timeline(out, run, timeline_extent(run, window));
  return json::parse(out.str());
}

std::vector<json> events(const json& timeline, const std::string& phase) {
  std::vector<json> found;
  for (const json& event : timeline["traceEvents"]) {
    if (event["ph"] == phase) found.push_back(event);
  }
  return found;
}

TEST(Timeline, HasEveryStepWithItsBatch) {
  const std::vector<json> steps = events(timeline_of(hand_made_report().run), "X");
  ASSERT_EQ(steps.size(), 6u);
  EXPECT_EQ(steps[1]["name"], "prefill");
  EXPECT_EQ(steps[2]["name"], "mixed");
  EXPECT_EQ(steps[3]["name"], "decode");
  EXPECT_EQ(steps[2]["ts"], 20000.0);
  EXPECT_EQ(steps[2]["dur"], 9999.999);
  EXPECT_EQ(steps[2]["args"]["prefill_tokens"], 100);
  EXPECT_EQ(steps[2]["args"]["decodes"], 1);
  EXPECT_EQ(steps[2]["args"]["bound_by"], "host");
}

TEST(Timeline, HasNoStepsThatOverlapInFloatingPoint) {
  RunResult run = hand_made_report().run;
  for (std::size_t i = 0; i < 6; ++i) {  // whose ends are no sums in floating point
    StepRecord& step = run.engines[0].steps[i];
    step.start = i == 0 ? Time{Duration{91'950'003}} : run.engines[0].steps[i - 1].end;
    step.end = step.start + Duration{6'534'848};
  }
  const std::vector<json> steps = events(timeline_of(run), "X");
  for (std::size_t i = 1; i < 6; ++i) {
    EXPECT_LT(steps[i - 1]["ts"].get<double>() + steps[i - 1]["dur"].get<double>(),
              steps[i]["ts"].get<double>());
  }
}

TEST(Timeline, CountsSequencesAndBlocksWhereTheyChange) {
  const std::vector<json> counters = events(timeline_of(hand_made_report().run), "C");
  std::map<std::string, int> by_name;
  for (const json& counter : counters) ++by_name[counter["name"]];
  EXPECT_EQ(by_name["sequences"], 2);  // waiting: 4, then 0
  EXPECT_EQ(by_name["KV blocks"], 6);  // 0, 10, ... 50
}

// Spans of one request, from begin and end events that must nest.
struct Span {
  std::string name;
  double from, to;
};
std::map<int, std::vector<Span>> spans_of(const json& timeline) {
  std::map<int, std::vector<Span>> open, closed;
  for (const json& event : timeline["traceEvents"]) {
    if (event["ph"] == "b") open[event["id"]].push_back({event["name"], event["ts"], 0});
    if (event["ph"] != "e") continue;
    Span span = open[event["id"]].back();
    open[event["id"]].pop_back();
    EXPECT_EQ(span.name, event["name"]);
    span.to = event["ts"];
    EXPECT_LE(span.from, span.to);
    closed[event["id"]].push_back(span);
  }
  for (const auto& [id, spans] : open) EXPECT_TRUE(spans.empty()) << id;
  return closed;
}

TEST(Timeline, PartsOfARequestSumToIt) {
  const TempFolder folder;
  const std::string path = folder.path("run.json");
  ASSERT_EQ(run_blis({"run", BLIS_SOURCE_DIR "/tests/golden/preemption.yaml", "--data-dir", BLIS_SOURCE_DIR,
                      "--timeline", path})
                .status,
            0);
  const auto spans = spans_of(json::parse(contents(path)));
  EXPECT_FALSE(spans.empty());
  bool preempted = false;
  for (const auto& [id, of_request] : spans) {
    double sum = 0;
    for (const Span& span : of_request) {
      if (span.name != "request") sum += span.to - span.from;
      preempted = preempted || span.name == "preempted";
    }
    EXPECT_NEAR(sum, of_request.back().to - of_request.back().from,
                0.001 * static_cast<double>(of_request.size()));
  }
  EXPECT_TRUE(preempted);
}

TEST(Timeline, ShowsOnlyItsWindow) {
  const TimelineWindow window = parse_timeline_window("0.015:0.035");
  const json timeline = timeline_of(hand_made_report().run, window);
  EXPECT_EQ(events(timeline, "X").size(), 3u);  // steps 1 to 3; the first and the last are cut
  for (const json& event : timeline["traceEvents"]) {
    if (!event.contains("ts")) continue;
    EXPECT_GE(event["ts"].get<double>(), 15000.0);
    EXPECT_LE(event["ts"].get<double>() + event.value("dur", 0.0), 35000.0);
  }
  EXPECT_EQ(timeline["otherData"]["truncated"], false);
}

TEST(Timeline, TruncatedSaysSo) {
  for (const std::size_t most : {0, 1, 5, 12, 20}) {
    const json timeline = timeline_of(hand_made_report().run, {.most_events = most});
    EXPECT_EQ(timeline["otherData"]["truncated"], true);
    EXPECT_EQ(events(timeline, "i").size(), 1u);
    EXPECT_LE(events(timeline, "X").size() + events(timeline, "C").size() + events(timeline, "b").size() +
                  events(timeline, "e").size(),
              most);
  }
  EXPECT_EQ(timeline_of(hand_made_report().run, {.most_events = 100})["otherData"]["truncated"], false);
}

TEST(Timeline, OfNothingIsValid) {
  EXPECT_EQ(timeline_of(RunResult{})["traceEvents"].size(), 0u);
}

TEST(Timeline, OfAPipelineOverlapsInNoLane) {
  RunResult run = hand_made_report().run;
  run.requests.clear();
  run.engines[0].regular_distance = 2;
  for (std::size_t i = 0; i < 6; ++i) run.engines[0].steps[i].end += std::chrono::milliseconds{10};
  std::map<int, double> end;
  for (const json& step : events(timeline_of(run), "X")) {
    EXPECT_GE(step["ts"].get<double>(), end[step["tid"]]);
    end[step["tid"]] = step["ts"].get<double>() + step["dur"].get<double>();
  }
  EXPECT_EQ(end.size(), 2u);
}

TEST(TimelineWindow, ReadsSecondsAndRefusesTheRest) {
  EXPECT_EQ(parse_timeline_window("1.5:2").from, Duration{1'500'000'000});
  EXPECT_EQ(parse_timeline_window(":2").until, Duration{2'000'000'000});
  EXPECT_EQ(parse_timeline_window("2:").until, std::nullopt);
  for (const char* const text : {"", "5", "2:1", "2:2", "-1:2", "a:b", "1:2:3", "1:x", "nan:"}) {
    EXPECT_THROW(parse_timeline_window(text), InputError) << text;
  }
}

TEST(TimelineFlags, AreRefusedWithoutAFile) {
  const std::string scenario = BLIS_SOURCE_DIR "/tests/golden/one-request.yaml";
  for (const std::vector<std::string>& flags : {std::vector<std::string>{"--timeline-window", "1:2"},
                                                {"--timeline-limit", "5"},
                                                {"--timeline", "-"},
                                                {"--timeline", "/tmp/t.json", "--timeline-limit", "-1"},
                                                {"--timeline", "/tmp/t.json", "--timeline-limit", "x"}}) {
    std::vector<std::string> arguments{"run", scenario, "--data-dir", BLIS_SOURCE_DIR};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    EXPECT_EQ(run_blis(arguments).status, 2) << flags[0];
  }
}

}  // namespace
}  // namespace blis
