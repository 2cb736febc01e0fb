"""Kernel tables: CSV files named <gpu>_<op>.csv, and which of their rows represent serving."""
import csv
import json
import pathlib

import numpy as np

from kernels import Gpu

# Entry of hardware_config.json -> prefix of its tables.
TABLES = {
    "H100-SXM": "h100_sxm",
    "H200-SXM": "h200_sxm",
    "A100-SXM": "a100_sxm",
    "L40S": "l40s",
    "B200": "b200_sxm",
    "RTX-PRO-6000": "rtx_pro_6000_server",
}


def attention_kernel(compute_capability):
    """As roofline/machine.cpp chooses."""
    if 9 <= compute_capability < 10:
        return "flash3"
    return "separate" if 10 <= compute_capability < 12 else "flash2"


class TableError(Exception):
    """What is wrong with a table or an entry, with its place."""


def gpu_of(name, e, prefix):
    """The figures of one entry, as hardware_config.json has them; NaN where it does not say."""
    nvlink = "NvlinkGBs" in e

    def figure(key, scale=1.0):
        return e.get(key, float("nan")) * scale

    return Gpu(
        name=name,
        flops=figure("TFlopsPeak", 1e12),
        flops_fp8=e.get("TFlopsFP8", 0) * 1e12,
        bandwidth=figure("BwPeakTBs", 1e12),
        sms=figure("NumSMs"),
        l2_bytes=figure("L2MiB", 2**20),
        link=figure("NvlinkGBs" if nvlink else "PcieGBs", 1e9),
        nvlink=nvlink,
        attention=attention_kernel(e.get("ComputeCapability", 0)),
        tables=prefix,
    )


def read_gpus(catalog):
    entries = json.loads(pathlib.Path(catalog).read_text())
    return {name: gpu_of(name, entries[name], prefix) for name, prefix in TABLES.items()}


# Columns that are words; all others are positive numbers.
WORDS = {"dtype", "moe_dtype", "distribution", "backend"}


class Table:
    """Columns of one CSV as numpy arrays; `keep` restricts the rows."""

    def __init__(self, columns):
        self.columns = columns

    @staticmethod
    def read(path):
        """Throws TableError with file and line."""
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
        if not rows:
            raise TableError(f"{path}: no rows")
        return Table({key: np.array([cell(path, line, key, row) for line, row in enumerate(rows, 2)]) for key in rows[0]})

    def __getitem__(self, key):
        return self.columns[key]

    def __len__(self):
        return len(next(iter(self.columns.values())))

    def keep(self, mask):
        return Table({k: v[mask] for k, v in self.columns.items()})


def cell(path, line, key, row):
    text = row[key]
    if key is None or text is None:
        raise TableError(f"{path}:{line}: another number of columns than the first line has")
    if key in WORDS:
        return text
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value < float("inf"):
        raise TableError(f"{path}:{line}: `{key}`: a number is expected, got `{text}`")
    return value


def read(folder, gpu, op, columns):
    """The table of that kernel with at least these columns; None if the folder has none."""
    path = pathlib.Path(folder) / f"{gpu.tables}_{op}.csv"
    if not path.exists():
        return None
    table = Table.read(path)
    for column in (*columns, "us"):
        if column not in table.columns:
            raise TableError(f"{path}:1: no column `{column}`; there are {', '.join(map(str, table.columns))}")
    return table.keep(table["us"] > 0)


# Columns in which a longer row takes longer.
GROWING = {"m", "batch_size", "ctx", "isl", "num_tokens", "bytes"}


def dips(table, columns):
    """The rows that took less than half as long as a smaller one that is alike in all but one growing column: a timer
    that was disturbed, or a kernel that is better than the one for smaller sizes."""
    found = np.zeros(len(table), bool)
    for grown in GROWING.intersection(columns):
        alike = [table[c] for c in columns if c != grown]
        longest, before = 0.0, None
        for i in np.lexsort((table[grown], *alike)):
            group = tuple(column[i] for column in alike)
            longest = longest if group == before else 0.0
            found[i] |= table["us"][i] < longest / 2
            longest, before = max(longest, table["us"][i]), group
    return np.flatnonzero(found)


def gemm_rows(folder, gpu, dtype):
    """Layer-sized matrices. Where a weight matrix was read faster than memory can deliver, the benchmark found it in
    the L2 cache, as serving would not; such sizes are left out."""
    t = read(folder, gpu, "gemm", ["dtype", "m", "n", "k"])
    if t is None:
        return None
    t = t.keep((t["dtype"] == dtype) & (t["n"] >= 1024) & (t["k"] >= 512) & (t["m"] <= 16384))
    size = t["n"] * t["k"] * (1 if dtype == "fp8" else 2)
    cached = size / t["us"] * 1e6 > gpu.bandwidth
    return t.keep(size > size[cached].max()) if cached.any() else t


def decode_rows(folder, gpu):
    """Rows whose KV fits in a warm L2 or partly so, and contexts below a block, are left out."""
    t = read(folder, gpu, "decode_attention", ["batch_size", "ctx", "num_heads", "num_key_value_heads", "head_dim"])
    if t is None:
        return None
    kv = t["batch_size"] * t["ctx"] * t["num_key_value_heads"] * t["head_dim"] * 4
    return t.keep(~((kv > gpu.l2_bytes / 8) & (kv < 2 * gpu.l2_bytes)) & (t["ctx"] >= 16))


def prefill_rows(folder, gpu):
    """Up to 32768 tokens, no decode steps in disguise."""
    t = read(folder, gpu, "prefill_attention", ["batch_size", "isl", "num_heads", "num_key_value_heads", "head_dim"])
    return None if t is None else t.keep((t["isl"] >= 16) & (t["batch_size"] * t["isl"] <= 32768))


def all_reduce_rows(folder, gpu):
    """Of vLLM's own kernel; between cards without NVLink NCCL's are good where there are none, as vLLM takes those."""
    t = read(folder, gpu, "allreduce", ["backend", "num_gpus", "bytes"])
    if t is None:
        return None
    own = t["backend"] == "vllm_graph"
    wanted = own if own.any() or gpu.nvlink else t["backend"] == "nccl"
    return t.keep(wanted & (t["bytes"] <= 2**28))


def moe_rows(folder, gpu, dtype):
    t = read(folder, gpu, "moe", ["moe_dtype", "num_tokens", "hidden_size", "inter_size", "topk", "num_experts", "moe_tp_size",
                                  "distribution"])
    return None if t is None else t.keep((t["moe_dtype"] == dtype) & (t["num_tokens"] <= 16384))
