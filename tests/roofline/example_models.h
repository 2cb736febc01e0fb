// Models and GPUs that the roofline tests compute with, written out by hand.
#pragma once

#include "roofline/hardware.h"
#include "roofline/model_facts.h"

namespace blis::testing {

inline ModelFacts dense_model(const char* name, int layers, std::int64_t hidden, int heads, int kv_heads,
                              std::int64_t ffn, std::int64_t vocab) {
  ModelFacts m;
  m.name = name;
  m.layers = layers;
  m.hidden = hidden;
  m.heads = heads;
  m.kv_heads = kv_heads;
  m.head_dim = static_cast<int>(hidden / heads);
  m.ffn = ffn;
  m.vocab = vocab;
  return m;
}

inline ModelFacts llama_8b() {
  return dense_model("llama-3.1-8b", 32, 4096, 32, 8, 14336, 128256);
}
inline ModelFacts llama2_7b() {
  return dense_model("llama-2-7b-hf", 32, 4096, 32, 32, 11008, 32000);
}
inline ModelFacts llama_70b() {
  return dense_model("llama-3.1-70b", 80, 8192, 64, 8, 28672, 128256);
}

inline ModelFacts mixtral() {
  ModelFacts m = dense_model("mixtral-8x7b-v0.1", 32, 4096, 32, 8, 14336, 32000);
  m.moe = MoeConfig{.experts = 8, .experts_per_token = 2, .ffn = 14336};
  return m;
}

inline ModelFacts deepseek_v3() {
  ModelFacts m = dense_model("deepseek-v3", 61, 7168, 128, 128, 18432, 129280);
  m.moe = MoeConfig{
      .experts = 256, .experts_per_token = 8, .ffn = 2048, .shared_ffn = 2048, .dense_prefix_layers = 3};
  m.mla = MlaConfig{.q_lora_rank = 1536,
                    .kv_lora_rank = 512,
                    .qk_nope_head_dim = 128,
                    .qk_rope_head_dim = 64,
                    .v_head_dim = 128};
  m.quantization = {
      .format = WeightFormat::fp8_block, .method = "fp8", .group_size = 128, .activation_bits = 8};
  return m;
}

inline Hardware seed_gpu(const char* name, double tflops, double tbs) {
  Hardware h;
  h.name = name;
  h.tflops_peak = tflops;
  h.bw_peak_tbs = tbs;
  h.bw_eff_constant = 0.72;
  h.t_overhead_micros = 500;
  h.per_layer_overhead = 20;
  h.mfu_prefill = 0.65;
  h.mfu_decode = 0.12;
  h.all_reduce_latency = 20;
  return h;
}

inline Hardware h100() {
  Hardware h = seed_gpu("H100-SXM", 989.5, 3.35);
  h.tflops_fp8 = 1979;
  h.tflops_int8 = 1979;
  h.memory_gib = 79.65;
  h.num_sms = 132;
  h.l2_mib = 50;
  h.nvlink_gbs = 450;
  h.pcie_gbs = 64;
  h.inter_node_gbs = 50;
  h.gpus_per_node = 8;
  h.compute_capability = 9.0;
  return h;
}

inline Hardware a100() {
  Hardware h = seed_gpu("A100-SXM", 312, 2.039);
  h.tflops_int8 = 624;
  h.memory_gib = 79.25;
  h.num_sms = 108;
  h.l2_mib = 40;
  h.nvlink_gbs = 300;
  h.pcie_gbs = 32;
  h.inter_node_gbs = 25;
  h.gpus_per_node = 8;
  h.compute_capability = 8.0;
  return h;
}

}  // namespace blis::testing
