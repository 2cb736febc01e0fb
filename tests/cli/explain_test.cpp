#include <gtest/gtest.h>

#include <algorithm>

#include "blis/error.hpp"
#include "roofline/host_constants.h"
#include "tests/cli/run_blis.h"
#include "tools/study/explain/elasticity.h"
#include "tools/study/explain/selection.h"

namespace blis {
namespace {

using std::chrono::milliseconds;

// Request i has a TTFT of 10 (i + 1) ms, and decodes for 5 ms a token.
std::vector<ResultRequest> requests(int count) {
  std::vector<ResultRequest> all;
  for (int i = 0; i < count; ++i) {
    ResultRequest r;
    r.id = i;
    r.output_tokens = 1 + (count - i);
    r.ttft = milliseconds{10 * (i + 1)};
    r.e2el = r.ttft + milliseconds{5} * (r.output_tokens - 1);
    r.parts[Part::batch_wait] = r.ttft;
    r.parts[Part::decode] = r.e2el - r.ttft;
    all.push_back(r);
  }
  return all;
}

std::vector<std::int64_t> ids(const std::vector<ResultRequest>& all) {
  std::vector<std::int64_t> result;
  for (const ResultRequest& r : all) result.push_back(r.id);
  return result;
}

TEST(Selection, TheSlowestComeFirst) {
  const std::vector<ResultRequest> all = requests(20);  // E2E: 5 (i + 1) + 105
  EXPECT_EQ(ids(select_slowest(all, 3).chosen), (std::vector<std::int64_t>{19, 18, 17}));
  EXPECT_EQ(select_slowest(all, 500).chosen.size(), 20u);
  EXPECT_EQ(ids(select_slowest(all, 3).typical), (std::vector<std::int64_t>{8, 9, 10, 11}));
}

TEST(Selection, BeyondAPercentileIsItsShareOfTheRequests) {
  const std::vector<ResultRequest> all = requests(100);
  for (const char* key : {"p95_ttft", "p95_ttft_ms"}) {
    EXPECT_EQ(ids(select_beyond(all, key).chosen), (std::vector<std::int64_t>{99, 98, 97, 96, 95})) << key;
  }
  EXPECT_EQ(select_beyond(all, "p99.5_e2el").chosen.size(), 1u);
}

TEST(Selection, AKeyThatIsNoPercentileIsRefused) {
  for (const char* key :
       {"", "ttft", "p99", "p99_", "p99_itl", "p0_ttft", "p100_ttft", "q99_ttft", "p99ttft"}) {
    EXPECT_THROW(select_beyond(requests(3), key), InputError) << key;
  }
}

TEST(Selection, AnUnknownRequestIsRefused) {
  EXPECT_EQ(select_request(requests(3), 2).chosen.front().id, 2);
  EXPECT_THROW(select_request(requests(3), 3), InputError);
}

TEST(Selection, TheWarmUpIsInNoFigureAndExplainedOnlyWhereItIsAskedFor) {
  std::vector<ResultRequest> all = requests(20);
  for (const int i : {0, 1, 18, 19}) all[static_cast<std::size_t>(i)].warmup = true;
  EXPECT_EQ(ids(select_slowest(all, 3).chosen), (std::vector<std::int64_t>{17, 16, 15}));
  EXPECT_EQ(ids(select_beyond(all, "p90_ttft").chosen), (std::vector<std::int64_t>{17, 16}));
  const Selection asked = select_request(all, 19);
  EXPECT_EQ(asked.title, "request 19 of the warm-up");
  EXPECT_EQ(ids(asked.typical), (std::vector<std::int64_t>{8, 9, 10}));
}

TEST(Explain, ReadsAResultAndSaysWhichPartGrew) {
  const TempFolder folder;
  const std::string out = folder.path("out");
  ASSERT_EQ(run_blis({"run", BLIS_SOURCE_DIR "/scenarios/overload.yaml", "-q", "-o", out}).status, 0);
  const Finished text = run_blis({"explain", out});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("ms more than typical"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("`kv wait`"), std::string::npos) << text.out;
  const Finished json = run_blis({"explain", out, "--slowest", "2", "--output-format", "json"});
  EXPECT_NE(json.out.find("\"schema\": \"blis-explain/1\""), std::string::npos) << json.out;
}

TEST(Explain, LeavesOutTheWarmUpAsTheFiguresDo) {
  const TempFolder folder;
  const auto run = [&](const std::string& name, const std::string& warmup) {
    const std::string out = folder.path(name);
    EXPECT_EQ(run_blis({"run", BLIS_SOURCE_DIR "/scenarios/chat.yaml", "-q", "--num-prompts", "40", "-o", out,
                        "--warmup-requests", warmup})
                  .status,
              0);
    return out;
  };
  const Finished rest = run_blis({"explain", run("some", "30"), "--slowest", "40"});
  EXPECT_NE(rest.out.find("the 10 slowest requests"), std::string::npos) << rest.out;
  const Finished none = run_blis({"explain", run("all", "40")});
  EXPECT_EQ(none.status, 2);
  EXPECT_NE(none.err.find("all 40 answered requests are within the warm-up"), std::string::npos) << none.err;
}

TEST(Explain, OneQuestionThatHasAnAnswerIsAskedAtATime) {
  const TempFolder folder;
  const std::string out = folder.path("out");
  ASSERT_EQ(
      run_blis({"run", BLIS_SOURCE_DIR "/scenarios/chat.yaml", "-q", "--num-prompts", "5", "-o", out}).status,
      0);
  struct Question {
    std::vector<std::string> flags;
    const char* message;
  };
  for (const Question& q :
       {Question{{"--slowest", "0"}, "--slowest 0: this is no number of requests"},
        Question{{"--slowest", "-1"}, "--slowest -1: this is no number of requests"},
        Question{{"--request", "x"}, "--request x: this is no request_id"},
        Question{{"--request", "9"}, "--request 9: there is no answered request of this id"},
        Question{{"--slowest", "2", "--request", "1"}, "--slowest 2: `--request 1` asks for something else"},
        Question{{"--slowest", "2", "--percentile", "p99_ttft"},
                 "--percentile p99_ttft: `--slowest 2` asks for something else"},
        Question{{"--elasticities", "--request", "1"},
                 "--elasticities: `--request 1` asks for something else"}}) {
    std::vector<std::string> arguments{"explain", out};
    arguments.insert(arguments.end(), q.flags.begin(), q.flags.end());
    const Finished finished = run_blis(arguments);
    EXPECT_EQ(finished.status, 2) << q.message;
    EXPECT_NE(finished.err.find(q.message), std::string::npos) << finished.err;
  }
}

TEST(Explain, AFileThatWasChangedIsNoticedWithItsPlace) {
  const TempFolder folder;
  const std::string row =
      "request_id,replica,arrival_ns,queued_ns,scheduled_ns,first_token_ns,last_token_ns,input_tokens,output_"
      "tokens,hit_tokens,preemptions,outcome,api_ns,step_wait_ns,batch_wait_ns,kv_wait_ns,prefill_ns,chunk_"
      "wait_ns,decode_ns,"
      "stretch_ns,"
      "preemption_ns\n0,0,0,1,3,10,30,5,3,0,0,completed,1,1,1,3,4,0,20,";
  std::ofstream(folder.path("requests.csv")) << row << "0,0\n";
  EXPECT_EQ(read_result_requests(folder.path(""), {}).size(), 1u);
  std::ofstream(folder.path("requests.csv")) << row << "1,0\n";
  try {
    read_result_requests(folder.path(""), {});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.problems().front().place.line, 2);
  }
}

TEST(Elasticities, EachLeverMovesWhatItShould) {
  const ScenarioSettings scenario = read_settings(BLIS_SOURCE_DIR "/scenarios/chat.yaml", {});
  const Elasticities e = measure_elasticities(scenario, Catalog(BLIS_SOURCE_DIR));
  const auto lever = [&](std::string_view name) {
    const auto found =
        std::ranges::find_if(e.levers, [&](const Elasticity& l) { return l.lever.starts_with(name); });
    return found->metrics;
  };
  EXPECT_LT(lever("memory").tpot.mean, 0.96 * e.base.tpot.mean) << "decodes of a small batch read weights";
  EXPECT_GT(lever("memory").tpot.mean, e.base.tpot.mean / 1.1) << "a tenth buys no more than a tenth";
  EXPECT_LT(lever("arithmetic").ttft.mean, e.base.ttft.mean);
  EXPECT_LT(lever("host").ttft.mean, e.base.ttft.mean);
  EXPECT_EQ(lever("links").e2el.mean, e.base.e2el.mean) << "one GPU has no links";
}

TEST(Elasticities, LessHostTimeIsLessOfAllThatASynchronousStepWaitsFor) {
  const std::vector<Override> settings{{"engine.async_scheduling", "false", "--set"},
                                       {"workload.limit", "100", "--set"}};
  const ScenarioSettings scenario = read_settings(BLIS_SOURCE_DIR "/scenarios/chat.yaml", settings);
  const Elasticities e = measure_elasticities(scenario, Catalog(BLIS_SOURCE_DIR));
  const auto host =
      std::ranges::find_if(e.levers, [](const Elasticity& l) { return l.lever.starts_with("host time"); });
  const HostConstants constants;
  const double tenth_ms = 0.1 * (constants.step_us + constants.sync_us) / 1000;
  EXPECT_LT(host->metrics.tpot.mean, e.base.tpot.mean - 0.99 * tenth_ms);
}

}  // namespace
}  // namespace blis
