// Sources: the fields of the config classes of Hugging Face transformers 5.10 (src/transformers/models/*/
// configuration_*.py at its commit 89c0c2ed of 2026-05-26; those that 4.57 has are the same there), and
// for the last rows vLLM's own, which overrule them (vllm/transformers_utils/configs, and for the intervals
// and gates also vllm/model_executor/models, of 2026-08-17).
#include "scenarios/models/class_defaults.h"

#include <algorithm>
#include <array>

namespace blis {
namespace {

constexpr std::array kClassDefaults{
    ClassDefaults{"llama",
                  "vocab_size=32000 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null head_dim=null "
                  "max_position_embeddings=2048 tie_word_embeddings=false"},
    ClassDefaults{"mistral",
                  "vocab_size=32000 hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=8 head_dim=null "
                  "max_position_embeddings=131072 tie_word_embeddings=false sliding_window=4096"},
    ClassDefaults{"qwen2",
                  "vocab_size=151936 hidden_size=4096 intermediate_size=22016 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=32 max_position_embeddings=32768 "
                  "tie_word_embeddings=false use_sliding_window=false sliding_window=4096 "
                  "max_window_layers=28 layer_types=null"},
    ClassDefaults{"qwen3",
                  "vocab_size=151936 hidden_size=4096 intermediate_size=22016 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=32 head_dim=128 max_position_embeddings=32768 "
                  "tie_word_embeddings=false use_sliding_window=false sliding_window=4096 "
                  "max_window_layers=28 layer_types=null"},
    ClassDefaults{"phi3",
                  "vocab_size=32064 hidden_size=3072 intermediate_size=8192 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null max_position_embeddings=4096 "
                  "tie_word_embeddings=false original_max_position_embeddings=4096 sliding_window=null"},
    ClassDefaults{"gemma",
                  "vocab_size=256000 hidden_size=3072 intermediate_size=24576 num_hidden_layers=28 "
                  "num_attention_heads=16 num_key_value_heads=16 head_dim=256 max_position_embeddings=8192 "
                  "tie_word_embeddings=true"},
    ClassDefaults{"gemma2",
                  "vocab_size=256000 hidden_size=2304 intermediate_size=9216 num_hidden_layers=26 "
                  "num_attention_heads=8 num_key_value_heads=4 head_dim=256 max_position_embeddings=8192 "
                  "tie_word_embeddings=true sliding_window=4096 layer_types=null"},
    ClassDefaults{"gemma3_text",
                  "vocab_size=262208 hidden_size=2304 intermediate_size=9216 num_hidden_layers=26 "
                  "num_attention_heads=8 num_key_value_heads=4 head_dim=256 max_position_embeddings=131072 "
                  "tie_word_embeddings=true sliding_window=4096 layer_types=null sliding_window_pattern=6"},
    ClassDefaults{"cohere",
                  "vocab_size=256000 hidden_size=8192 intermediate_size=22528 num_hidden_layers=40 "
                  "num_attention_heads=64 num_key_value_heads=null max_position_embeddings=8192 "
                  "tie_word_embeddings=true"},
    ClassDefaults{"cohere2",
                  "vocab_size=256000 hidden_size=8192 intermediate_size=22528 num_hidden_layers=40 "
                  "num_attention_heads=64 num_key_value_heads=null max_position_embeddings=8192 "
                  "tie_word_embeddings=true sliding_window=4096 layer_types=null sliding_window_pattern=4"},
    ClassDefaults{"olmo2",
                  "vocab_size=50304 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null max_position_embeddings=2048 "
                  "tie_word_embeddings=false"},
    ClassDefaults{"olmo3",
                  "vocab_size=50304 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null max_position_embeddings=2048 "
                  "tie_word_embeddings=false sliding_window=4096 layer_types=null"},
    ClassDefaults{"exaone4",
                  "vocab_size=102400 hidden_size=4096 intermediate_size=16384 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=32 max_position_embeddings=2048 "
                  "tie_word_embeddings=false sliding_window=4096 sliding_window_pattern=4 layer_types=null"},
    ClassDefaults{"granite",
                  "vocab_size=32000 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null max_position_embeddings=2048 "
                  "tie_word_embeddings=false"},
    ClassDefaults{"stablelm",
                  "vocab_size=50304 hidden_size=2560 intermediate_size=6912 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=32 max_position_embeddings=4096 "
                  "tie_word_embeddings=false use_parallel_residual=false"},
    ClassDefaults{"smollm3",
                  "vocab_size=128256 hidden_size=2048 intermediate_size=11008 num_hidden_layers=36 "
                  "num_attention_heads=16 num_key_value_heads=4 max_position_embeddings=32768 "
                  "tie_word_embeddings=true use_sliding_window=false sliding_window=null layer_types=null"},
    ClassDefaults{"seed_oss",
                  "vocab_size=155136 hidden_size=4096 intermediate_size=27648 num_hidden_layers=64 "
                  "num_attention_heads=80 num_key_value_heads=8 head_dim=128 max_position_embeddings=524288 "
                  "tie_word_embeddings=false"},
    ClassDefaults{"ernie4_5",
                  "vocab_size=103424 hidden_size=1024 intermediate_size=3072 num_hidden_layers=18 "
                  "num_attention_heads=16 num_key_value_heads=2 head_dim=128 max_position_embeddings=131072 "
                  "tie_word_embeddings=true"},
    ClassDefaults{"glm",
                  "vocab_size=151552 hidden_size=4096 intermediate_size=13696 num_hidden_layers=40 "
                  "num_attention_heads=32 num_key_value_heads=2 head_dim=128 max_position_embeddings=131072 "
                  "tie_word_embeddings=false"},
    ClassDefaults{"glm4",
                  "vocab_size=151552 hidden_size=4096 intermediate_size=13696 num_hidden_layers=40 "
                  "num_attention_heads=32 num_key_value_heads=2 head_dim=128 max_position_embeddings=131072 "
                  "tie_word_embeddings=false"},
    ClassDefaults{"olmo",
                  "vocab_size=50304 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null max_position_embeddings=2048 "
                  "tie_word_embeddings=false"},
    ClassDefaults{"hunyuan_v1_dense",
                  "vocab_size=290943 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null head_dim=null "
                  "max_position_embeddings=2048 tie_word_embeddings=false"},
    ClassDefaults{"cwm",
                  "vocab_size=128256 hidden_size=6144 intermediate_size=21504 num_hidden_layers=64 "
                  "num_attention_heads=48 num_key_value_heads=8 head_dim=128 max_position_embeddings=131072 "
                  "tie_word_embeddings=false sliding_window=8192 layer_types=null"},
    ClassDefaults{"ministral3",
                  "vocab_size=131072 hidden_size=4096 intermediate_size=14336 num_hidden_layers=34 "
                  "num_attention_heads=32 num_key_value_heads=8 head_dim=128 max_position_embeddings=262144 "
                  "tie_word_embeddings=false sliding_window=null"},
    ClassDefaults{"falcon",
                  "vocab_size=65024 hidden_size=4544 ffn_hidden_size=null num_hidden_layers=32 "
                  "num_attention_heads=71 max_position_embeddings=2048 tie_word_embeddings=true "
                  "num_kv_heads=null new_decoder_architecture=false multi_query=true parallel_attn=true"},
    ClassDefaults{"mpt",
                  "vocab_size=50368 d_model=2048 n_layers=24 n_heads=16 max_seq_len=2048 "
                  "tie_word_embeddings=true expansion_ratio=4"},
    ClassDefaults{
        "bloom",
        "vocab_size=250880 hidden_size=64 n_layer=2 n_head=8 tie_word_embeddings=true seq_length=null"},
    ClassDefaults{"gpt2",
                  "vocab_size=50257 n_embd=768 n_layer=12 n_head=12 n_positions=1024 "
                  "tie_word_embeddings=true n_inner=null"},
    ClassDefaults{"gpt_bigcode",
                  "vocab_size=50257 n_embd=768 n_layer=12 n_head=12 n_positions=1024 "
                  "tie_word_embeddings=true n_inner=null multi_query=true"},
    ClassDefaults{"gptj",
                  "vocab_size=50400 n_embd=4096 n_layer=28 n_head=16 n_positions=2048 "
                  "tie_word_embeddings=false n_inner=null"},
    ClassDefaults{"gpt_neox",
                  "vocab_size=50432 hidden_size=6144 intermediate_size=24576 num_hidden_layers=44 "
                  "num_attention_heads=64 max_position_embeddings=2048 tie_word_embeddings=false "
                  "use_parallel_residual=true"},
    ClassDefaults{"opt",
                  "vocab_size=50272 hidden_size=768 ffn_dim=3072 num_hidden_layers=12 "
                  "num_attention_heads=12 max_position_embeddings=2048 tie_word_embeddings=true "
                  "word_embed_proj_dim=null"},
    ClassDefaults{"phi",
                  "vocab_size=51200 hidden_size=2048 intermediate_size=8192 num_hidden_layers=24 "
                  "num_attention_heads=32 num_key_value_heads=null max_position_embeddings=2048 "
                  "tie_word_embeddings=false"},
    ClassDefaults{"starcoder2",
                  "vocab_size=49152 hidden_size=3072 intermediate_size=12288 num_hidden_layers=30 "
                  "num_attention_heads=24 num_key_value_heads=2 max_position_embeddings=4096 "
                  "tie_word_embeddings=true sliding_window=null"},
    ClassDefaults{"arcee",
                  "vocab_size=32000 hidden_size=2560 intermediate_size=18432 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null head_dim=null "
                  "max_position_embeddings=4096 tie_word_embeddings=false"},
    ClassDefaults{"apertus",
                  "vocab_size=131072 hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null max_position_embeddings=65536 "
                  "tie_word_embeddings=false"},
    ClassDefaults{"mixtral",
                  "vocab_size=32000 hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=8 head_dim=null "
                  "max_position_embeddings=131072 tie_word_embeddings=false sliding_window=null "
                  "num_experts_per_tok=2 num_local_experts=8"},
    ClassDefaults{"phimoe",
                  "vocab_size=32064 hidden_size=4096 intermediate_size=6400 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=8 max_position_embeddings=131072 "
                  "tie_word_embeddings=false sliding_window=null num_experts_per_tok=2 num_local_experts=16"},
    ClassDefaults{"granitemoeshared",
                  "vocab_size=32000 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null max_position_embeddings=2048 "
                  "tie_word_embeddings=false num_local_experts=8 num_experts_per_tok=2 "
                  "shared_intermediate_size=0"},
    ClassDefaults{"glm4_moe_lite",
                  "vocab_size=154880 hidden_size=2048 intermediate_size=10240 num_hidden_layers=47 "
                  "num_attention_heads=20 num_key_value_heads=20 max_position_embeddings=202752 "
                  "tie_word_embeddings=false moe_intermediate_size=1536 n_shared_experts=1 "
                  "n_routed_experts=64 kv_lora_rank=512 q_lora_rank=768 qk_rope_head_dim=64 v_head_dim=256 "
                  "qk_nope_head_dim=192 num_experts_per_tok=4 mlp_layer_types=null"},
    ClassDefaults{"qwen2_moe",
                  "vocab_size=151936 hidden_size=2048 intermediate_size=5632 num_hidden_layers=24 "
                  "num_attention_heads=16 num_key_value_heads=16 max_position_embeddings=32768 "
                  "tie_word_embeddings=false use_sliding_window=false sliding_window=4096 "
                  "max_window_layers=28 decoder_sparse_step=1 moe_intermediate_size=1408 "
                  "shared_expert_intermediate_size=5632 num_experts_per_tok=4 num_experts=60 "
                  "mlp_only_layers=null layer_types=null"},
    ClassDefaults{"qwen3_moe",
                  "vocab_size=151936 hidden_size=2048 intermediate_size=6144 num_hidden_layers=24 "
                  "num_attention_heads=32 num_key_value_heads=4 max_position_embeddings=32768 "
                  "tie_word_embeddings=false use_sliding_window=false sliding_window=4096 "
                  "decoder_sparse_step=1 moe_intermediate_size=768 num_experts_per_tok=8 num_experts=128 "
                  "mlp_only_layers=null"},
    ClassDefaults{"gpt_oss",
                  "vocab_size=201088 hidden_size=2880 intermediate_size=2880 num_hidden_layers=36 "
                  "num_attention_heads=64 num_key_value_heads=8 head_dim=64 max_position_embeddings=131072 "
                  "tie_word_embeddings=false num_local_experts=128 sliding_window=128 num_experts_per_tok=4 "
                  "layer_types=null"},
    ClassDefaults{"deepseek_v2",
                  "vocab_size=32000 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null head_dim=null "
                  "max_position_embeddings=2048 tie_word_embeddings=false first_k_dense_replace=0 "
                  "kv_lora_rank=512 q_lora_rank=1536 n_routed_experts=64 n_shared_experts=2 "
                  "qk_nope_head_dim=128 qk_rope_head_dim=64 v_head_dim=128 num_experts_per_tok=null "
                  "moe_intermediate_size=1407"},
    ClassDefaults{"deepseek_v3",
                  "vocab_size=129280 hidden_size=7168 intermediate_size=18432 num_hidden_layers=61 "
                  "num_attention_heads=128 num_key_value_heads=128 max_position_embeddings=4096 "
                  "tie_word_embeddings=false moe_intermediate_size=2048 n_shared_experts=1 "
                  "n_routed_experts=256 kv_lora_rank=512 q_lora_rank=1536 qk_rope_head_dim=64 "
                  "v_head_dim=128 qk_nope_head_dim=128 num_experts_per_tok=8 first_k_dense_replace=3"},
    ClassDefaults{"kimi_k2",
                  "vocab_size=129280 hidden_size=7168 intermediate_size=18432 num_hidden_layers=61 "
                  "num_attention_heads=128 num_key_value_heads=128 max_position_embeddings=4096 "
                  "tie_word_embeddings=false moe_intermediate_size=2048 n_shared_experts=1 "
                  "n_routed_experts=256 kv_lora_rank=512 q_lora_rank=1536 qk_rope_head_dim=64 "
                  "v_head_dim=128 qk_nope_head_dim=128 num_experts_per_tok=8 first_k_dense_replace=3"},
    ClassDefaults{"glm4_moe",
                  "vocab_size=151552 hidden_size=4096 intermediate_size=10944 num_hidden_layers=46 "
                  "num_attention_heads=96 num_key_value_heads=8 max_position_embeddings=131072 "
                  "tie_word_embeddings=false moe_intermediate_size=1408 num_experts_per_tok=8 "
                  "n_shared_experts=1 n_routed_experts=128 first_k_dense_replace=1"},
    ClassDefaults{"minimax_m2",
                  "vocab_size=200064 hidden_size=3072 intermediate_size=1536 num_hidden_layers=62 "
                  "num_attention_heads=48 num_key_value_heads=8 head_dim=128 max_position_embeddings=196608 "
                  "tie_word_embeddings=false num_experts_per_tok=8 num_local_experts=256"},
    ClassDefaults{"dots1",
                  "vocab_size=152064 hidden_size=4608 intermediate_size=10944 num_hidden_layers=62 "
                  "num_attention_heads=32 num_key_value_heads=32 max_position_embeddings=2048 "
                  "tie_word_embeddings=false moe_intermediate_size=1408 n_shared_experts=null "
                  "n_routed_experts=null num_experts_per_tok=null first_k_dense_replace=0 "
                  "sliding_window=4096 max_window_layers=62 layer_types=null"},
    ClassDefaults{"granitemoe",
                  "vocab_size=32000 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null max_position_embeddings=2048 "
                  "tie_word_embeddings=false num_local_experts=8 num_experts_per_tok=2"},
    ClassDefaults{"olmoe",
                  "vocab_size=50304 hidden_size=2048 intermediate_size=2048 num_hidden_layers=16 "
                  "num_attention_heads=16 num_key_value_heads=null max_position_embeddings=4096 "
                  "tie_word_embeddings=false num_experts_per_tok=8 num_experts=64"},
    ClassDefaults{"ernie4_5_moe",
                  "vocab_size=103424 hidden_size=2560 intermediate_size=12288 num_hidden_layers=28 "
                  "num_attention_heads=20 num_key_value_heads=4 max_position_embeddings=131072 "
                  "tie_word_embeddings=true moe_intermediate_size=1536 moe_k=6 moe_num_experts=64 "
                  "moe_num_shared_experts=2 moe_layer_start_index=1 moe_layer_end_index=-1 "
                  "moe_layer_interval=1"},
    ClassDefaults{"exaone_moe",
                  "vocab_size=102400 hidden_size=4096 intermediate_size=16384 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=32 max_position_embeddings=2048 "
                  "tie_word_embeddings=false sliding_window=4096 sliding_window_pattern=4 layer_types=null "
                  "mlp_layer_types=null first_k_dense_replace=1 moe_intermediate_size=1024 num_experts=64 "
                  "num_experts_per_tok=8 num_shared_experts=1"},
    ClassDefaults{"hunyuan_v1_moe",
                  "vocab_size=290943 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null head_dim=null "
                  "max_position_embeddings=2048 tie_word_embeddings=false num_experts=1 moe_topk=1"},
    ClassDefaults{"dbrx",
                  "vocab_size=32000 d_model=2048 n_layers=24 n_heads=16 max_seq_len=2048 "
                  "tie_word_embeddings=false"},
    ClassDefaults{"llama4_text",
                  "vocab_size=202048 hidden_size=5120 intermediate_size=8192 intermediate_size_mlp=16384 "
                  "num_hidden_layers=48 num_attention_heads=40 num_key_value_heads=8 head_dim=128 "
                  "max_position_embeddings=131072 tie_word_embeddings=false num_experts_per_tok=1 "
                  "num_local_experts=16 interleave_moe_layer_step=1 attention_chunk_size=8192 "
                  "layer_types=null no_rope_layer_interval=4"},
    ClassDefaults{"nemotron_h",
                  "vocab_size=131072 hidden_size=4096 intermediate_size=21504 num_attention_heads=32 "
                  "num_key_value_heads=8 head_dim=128 max_position_embeddings=4096 "
                  "tie_word_embeddings=false layers_block_type=null sliding_window=null ssm_state_size=128 "
                  "mamba_num_heads=128 mamba_head_dim=64 n_groups=8 conv_kernel=4 expand=2 chunk_size=128 "
                  "mamba_ssm_cache_dtype=float32 n_routed_experts=8 n_shared_experts=1 "
                  "moe_intermediate_size=7688 moe_shared_expert_intermediate_size=7688 moe_latent_size=null "
                  "num_experts_per_tok=2"},
    ClassDefaults{"granitemoehybrid",
                  "vocab_size=32000 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null max_position_embeddings=2048 "
                  "tie_word_embeddings=false num_local_experts=8 num_experts_per_tok=2 "
                  "shared_intermediate_size=1024 layer_types=null mamba_n_heads=128 mamba_n_groups=1 "
                  "mamba_d_state=256 mamba_d_head=auto mamba_d_conv=4 mamba_expand=2 mamba_chunk_size=256"},
    ClassDefaults{"bamba",
                  "vocab_size=128000 hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=8 max_position_embeddings=262144 "
                  "tie_word_embeddings=false attn_layer_indices=null mamba_n_heads=128 mamba_d_head=auto "
                  "mamba_n_groups=1 mamba_d_state=256 mamba_d_conv=4 mamba_expand=2 mamba_chunk_size=256"},
    ClassDefaults{"falcon_h1",
                  "vocab_size=128000 hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=8 max_position_embeddings=8192 "
                  "tie_word_embeddings=false mamba_d_ssm=1024 mamba_n_heads=128 mamba_d_head=auto "
                  "mamba_n_groups=1 mamba_d_state=256 mamba_d_conv=4 mamba_expand=2 mamba_chunk_size=256"},
    ClassDefaults{"jamba",
                  "vocab_size=65536 hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=8 max_position_embeddings=262144 "
                  "tie_word_embeddings=false num_experts_per_tok=2 num_experts=16 expert_layer_period=2 "
                  "expert_layer_offset=1 attn_layer_period=8 attn_layer_offset=4 mamba_d_state=16 "
                  "mamba_d_conv=4 mamba_expand=2 mamba_dt_rank=auto"},
    ClassDefaults{"mamba",
                  "vocab_size=50280 hidden_size=768 intermediate_size=null num_hidden_layers=32 "
                  "tie_word_embeddings=true state_size=16 expand=2 conv_kernel=4 time_step_rank=auto"},
    ClassDefaults{"falcon_mamba",
                  "vocab_size=50280 hidden_size=768 intermediate_size=null num_hidden_layers=32 "
                  "tie_word_embeddings=true state_size=16 expand=2 conv_kernel=4 time_step_rank=auto"},
    ClassDefaults{"mamba2",
                  "vocab_size=32768 hidden_size=4096 num_hidden_layers=64 head_dim=64 "
                  "tie_word_embeddings=false num_heads=128 state_size=128 expand=2 conv_kernel=4 n_groups=8 "
                  "time_step_rank=auto chunk_size=256"},
    ClassDefaults{"lfm2",
                  "vocab_size=65536 hidden_size=2560 intermediate_size=12288 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=8 max_position_embeddings=128000 "
                  "tie_word_embeddings=true conv_L_cache=3 block_multiple_of=256 block_ffn_dim_multiplier=1 "
                  "block_auto_adjust_ff_dim=true full_attn_idxs=null layer_types=null"},
    ClassDefaults{"deepseek_v32",
                  "vocab_size=129280 hidden_size=7168 intermediate_size=18432 num_hidden_layers=61 "
                  "num_attention_heads=128 num_key_value_heads=128 max_position_embeddings=4096 "
                  "tie_word_embeddings=false moe_intermediate_size=2048 n_shared_experts=1 "
                  "n_routed_experts=256 kv_lora_rank=512 q_lora_rank=1536 qk_rope_head_dim=64 "
                  "v_head_dim=128 qk_nope_head_dim=128 num_experts_per_tok=8 first_k_dense_replace=3"},
    ClassDefaults{"gemma4_text",
                  "vocab_size=262144 hidden_size=2304 intermediate_size=9216 num_hidden_layers=30 "
                  "num_attention_heads=8 num_key_value_heads=4 head_dim=256 max_position_embeddings=131072 "
                  "tie_word_embeddings=true sliding_window=512 layer_types=null "
                  "vocab_size_per_layer_input=262144 hidden_size_per_layer_input=256 "
                  "num_global_key_value_heads=null global_head_dim=512 attention_k_eq_v=false "
                  "num_kv_shared_layers=0 enable_moe_block=false use_double_wide_mlp=false num_experts=null "
                  "top_k_experts=null moe_intermediate_size=null"},
    ClassDefaults{"gemma3n_text",
                  "vocab_size=262400 hidden_size=2048 intermediate_size=16384 num_hidden_layers=35 "
                  "num_attention_heads=8 num_key_value_heads=2 head_dim=256 max_position_embeddings=32768 "
                  "tie_word_embeddings=true sliding_window=512 layer_types=null "
                  "vocab_size_per_layer_input=262144 hidden_size_per_layer_input=256 "
                  "altup_correct_scale=true altup_num_inputs=4 num_kv_shared_layers=15 laurel_rank=64 "
                  "activation_sparsity_pattern=null"},
    ClassDefaults{"glm_moe_dsa",
                  "vocab_size=154880 hidden_size=6144 intermediate_size=12288 num_hidden_layers=78 "
                  "num_attention_heads=64 num_key_value_heads=64 max_position_embeddings=202752 "
                  "tie_word_embeddings=false moe_intermediate_size=2048 n_shared_experts=1 "
                  "n_routed_experts=256 kv_lora_rank=512 q_lora_rank=2048 qk_rope_head_dim=64 "
                  "v_head_dim=256 qk_nope_head_dim=192 num_experts_per_tok=8 mlp_layer_types=null "
                  "index_topk=2048 index_head_dim=128 index_n_heads=32 indexer_types=null"},
    ClassDefaults{"llama4", "tie_word_embeddings=false"},
    ClassDefaults{"gemma3", "tie_word_embeddings=true"},
    ClassDefaults{"gemma4", "tie_word_embeddings=true"},
    ClassDefaults{"gemma3n", "tie_word_embeddings=true"},
    ClassDefaults{"mistral3", "tie_word_embeddings=true"},
    ClassDefaults{"llava", "tie_word_embeddings=false"},
    ClassDefaults{"qwen3_vl", "tie_word_embeddings=false"},
    ClassDefaults{"qwen3_vl_text",
                  "vocab_size=151936 hidden_size=4096 intermediate_size=22016 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=32 head_dim=128 "
                  "max_position_embeddings=128000"},
    ClassDefaults{"qwen3_vl_moe", "tie_word_embeddings=false"},
    ClassDefaults{"qwen3_vl_moe_text",
                  "vocab_size=151936 hidden_size=2048 intermediate_size=5632 num_hidden_layers=24 "
                  "num_attention_heads=16 num_key_value_heads=16 head_dim=null "
                  "max_position_embeddings=128000 decoder_sparse_step=1 moe_intermediate_size=1408 "
                  "num_experts_per_tok=4 num_experts=60 mlp_only_layers=null"},
    ClassDefaults{"qwen2_5_vl", "tie_word_embeddings=false"},
    ClassDefaults{"qwen2_5_vl_text",
                  "vocab_size=152064 hidden_size=8192 intermediate_size=29568 num_hidden_layers=80 "
                  "num_attention_heads=64 num_key_value_heads=8 max_position_embeddings=32768 "
                  "use_sliding_window=false sliding_window=4096 max_window_layers=80 layer_types=null"},
    ClassDefaults{"qwen2_vl", "tie_word_embeddings=false"},
    ClassDefaults{"qwen2_vl_text",
                  "vocab_size=152064 hidden_size=8192 intermediate_size=29568 num_hidden_layers=80 "
                  "num_attention_heads=64 num_key_value_heads=8 max_position_embeddings=32768 "
                  "use_sliding_window=false sliding_window=4096 max_window_layers=80 layer_types=null"},
    ClassDefaults{"glm4v", "tie_word_embeddings=false"},
    ClassDefaults{"glm4v_text",
                  "vocab_size=151552 hidden_size=4096 intermediate_size=13696 num_hidden_layers=40 "
                  "num_attention_heads=32 num_key_value_heads=2 max_position_embeddings=32768"},
    ClassDefaults{"glm4v_moe", "tie_word_embeddings=false"},
    ClassDefaults{"glm4v_moe_text",
                  "vocab_size=151424 hidden_size=4096 intermediate_size=10944 num_hidden_layers=46 "
                  "num_attention_heads=96 num_key_value_heads=8 max_position_embeddings=65536 "
                  "tie_word_embeddings=false moe_intermediate_size=1408 num_experts_per_tok=8 "
                  "n_shared_experts=1 n_routed_experts=128 first_k_dense_replace=1"},

    // Classes of vision towers.
    ClassDefaults{"llama4_vision_model",
                  "hidden_size=768 num_hidden_layers=34 intermediate_size=5632 projector_output_dim=4096"},
    ClassDefaults{"siglip_vision_model",
                  "hidden_size=768 intermediate_size=3072 num_hidden_layers=12 image_size=224 patch_size=16"},
    ClassDefaults{"pixtral", "hidden_size=1024 intermediate_size=4096 num_hidden_layers=24 patch_size=16"},
    ClassDefaults{"clip_vision_model",
                  "hidden_size=768 intermediate_size=3072 num_hidden_layers=12 image_size=224 patch_size=32"},
    ClassDefaults{"gemma4_vision",
                  "hidden_size=768 intermediate_size=3072 num_hidden_layers=16 num_attention_heads=12 "
                  "num_key_value_heads=12 head_dim=64 patch_size=16 position_embedding_size=10240"},
    // Classes of vLLM's own.
    ClassDefaults{"chatglm",
                  "padded_vocab_size=65024 hidden_size=4096 ffn_hidden_size=13696 num_layers=28 "
                  "num_attention_heads=32 kv_channels=128 seq_length=2048 multi_query_attention=false "
                  "multi_query_group_num=1 tie_word_embeddings=false"},
    ClassDefaults{"nemotron",
                  "vocab_size=256000 hidden_size=6144 intermediate_size=24576 num_hidden_layers=32 "
                  "num_attention_heads=48 num_key_value_heads=null head_dim=null "
                  "max_position_embeddings=4096 tie_word_embeddings=false"},
    ClassDefaults{"arctic",
                  "vocab_size=32000 hidden_size=4096 intermediate_size=14336 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null max_position_embeddings=4096 "
                  "tie_word_embeddings=false sliding_window=null num_experts_per_tok=1 num_local_experts=8 "
                  "moe_layer_frequency=2"},
    ClassDefaults{"qwen3_next",
                  "vocab_size=151936 hidden_size=2048 intermediate_size=5632 num_hidden_layers=48 "
                  "num_attention_heads=16 num_key_value_heads=2 head_dim=256 max_position_embeddings=32768 "
                  "tie_word_embeddings=false linear_conv_kernel_dim=4 linear_key_head_dim=128 "
                  "linear_value_head_dim=128 linear_num_key_heads=16 linear_num_value_heads=32 "
                  "decoder_sparse_step=1 moe_intermediate_size=512 shared_expert_intermediate_size=512 "
                  "num_experts_per_tok=10 num_experts=512 mlp_only_layers=null layer_types=null "
                  "full_attention_interval=4 attn_output_gate=true"},
    ClassDefaults{"qwen3_5", "tie_word_embeddings=false"},
    ClassDefaults{"qwen3_5_text",
                  "vocab_size=248320 hidden_size=4096 intermediate_size=12288 num_hidden_layers=32 "
                  "num_attention_heads=16 num_key_value_heads=4 head_dim=256 max_position_embeddings=32768 "
                  "tie_word_embeddings=false linear_conv_kernel_dim=4 linear_key_head_dim=128 "
                  "linear_value_head_dim=128 linear_num_key_heads=16 linear_num_value_heads=32 "
                  "layer_types=null full_attention_interval=4 attn_output_gate=true"},
    ClassDefaults{"qwen3_5_moe", "tie_word_embeddings=false"},
    ClassDefaults{"qwen3_5_moe_text",
                  "vocab_size=248320 hidden_size=2048 num_hidden_layers=40 num_attention_heads=16 "
                  "num_key_value_heads=2 head_dim=256 max_position_embeddings=32768 "
                  "tie_word_embeddings=false linear_conv_kernel_dim=4 linear_key_head_dim=128 "
                  "linear_value_head_dim=128 linear_num_key_heads=16 linear_num_value_heads=32 "
                  "moe_intermediate_size=512 shared_expert_intermediate_size=512 num_experts_per_tok=8 "
                  "num_experts=256 layer_types=null full_attention_interval=4 attn_output_gate=true"},
    ClassDefaults{"olmo_hybrid",
                  "vocab_size=100352 hidden_size=3840 intermediate_size=11008 num_hidden_layers=32 "
                  "num_attention_heads=30 num_key_value_heads=null max_position_embeddings=65536 "
                  "tie_word_embeddings=false layer_types=null linear_num_key_heads=null "
                  "linear_num_value_heads=null linear_key_head_dim=null linear_value_head_dim=null "
                  "linear_conv_kernel_dim=4"},
    ClassDefaults{"kimi_linear",
                  "vocab_size=163840 hidden_size=4096 intermediate_size=11008 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=null head_dim=null "
                  "max_position_embeddings=4096 tie_word_embeddings=false moe_intermediate_size=null "
                  "num_experts=null num_experts_per_token=null num_shared_experts=0 first_k_dense_replace=0 "
                  "moe_layer_freq=1 q_lora_rank=null kv_lora_rank=null qk_nope_head_dim=null "
                  "qk_rope_head_dim=null v_head_dim=null linear_attn_config=null"},
    ClassDefaults{"lfm2_moe",
                  "vocab_size=65536 hidden_size=2048 intermediate_size=7168 num_hidden_layers=32 "
                  "num_attention_heads=32 num_key_value_heads=8 max_position_embeddings=128000 "
                  "tie_word_embeddings=true moe_intermediate_size=1792 conv_L_cache=3 num_dense_layers=2 "
                  "num_experts_per_tok=4 num_experts=32 layer_types=null"},
    ClassDefaults{"deepseek_v4", "max_position_embeddings=1048576 tie_word_embeddings=false"},
    ClassDefaults{"step3p5",
                  "vocab_size=65536 hidden_size=5120 intermediate_size=13312 num_hidden_layers=48 "
                  "num_attention_heads=40 head_dim=null "
                  "num_attention_groups=8 moe_intermediate_size=10240 moe_num_experts=16 moe_top_k=4 "
                  "share_expert_dim=null use_head_wise_attn_gate=false layer_types=null "
                  "attention_other_setting=null tie_word_embeddings=false",
                  true},
    // Classes beside the checkpoints, as far as they are known: those like Llama's tie nothing, MiniCPM's
    // all.
    ClassDefaults{"exaone", "tie_word_embeddings=false", true},
    ClassDefaults{"internlm2", "tie_word_embeddings=false", true},
    ClassDefaults{"internlm3", "tie_word_embeddings=false", true},
    ClassDefaults{"orion", "tie_word_embeddings=false", true},
    ClassDefaults{"solar", "tie_word_embeddings=false", true},
    ClassDefaults{"teleflm", "tie_word_embeddings=false", true},
    ClassDefaults{"baichuan", "tie_word_embeddings=false", true},
    ClassDefaults{"mimo", "tie_word_embeddings=false", true},
    ClassDefaults{"deepseek", "tie_word_embeddings=false", true},
    ClassDefaults{"bailing_moe", "tie_word_embeddings=false", true},
    ClassDefaults{"bailing_moe_v2", "tie_word_embeddings=false", true},
    ClassDefaults{"grok-1", "tie_word_embeddings=false", true},
    ClassDefaults{"minimax_text_01", "tie_word_embeddings=false", true},
    ClassDefaults{"minimax_m1", "tie_word_embeddings=false", true},
    ClassDefaults{"nemotron-nas", "tie_word_embeddings=false", true},
    ClassDefaults{"minicpm", "tie_word_embeddings=true", true},
    ClassDefaults{"minicpm3", "tie_word_embeddings=true", true},
    ClassDefaults{"mimo_v2_flash",
                  "tie_word_embeddings=false v_head_dim=null swa_v_head_dim=null n_shared_experts=0", true},
};

const ClassDefaults* find_class(std::string_view model_type) {
  const auto found = std::ranges::find(kClassDefaults, model_type, &ClassDefaults::model_type);
  return found == kClassDefaults.end() ? nullptr : &*found;
}

}  // namespace

std::span<const ClassDefaults> class_defaults() {
  return kClassDefaults;
}

std::string_view defaults_of(std::string_view model_type) {
  const ClassDefaults* const found = find_class(model_type);
  return found ? found->values : std::string_view{};
}

bool is_known_class(std::string_view model_type) {
  const ClassDefaults* const found = find_class(model_type);
  return found && !found->partly;
}

}  // namespace blis
