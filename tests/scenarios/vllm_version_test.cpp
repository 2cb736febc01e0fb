#include "scenarios/vllm_version.h"

#include <gtest/gtest.h>

#include "problems.h"

namespace blis {
namespace {

const Place kPlace{"s.yaml", 5, 3};

TEST(VllmVersion, ReleasesStandForTheMainlineBeforeThem) {
  struct Case {
    const char *release, *date;
  };
  for (const Case& c : {Case{"0.12", "2025-12-15"}, Case{"0.13.0", "2025-12-15"}, Case{"0.15", "2026-01-28"},
                        Case{"v0.17.1", "2026-03-01"}, Case{"0.19", "2026-04-01"}, Case{"0.20", "2026-05-10"},
                        Case{"0.22", "2026-05-10"}, Case{"0.23", "2026-06-13"}, Case{"0.24", "2026-06-24"},
                        Case{"0.25", "2026-07-05"}, Case{"0.26", "2026-07-24"}, Case{"0.27.1", "2026-08-01"},
                        Case{"0.28", "2026-08-16"}}) {
    const VllmVersion version = find_vllm_version(c.release, kPlace);
    EXPECT_EQ(version.date, c.date) << c.release;
    EXPECT_EQ(version.preset.date, c.date) << c.release;
    EXPECT_TRUE(version.warning.empty()) << version.warning;
    EXPECT_EQ(version.name, c.release);
  }
}

TEST(VllmVersion, AReleaseAfterTheNewestVerifiedSaysSo) {
  const VllmVersion version = find_vllm_version("0.29", kPlace);
  EXPECT_EQ(version.preset.date, "2026-08-17");
  EXPECT_NE(version.warning.find("0.29 holds changes after what is known"), std::string::npos);
}

TEST(VllmVersion, TheDefaultIsTheNewestVerified) {
  EXPECT_EQ(find_vllm_version(std::nullopt, kPlace).date, "2026-08-17");
  EXPECT_TRUE(find_vllm_version(std::nullopt, kPlace).warning.empty());
}

TEST(VllmVersion, ADateTakesThePresetBeforeIt) {
  EXPECT_EQ(find_vllm_version("2026-05-10", kPlace).preset.date, "2026-05-10");
  EXPECT_EQ(find_vllm_version("2026-06-12", kPlace).preset.date, "2026-05-10");
  EXPECT_EQ(find_vllm_version("2026-06-12", kPlace).date, "2026-06-12");
}

TEST(VllmVersion, WhatIsNotVerifiedTakesTheNearestAndSaysSo) {
  for (const char* const old : {"0.11", "0.8.5", "2025-10-01"}) {
    const VllmVersion version = find_vllm_version(old, kPlace);
    EXPECT_EQ(version.preset.date, "2025-12-15") << old;
    EXPECT_LT(version.date, "2025-12-01") << old << ": defaults are older still";
    EXPECT_NE(version.warning.find("older than what the scheduler was verified against"), std::string::npos)
        << old;
  }
  for (const char* const future : {"0.99", "2030-01-01"}) {
    const VllmVersion version = find_vllm_version(future, kPlace);
    EXPECT_EQ(version.preset.date, "2026-08-17") << future;
    EXPECT_NE(version.warning.find("newer than what is known"), std::string::npos) << future;
  }
}

TEST(VllmVersion, ADateIsAfterTheLastReleaseBeforeIt) {
  const auto minor = [](const std::optional<std::string>& asked) {
    return find_vllm_version(asked, kPlace).code.release.minor;
  };
  EXPECT_EQ(minor("0.24"), 24);
  EXPECT_EQ(minor("0.9"), 9);
  EXPECT_EQ(minor("0.99"), 99);
  EXPECT_EQ(minor("2026-06-13"), 23);
  EXPECT_EQ(minor("2026-07-10"), 25);
  EXPECT_EQ(minor("2026-08-17"), kNewestVllmMinor) << "the newest verified";
  EXPECT_EQ(minor(std::nullopt), kNewestVllmMinor);
}

TEST(VllmVersion, TheEngineV1IsTheDefaultFrom08On) {
  struct Case {
    const char* version;
    V1Engine v1;
  };
  for (const Case& c :
       {Case{"0.5.4", V1Engine::absent}, Case{"0.6", V1Engine::absent}, Case{"v0.7.3", V1Engine::absent},
        Case{"2025-03-17", V1Engine::absent}, Case{"0.8.0", V1Engine::by_default},
        Case{"0.8.5.post1", V1Engine::by_default}, Case{"2025-03-18", V1Engine::by_default},
        Case{"2025-05-14", V1Engine::by_default}, Case{"0.9", V1Engine::only},
        Case{"2025-05-15", V1Engine::only}, Case{"0.25", V1Engine::only}, Case{"0.99", V1Engine::only}}) {
    EXPECT_EQ(find_vllm_version(c.version, kPlace).v1, c.v1) << c.version;
  }
}

TEST(VllmVersion, AnythingElseIsRefusedAtItsPlace) {
  for (const char* const text : {"1.0", "latest", "0.", "0.2x", "0.023", "2026-13-01", "2026-1-1", "", "v",
                                 "0.-5", "2026-02-30", "0.12.", "0.12.abc", "0.12.-1", "0.12.3x"}) {
    const Said said = said_by([&] { find_vllm_version(text, kPlace); });
    EXPECT_EQ(said.heads.at(0), "s.yaml:5:3: unknown vLLM version `" + std::string(text) + "`");
    EXPECT_EQ(said.kind, ErrorKind::usage);
  }
}

TEST(VllmVersion, BehaviourChangesWhereItDid) {
  const auto behaviour = [](const char* version) {
    return find_vllm_version(version, kPlace).preset.behaviour;
  };
  EXPECT_FALSE(behaviour("0.17").reserve_full_isl);
  EXPECT_TRUE(behaviour("0.18").reserve_full_isl);
  EXPECT_EQ(behaviour("0.23").free_order, FreeOrder::legacy);
  EXPECT_EQ(behaviour("0.24").free_order, FreeOrder::split);
  EXPECT_FALSE(behaviour("0.25").window_frees_settled);
  EXPECT_TRUE(behaviour("0.26").window_frees_settled);
  EXPECT_FALSE(behaviour("0.26").stale_gate);
  EXPECT_TRUE(behaviour("0.27").stale_gate);
  EXPECT_EQ(behaviour("0.28").prefix_cache_retention_interval, std::nullopt);
  EXPECT_EQ(behaviour("0.29").prefix_cache_retention_interval, 0);
}

}  // namespace
}  // namespace blis
