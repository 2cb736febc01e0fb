"""Fits one GPU's constants to its kernel tables: logarithms of times with a soft loss, one kernel after the other."""
import sys

import numpy as np
from scipy.optimize import least_squares

import kernels
import tables

# Group -> (constant, first guess, lower bound, upper bound). Efficiencies stay at or below 1.
SPACE = {
    "gemm": [("t0_us", 3, 1, 20), ("chain_us", 0.2, 0, 3), ("memory_eff", 0.8, 0.3, 1), ("compute_eff", 0.8, 0.3, 1),
             ("p", 2.5, 1, 8), ("tail", 0.1, 0, 0.6), ("sag", 0.03, 0, 0.2)],
    "gemm_fp8": [("quantize_us", 3, 0, 20), ("cast_us", 3, 0, 20), ("compute_share", 0.75, 0.3, 1.2), ("tail", 0.2, 0, 1)],
    "decode": [("t0_us", 10, 1, 30), ("chain_us", 0.5, 0, 5), ("memory_eff", 0.9, 0.4, 1), ("tile_us", 3, 0, 20)],
    "prefill": [("t0_us", 10, 1, 30), ("compute_eff", 0.6, 0.2, 1), ("tile_us", 2, 0, 20), ("longest", 0.8, 0, 4),
                ("traffic", 1, 0, 4)],
    "all_reduce": [("t0_us", 5, 1, 30), ("one_shot_eff", 0.5, 0.02, 1), ("two_shot_t0_us", 10, 1, 60),
                   ("two_shot_eff", 0.6, 0.02, 1), ("hop_us", 0.1, 0, 10), ("contention", 0, 0, 5)],
    "moe": [("t0_us", 30, 1, 80), ("memory_eff", 0.9, 0.3, 1), ("compute_eff", 0.6, 0.2, 1), ("p", 1.5, 1, 6),
            ("pad_rows", 5, 0, 128), ("permute_us", 20, 0, 80)],
    "moe_fp8": [("extra_us", 5, 0, 60), ("compute_share", 0.6, 0.1, 1.2),
                ("memory_share", 0.9, 0.1, 1)],
}
# Hopper's 8-bit grouped products were measured with a kernel four times slower than the 16-bit one, which serving does
# not show: their efficiencies would be below these. The general constants are used instead.
LEAST_BELIEVABLE = {"moe_fp8": ("memory_share", 0.5)}


def predictors(folder, gpu):
    """Group -> (rows, prediction from that group's constants and the ones fitted before), of the tables that there are."""
    g = tables.gemm_rows(folder, gpu, "bfloat16")
    d = tables.decode_rows(folder, gpu)
    p = tables.prefill_rows(folder, gpu)
    a = tables.all_reduce_rows(folder, gpu)
    e = tables.moe_rows(folder, gpu, "bfloat16")
    out = {
        "gemm": (g, lambda c, _: kernels.gemm(c, g["m"], g["n"], g["k"], gpu)),
        "decode": (d, lambda c, _: kernels.decode_attention(c, d["batch_size"], d["ctx"], d["num_key_value_heads"],
                                                            d["head_dim"], gpu)),
        "prefill": (p, lambda c, _: kernels.prefill_attention(c, p["batch_size"], p["isl"], p["num_heads"],
                                                              p["num_key_value_heads"], p["head_dim"], gpu)),
        "all_reduce": (a, lambda c, _: kernels.all_reduce(c, a["bytes"], a["num_gpus"], gpu)),
        "moe": (e, lambda c, _: kernels.moe(c, e["num_tokens"], e["hidden_size"], e["inter_size"] / e["moe_tp_size"],
                                            e["topk"], e["num_experts"], e["distribution"] == "balanced", gpu)),
    }
    if gpu.flops_fp8:
        g8 = tables.gemm_rows(folder, gpu, "fp8")
        e8 = tables.moe_rows(folder, gpu, "fp8")
        out["gemm_fp8"] = (g8, lambda c, done: kernels.gemm_fp8(c, g8["m"], g8["n"], g8["k"], gpu, done["gemm"]))
        out["moe_fp8"] = (e8, lambda c, done: c["extra_us"] + kernels.moe(
            done["moe"], e8["num_tokens"], e8["hidden_size"], e8["inter_size"] / e8["moe_tp_size"], e8["topk"],
            e8["num_experts"], e8["distribution"] == "balanced", gpu, gpu.flops_fp8, 1.0, c["compute_share"],
            c["memory_share"]))
    return {group: found for group, found in out.items() if found[0] is not None}


def solve(group, rows, predict, done):
    names = [name for name, *_ in SPACE[group]]
    first, low, high = (np.array([row[i] for row in SPACE[group]], float) for i in (1, 2, 3))
    measured = np.log(rows["us"])

    def residuals(x):
        return np.log(predict(dict(zip(names, x)), done)) - measured

    fit = least_squares(residuals, first, bounds=(low, high), x_scale=np.maximum(np.abs(first), 0.1), loss="soft_l1",
                        f_scale=0.1)
    return dict(zip(names, (round(float(v), 4) for v in fit.x)))


def errors(predicted, measured):
    ratio = predicted / measured - 1
    return np.median(np.abs(ratio)) * 100, np.percentile(np.abs(ratio), 90) * 100, np.median(ratio) * 100


def report(group, name, fit, left_out, rows):
    text = "  ".join(f"{k} {v:g}" for k, v in fit.items())
    print(f"{group:10s} {name:13s} {len(rows):5d} rows", end="")
    for label, error in left_out:
        print(f"  {label} {error[0]:5.1f}/{error[1]:5.1f} {error[2]:+5.1f}" if error else f"  {label}     -", end="")
    print(f"  {text}")


def fit_all(rows, name):
    """Group -> constants, of the GPU of that name. 8-bit groups build on the 16-bit ones before them."""
    constants = {}
    for group in SPACE:
        if group not in rows:
            continue
        table, predict = rows[group]
        fitted = solve(group, table, predict, constants)
        key, least = LEAST_BELIEVABLE.get(group, (None, 0))
        if key and fitted[key] < least:
            print(f"{group} of {name}: not used, {fitted}", file=sys.stderr)
        else:
            constants[group] = fitted
    return constants
