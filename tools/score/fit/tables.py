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


def read_gpus(catalog):
    entries = json.loads(pathlib.Path(catalog).read_text())
    gpus = {}
    for name in TABLES:
        e = entries[name]
        nvlink = "NvlinkGBs" in e
        gpus[name] = Gpu(
            name=name,
            flops=e["TFlopsPeak"] * 1e12,
            flops_fp8=e.get("TFlopsFP8", 0) * 1e12,
            bandwidth=e["BwPeakTBs"] * 1e12,
            sms=e["NumSMs"],
            l2_bytes=e["L2MiB"] * 2**20,
            link=(e["NvlinkGBs"] if nvlink else e["PcieGBs"]) * 1e9,
            nvlink=nvlink,
            attention=attention_kernel(e["ComputeCapability"]),
        )
    return gpus


class Table:
    """Columns of one CSV as numpy arrays; `keep` restricts the rows."""

    def __init__(self, columns):
        self.columns = columns

    @staticmethod
    def read(path):
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
        columns = {}
        for key in rows[0]:
            values = [row[key] for row in rows]
            try:
                columns[key] = np.array([float(v) for v in values])
            except ValueError:
                columns[key] = np.array(values)
        return Table(columns)

    def __getitem__(self, key):
        return self.columns[key]

    def __len__(self):
        return len(next(iter(self.columns.values())))

    def keep(self, mask):
        return Table({k: v[mask] for k, v in self.columns.items()})


def read(folder, gpu, op):
    return Table.read(pathlib.Path(folder) / f"{TABLES[gpu.name]}_{op}.csv")


def gemm_rows(folder, gpu, dtype):
    """Layer-sized matrices. Where a weight matrix was read faster than memory can deliver, the benchmark found it in
    the L2 cache, as serving would not; such sizes are left out."""
    t = read(folder, gpu, "gemm")
    t = t.keep((t["dtype"] == dtype) & (t["n"] >= 1024) & (t["k"] >= 512) & (t["m"] <= 16384))
    size = t["n"] * t["k"] * (1 if dtype == "fp8" else 2)
    cached = size / t["us"] * 1e6 > gpu.bandwidth
    return t.keep(size > size[cached].max()) if cached.any() else t


def decode_rows(folder, gpu):
    """Rows whose KV fits in a warm L2 or partly so, and contexts below a block, are left out."""
    t = read(folder, gpu, "decode_attention")
    kv = t["batch_size"] * t["ctx"] * t["num_key_value_heads"] * t["head_dim"] * 4
    return t.keep(~((kv > gpu.l2_bytes / 8) & (kv < 2 * gpu.l2_bytes)) & (t["ctx"] >= 16))


def prefill_rows(folder, gpu):
    """Up to 32768 tokens, no decode steps in disguise."""
    t = read(folder, gpu, "prefill_attention")
    return t.keep((t["isl"] >= 16) & (t["batch_size"] * t["isl"] <= 32768))


def all_reduce_rows(folder, gpu):
    t = read(folder, gpu, "allreduce")
    return t.keep((t["backend"] == "vllm_graph") & (t["bytes"] <= 2**28))


def moe_rows(folder, gpu, dtype):
    t = read(folder, gpu, "moe")
    return t.keep((t["moe_dtype"] == dtype) & (t["num_tokens"] <= 16384))
