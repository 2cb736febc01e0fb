#include "roofline/engine_defaults.h"

#include <gtest/gtest.h>

namespace blis {
namespace {

struct DefaultsRow {
  double memory_gib;
  const char* gpu;
  const char* date;
  bool api_server;
  int tokens, seqs;
};
class EngineLimits : public ::testing::TestWithParam<DefaultsRow> {};

TEST_P(EngineLimits, FollowGpuClassAndVersion) {
  const DefaultsRow& r = GetParam();
  const EngineDefaults d = default_engine(r.memory_gib, r.gpu, r.date, r.api_server);
  EXPECT_EQ(d.max_num_batched_tokens, r.tokens) << r.gpu << " " << r.date;
  EXPECT_EQ(d.max_num_seqs, r.seqs) << r.gpu << " " << r.date;
}
INSTANTIATE_TEST_SUITE_P(Gpus, EngineLimits,
                         ::testing::Values(DefaultsRow{79.65, "H100-SXM", "2026-08-17", true, 8192, 1024},
                                           DefaultsRow{79.65, "H100-SXM", "2026-08-17", false, 16384, 1024},
                                           DefaultsRow{139.8, "H200-SXM", "2025-12-15", true, 8192, 1024},
                                           DefaultsRow{178.35, "B200", "2026-08-10", true, 8192, 1024},
                                           DefaultsRow{178.35, "B200", "2026-08-11", true, 16384, 1024},
                                           DefaultsRow{79.25, "A100-SXM", "2026-08-17", true, 2048, 256},
                                           DefaultsRow{79.25, "A100-SXM", "2026-08-17", false, 8192, 256},
                                           DefaultsRow{44.39, "L40S", "2026-08-17", true, 2048, 256},
                                           DefaultsRow{94.97, "RTX-PRO-6000", "2026-08-17", true, 8192,
                                                       1024}));

TEST(EngineDefaults, UtilizationAndGraphMemoryChangeOnTheSameDay) {
  const EngineDefaults before = default_engine(79.65, "H100-SXM", "2026-04-20");
  const EngineDefaults after = default_engine(79.65, "H100-SXM", "2026-04-21");
  EXPECT_EQ(before.gpu_memory_utilization, 0.9);
  EXPECT_EQ(after.gpu_memory_utilization, 0.92);
  EXPECT_FALSE(before.subtract_graph_memory);
  EXPECT_TRUE(after.subtract_graph_memory);
}

TEST(EngineDefaults, SamplingSortsBetweenFlashInfersDefaultAndRelease016) {
  EXPECT_FALSE(default_engine(79.65, "H100-SXM", "2025-10-01").sort_to_sample);  // FlashInfer's
  EXPECT_TRUE(default_engine(79.65, "H100-SXM", "2026-01-28").sort_to_sample);
  EXPECT_FALSE(default_engine(79.65, "H100-SXM", "2026-03-01").sort_to_sample);
}

TEST(EngineLimits, AreCorrectedOnlyWhereTheUserSaidNothing) {
  const Limits set{8192, 1024};
  EXPECT_EQ(settle_limits(set, false, false, 4, true).max_num_batched_tokens, 4096)
      << "max_num_seqs x max_model_len";
  EXPECT_EQ(settle_limits(set, false, false, 32768, false).max_num_batched_tokens, 32768)
      << "no chunked prefill";
  EXPECT_EQ(settle_limits({512, 1024}, true, false, 4096, true).max_num_seqs, 512);
  EXPECT_EQ(settle_limits({512, 1024}, true, true, 4096, true).max_num_seqs, 1024);
  EXPECT_EQ(settle_limits(set, true, true, 4, false).max_num_batched_tokens, 8192);
}

}  // namespace
}  // namespace blis
