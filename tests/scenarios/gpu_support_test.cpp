// What vLLM cannot serve on a GPU is refused with the reason.
#include "scenarios/gpu_support.h"

#include <gtest/gtest.h>

#include "scenarios/catalog.h"
#include "scenarios/scenario.h"

namespace blis {
namespace {

struct SupportRow {
  const char* model;
  const char* gpu;
  const char* dtype;
  const char* refused_for;  // part of the message; empty: it is served
};

class GpuSupport : public testing::TestWithParam<SupportRow> {};

TEST_P(GpuSupport, IsThatOfVllm) {
  const SupportRow& row = GetParam();
  const Catalog catalog(BLIS_SOURCE_DIR);
  std::string said;
  ErrorKind kind = ErrorKind::usage;
  try {
    ScenarioSettings settings;
    settings.model = row.model;
    settings.hardware.gpu = row.gpu;
    settings.engine.dtype = row.dtype;
    settings.engine.tensor_parallel_size = 4;
    resolve(settings, catalog, Fit::reported);
  } catch (const InputError& error) {
    said = error.problems().front().message;
    kind = error.kind();
  }
  if (*row.refused_for == 0) {
    EXPECT_EQ(said.find("cannot serve"), std::string::npos) << said;
  } else {
    EXPECT_NE(said.find(row.refused_for), std::string::npos) << said;
    EXPECT_EQ(kind, ErrorKind::not_modelled);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, GpuSupport,
    testing::Values(SupportRow{"llama-3.1-8b", "T4", "auto", ""},
                    SupportRow{"llama-3.1-8b", "T4", "float16", ""},
                    SupportRow{"llama-3.1-8b", "T4", "bfloat16", "at least 8.0 is needed for dtype bfloat16"},
                    SupportRow{"llama-3.1-8b", "A100", "bfloat16", ""},
                    SupportRow{"gpt-oss-20b", "T4", "auto", "mxfp4 weights"},
                    SupportRow{"gpt-oss-20b", "RTX-3090", "auto", ""},
                    SupportRow{"deepseek-v3.2", "A100", "auto", "sparse attention"},
                    SupportRow{"deepseek-v4-flash", "A100", "auto", "sparse attention"},
                    SupportRow{"deepseek-v3.2", "H200", "auto", ""},
                    SupportRow{"gpt-oss-20b", "MI300X", "auto", ""},
                    SupportRow{"meta-llama-3.1-8b-instruct-quantized.w8a8", "B200", "auto", "below 10.0"},
                    SupportRow{"meta-llama-3.1-8b-instruct-quantized.w8a8", "H100", "auto", ""},
                    SupportRow{"llama-3.1-8b", "V100", "auto", "no attention backend"},
                    SupportRow{"llama-3.1-8b", "TPU-v6e", "auto", "not modelled"},
                    SupportRow{"llama-3.1-8b", "gaudi3", "auto", "not modelled"}));

}  // namespace
}  // namespace blis
