"""The calibrated model's kernel formulas, as roofline/*_time.cpp has them. Times in microseconds, over numpy arrays.

Each function takes a dict of constants, the shape and a Gpu. docs/latency.md explains the terms.
"""
from dataclasses import dataclass

import numpy as np

MICROS = 1e6
TILE = 128


@dataclass(frozen=True)
class Gpu:
    """Data-sheet figures in SI units, from hardware_config.json."""

    name: str
    flops: float
    flops_fp8: float
    bandwidth: float
    sms: int
    l2_bytes: float
    link: float  # bytes/s, per direction
    nvlink: bool
    attention: str  # flash2, flash3 or separate: see roofline/kernel_constants.h
    tables: str  # what the names of its tables begin with


def norm(p, a, b):
    """(a^p + b^p)^(1/p), without overflow for large p."""
    high, low = np.maximum(a, b), np.minimum(a, b)
    return high * (1 + (low / high) ** p) ** (1 / p)


def gemm(c, m, n, k, gpu, flops=None, weight_bytes=2.0, input_bytes=2.0):
    flops = gpu.flops if flops is None else flops
    tiles = np.ceil(m / TILE) * np.ceil(n / TILE)
    whole_waves = np.ceil(tiles / gpu.sms) * gpu.sms * TILE * TILE
    outputs = (1 - c["tail"]) * m * n + c["tail"] * np.minimum(3 * m * n, whole_waves)
    sag = 1 + c["sag"] * np.maximum(0, np.log2(m / 2048))
    compute = 2 * k * outputs * sag / (flops * c["compute_eff"])
    memory = (weight_bytes * n * k + input_bytes * m * k + 2 * m * n) / (gpu.bandwidth * c["memory_eff"])
    return c["t0_us"] + c["chain_us"] * k / 1024 + norm(c["p"], compute, memory) * MICROS


def gemm_fp8(c, m, n, k, gpu, shared):
    """`shared` are the 16-bit GEMM's constants; `c` what differs in 8 bits."""
    own = dict(shared, compute_eff=np.minimum(1, shared["compute_eff"] * c["compute_share"]), tail=c["tail"])
    quantize = c["quantize_us"] + c["cast_us"] * m * k / 1e6
    return quantize + gemm(own, m, n, k, gpu, gpu.flops_fp8, 1.0, 1.0)


def decode_attention(c, sequences, context, kv_heads, head_dim, gpu):
    read = 4 * sequences * context * kv_heads * head_dim / (gpu.bandwidth * c["memory_eff"]) * MICROS
    per_tile = c["tile_us"] * sequences * kv_heads / gpu.sms
    chain = c["chain_us"] * np.log2(np.maximum(64, context) / 64)
    return c["t0_us"] + chain + np.hypot(read, per_tile)


def prefill_attention(c, sequences, new, heads, kv_heads, head_dim, gpu, context=0):
    group = heads / kv_heads if gpu.attention == "flash3" else 1
    tiles = sequences * heads / group * np.ceil(new * group / TILE)
    rows = np.minimum(new, TILE / group)
    work = sequences * 4 * heads * head_dim * new * (context + (new + rows) / 2)
    compute = work / (gpu.flops * c["compute_eff"]) * MICROS
    longest = 4 * TILE * head_dim * (context + new) * gpu.sms / (gpu.flops * c["compute_eff"]) * MICROS
    moved = sequences * new * (2 * heads + 2 * kv_heads) * head_dim * 2 / gpu.bandwidth * MICROS
    return (c["t0_us"] + np.hypot(compute + c["tile_us"] * tiles / gpu.sms, c["longest"] * longest)
            + c["traffic"] * moved)


def mixed_attention(constants, share, new, context, decodes, decode_context, heads, kv_heads, head_dim, gpu):
    """FlashAttention 2: one prefill chunk and decoding rows in one launch."""
    c, d = constants["prefill"], constants["decode"]
    rate = gpu.flops * c["compute_eff"]
    alone = decode_attention(d, decodes, decode_context, kv_heads, head_dim, gpu) - d["t0_us"]
    chain = d["chain_us"] * np.log2(np.maximum(64, decode_context) / 64)
    padded = share * 4 * heads * head_dim * TILE * decodes * decode_context / rate * MICROS
    pooled = np.maximum(np.hypot(padded, alone - chain), alone)
    tiles = heads * (np.ceil(new / TILE) + decodes)
    keys = context + (new + np.minimum(new, TILE)) / 2
    work = 4 * heads * head_dim * new * keys / rate * MICROS + c["tile_us"] * tiles / gpu.sms
    most = np.maximum(context + new, decode_context)
    longest = c["longest"] * 4 * TILE * head_dim * most * gpu.sms / rate * MICROS
    moved = new * (2 * heads + 2 * kv_heads) * head_dim * 2 / gpu.bandwidth * MICROS
    return max(c["t0_us"], d["t0_us"]) + np.hypot(work + pooled, longest) + c["traffic"] * moved


def all_reduce(c, size, gpus, gpu):
    crowd = 1 + c["contention"] * (gpus - 2)
    hops = c["hop_us"] * (gpus - 1)
    one_shot = c["t0_us"] + hops + (gpus - 1) * size * crowd / (gpu.link * c["one_shot_eff"]) * MICROS
    two_shot = (c["two_shot_t0_us"] + hops
                + 2 * (gpus - 1) / gpus * size * crowd / (gpu.link * c["two_shot_eff"]) * MICROS)
    return np.minimum(one_shot, two_shot)


def touched_experts(tokens, experts, per_token, balanced):
    """Distinct experts that a batch reaches: expected, or evenly dealt."""
    random = experts * (1 - (1 - per_token / experts) ** tokens)
    return np.where(balanced, np.minimum(experts, per_token * tokens), random)


def moe(c, tokens, hidden, ffn, per_token, experts, balanced, gpu, flops=None, weight_bytes=2.0, compute_share=1.0,
        memory_share=1.0):
    flops = gpu.flops if flops is None else flops
    touched = touched_experts(tokens, experts, per_token, balanced)
    rows = tokens * per_token
    moved = touched * 3 * hidden * ffn * weight_bytes + rows * (2 * hidden + 3 * ffn) * 2 + 4 * tokens * hidden
    memory = moved / (gpu.bandwidth * c["memory_eff"] * memory_share)
    compute = 6 * (rows + touched * c["pad_rows"]) * hidden * ffn / (flops * c["compute_eff"] * compute_share)
    permute = c["permute_us"] * tokens / 1024 * hidden / 4096
    return c["t0_us"] + norm(c["p"], compute, memory) * MICROS + permute
