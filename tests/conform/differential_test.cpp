// The differential harness itself: its scenarios reach what they are meant to reach, and a scheduler
// that differs in one rule is found.
#include "tests/oracle/differential.h"

#include <gtest/gtest.h>

#include "tests/oracle/generate.h"
#include "tests/oracle/subject.h"
#include "tools/conform/replay.h"

namespace blis::oracle {
namespace {

using namespace conform;

// The oracle, with its configuration changed behind the scenario's back.
SchedulerFactory with_change(void (*change)(SchedulerConfig&)) {
  return [change](const VectorConfig& config) {
    VectorConfig changed = config;
    change(changed.scheduler);
    return make_scheduler(changed);
  };
}

TEST(Generator, ASeedAlwaysGivesTheSameScenario) {
  for (std::string_view profile : profiles()) {
    EXPECT_EQ(to_json(generate(profile, 7)), to_json(generate(profile, 7)));
    EXPECT_NE(to_json(generate(profile, 7)), to_json(generate(profile, 8)));
  }
}

TEST(Generator, AScenarioSurvivesBeingWrittenAndRead) {
  for (std::string_view profile : profiles()) {
    const VectorScenario scenario = generate(profile, 3);
    EXPECT_EQ(to_json(parse_scenario(to_json(scenario), "written")), to_json(scenario));
  }
}

TEST(Generator, EveryProfileEndsAndMostOfThemPreemptResumeHitAndEvict) {
  int preempting = 0, resuming = 0, hitting = 0, evicting = 0;
  for (std::string_view profile : profiles()) {
    int preemptions = 0, resumed = 0;
    std::int64_t hits = 0, evictions = 0;
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const VectorScenario scenario = generate(profile, seed);
      const RunTrace trace = run_scenario(scenario, *make_scheduler(scenario.config), {.max_steps = 6000});
      EXPECT_EQ(trace.broke_off, "") << profile << ":" << seed;
      for (const StepTrace& step : trace.steps) {
        preemptions += static_cast<int>(step.decision.preempted.size());
        resumed += static_cast<int>(step.decision.resumed.size());
      }
      hits += trace.stats.hits + trace.stats.preempted_hits;
      if (!trace.steps.empty()) evictions += trace.steps.back().evicted_total;
    }
    preempting += preemptions > 0;
    resuming += resumed > 0;
    hitting += hits > 0;
    evicting += evictions > 0;
  }
  const int most = static_cast<int>(profiles().size()) * 3 / 4;
  EXPECT_GE(preempting, most);
  EXPECT_GE(resuming, most);
  EXPECT_GE(hitting, most);
  EXPECT_GE(evicting, most);
}

TEST(Differential, TheOracleAgreesWithItself) {
  const auto found = find_disagreement(make_scheduler, {.scenarios = 100, .suits = {}});
  EXPECT_FALSE(found) << to_string(*found);
}

struct Change {
  const char* name;
  void (*apply)(SchedulerConfig&);
};

class ChangedRule : public testing::TestWithParam<Change> {};

TEST_P(ChangedRule, IsFoundAndReduced) {
  const auto found = find_disagreement(with_change(GetParam().apply), {.scenarios = 2000, .suits = {}});
  ASSERT_TRUE(found) << "no scenario shows the difference";
  // What is reported is a vector, and a small one.
  const std::vector<Vector> reduced = parse_vectors("{\"vectors\": [" + found->vector + "]}", "reduced");
  ASSERT_EQ(reduced.size(), 1u);
  EXPECT_LE(std::get<RunVector>(reduced[0].body).scenario.requests.size(), 6u) << to_string(*found);
  const ReplayVerdict right = replay(reduced[0], subject());
  EXPECT_TRUE(right.passed()) << to_string(right);
}

INSTANTIATE_TEST_SUITE_P(
    Differential, ChangedRule,
    testing::Values(
        Change{"legacy_free_order", [](SchedulerConfig& c) { c.behaviour.free_order = FreeOrder::legacy; }},
        Change{"uncached_free_to_the_tail",
               [](SchedulerConfig& c) { c.behaviour.nocache_free = UncachedFree::tail; }},
        Change{"no_full_prompt_gate", [](SchedulerConfig& c) { c.behaviour.reserve_full_isl = false; }},
        Change{"no_watermark", [](SchedulerConfig& c) { c.behaviour.watermark = 0; }},
        Change{"no_cursor_fix", [](SchedulerConfig& c) { c.behaviour.priority_cursor_fix = false; }},
        Change{"strict_padding", [](SchedulerConfig& c) { c.behaviour.pad_rule = PadRule::strict; }},
        Change{"no_padding", [](SchedulerConfig& c) { c.behaviour.pad_rule = PadRule::none; }},
        Change{"no_admission_lookahead", [](SchedulerConfig& c) { c.behaviour.admit_lookahead = false; }},
        Change{"kept_drafts", [](SchedulerConfig& c) { c.behaviour.async_drop_unscheduled_drafts = false; }},
        Change{"statistics_of_lookups", [](SchedulerConfig& c) { c.behaviour.stats_on_lookup = true; }},
        Change{"no_stale_gate", [](SchedulerConfig& c) { c.behaviour.stale_gate = false; }},
        Change{"early_window_frees", [](SchedulerConfig& c) { c.behaviour.window_frees_settled = false; }},
        Change{"no_eagle_drop", [](SchedulerConfig& c) { c.use_eagle = false; }},
        Change{"no_lookahead", [](SchedulerConfig& c) { c.spec_lookahead = 0; }},
        Change{"no_threshold", [](SchedulerConfig& c) { c.long_prefill_token_threshold = 0; }},
        Change{"wider_window",
               [](SchedulerConfig& c) {
                 for (KvGroup& group : c.kv_groups) group.reach += group.kind == KvKind::window;
               }},
        Change{"one_group", [](SchedulerConfig& c) { c.kv_groups.resize(1); }}),
    [](const testing::TestParamInfo<Change>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace blis::oracle
