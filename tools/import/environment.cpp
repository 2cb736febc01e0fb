#include "tools/import/environment.h"

#include <array>

#include "tools/import/argument.h"

namespace blis {
namespace {

using enum Reads;

// The one that turns on what its key turns off.
constexpr std::string_view kAllowsChunks = "VLLM_ALLOW_CHUNKED_LOCAL_ATTN_WITH_HYBRID_KV_CACHE";

constexpr std::string_view kExchange = "VLLM_ALL2ALL_BACKEND";

// Those that can change latency. Source: vllm/envs.py of 2026-08, and what it had before.
constexpr std::array kVariables{
    lacks("VLLM_USE_V1", "", text, "1", "the engine V0 is another one"),
    takes("VLLM_USE_V2_MODEL_RUNNER", "", text, "engine.scheduler.v2_model_runner", "which runner"),
    takes(kAllowsChunks, "", text, "engine.disable_hybrid_kv_cache_manager",
          "chunks are groups of their own: false"),
    lacks("VLLM_ATTENTION_BACKEND", "", text, "", "kernels of attention"),
    lacks("VLLM_FLASH_ATTN_VERSION", "", text, "", "kernels of attention"),
    takes(kExchange, "", text, "engine.all2all_backend", "how experts exchange tokens, of old releases"),
    lacks("VLLM_BATCH_INVARIANT", "", text, "0", "kernels"),
    lacks("VLLM_USE_FLASHINFER_SAMPLER", "", text, "1", "work for each sampled token"),
    lacks("VLLM_ALLREDUCE_USE_FLASHINFER", "", text, "1", "kernels of collectives"),
    lacks("VLLM_ALLREDUCE_USE_SYMM_MEM", "", text, "1", "kernels of collectives"),
    lacks("VLLM_USE_NCCL_SYMM_MEM", "", text, "0", "kernels of collectives"),
    lacks("VLLM_USE_DEEP_GEMM", "", text, "1", "kernels"),
    lacks("VLLM_MOE_USE_DEEP_GEMM", "", text, "1", "kernels"),
    lacks("VLLM_USE_FLASHINFER_MOE_FP4", "", text, "", "kernels"),
    lacks("VLLM_USE_FLASHINFER_MOE_FP8", "", text, "", "kernels"),
    lacks("VLLM_USE_FLASHINFER_MOE_FP16", "", text, "", "kernels"),
    lacks("VLLM_USE_FLASHINFER_MOE_MXFP4_MXFP8", "", text, "", "kernels"),
    lacks("VLLM_USE_FLASHINFER_MOE_MXFP4_BF16", "", text, "", "kernels"),
    lacks("VLLM_DISABLED_KERNELS", "", text, "", "kernels"),
    lacks("VLLM_TUNED_CONFIG_FOLDER", "", text, "", "kernels"),
    lacks("VLLM_MLA_DISABLE", "", text, "0", "size of the KV cache"),
    lacks("VLLM_PP_LAYER_PARTITION", "", text, "", "layers of each stage"),
    lacks("VLLM_MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS", "", text, "1", "memory of graphs"),
    lacks("VLLM_USE_RUST_FRONTEND", "", text, "0", "host time of the API"),
    lacks("VLLM_ENABLE_V1_MULTIPROCESSING", "", text, "1", "host time"),
    lacks("VLLM_ALLOW_LONG_MAX_MODEL_LEN", "", text, "0", "sequences beyond what the config allows"),
};

}  // namespace

void read_environment(const std::vector<ShellWord>& environment, Translation& into) {
  for (const ShellWord& word : environment) {
    const std::size_t equals = word.text.find('=');
    if (equals == std::string::npos) continue;  // passed on from outside: -e HF_TOKEN
    for (const Argument& variable : kVariables) {
      if (variable.name != word.text.substr(0, equals)) continue;
      GivenArgument given;
      given.argument = &variable;
      given.value = word.text.substr(equals + 1);
      given.shown = word.text;
      given.unset = word.unset;
      given.place = word.place;
      if (is_settled(given, into)) continue;
      const bool on = given.value != "0";
      if (variable.name == kAllowsChunks) {
        if (on) into.set(std::string(variable.key), "false", given);
      } else if (variable.name == kExchange) {
        if (!into.sets(variable.key)) into.set(std::string(variable.key), given.value, given);
      } else {
        into.set(std::string(variable.key), on ? "true" : "false", given);
      }
    }
  }
}

}  // namespace blis
