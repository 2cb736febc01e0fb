#!/usr/bin/env python3
"""Fits the calibrated model's constants to kernel tables, and says how well they predict.

  tools/score/fit/fit.py TABLES_DIR [--catalog hardware_config.json] [--write] [--leave-out FOLDER]
  tools/score/fit/fit.py TABLES_DIR --gpu FILE.json

With `--gpu` it fits one card, whose tables tools/measure/measure wrote, and puts the constants into its entry, which
`blis run --gpu FILE.json` takes.

Without, for every GPU and kernel it prints the error of the fit, of constants that are the median of the *other* GPUs (leave
one GPU out; of a GPU's sibling too), as median / 90th percentile of the absolute error and signed median, in percent.
`--write` puts the constants into the catalog's `calibrated` objects. `--leave-out` writes a data folder a GPU, FOLDER/GPU,
in which that GPU has the constants of the others: `blis accuracy --leave-one-out gpus` reads them. Needs python3-numpy and python3-scipy.
"""
import argparse
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True

import numpy as np
from scipy.optimize import least_squares

import kernels
import own_gpu
import tables
from fitting import SPACE, errors, fit_all, predictors, report

# Cards without tables -> the one whose constants they take.
BORROWED = {"H100-PCIe": "H100-SXM", "H100-NVL": "H100-SXM", "A100-PCIe": "A100-SXM", "A100-SXM-40GB": "A100-SXM",
            "A100-PCIe-40GB": "A100-SXM", "L4": "L40S", "H800-SXM": "H100-SXM", "A800-SXM": "A100-SXM", "H20": "H100-SXM",
            "H20-141GB": "H100-SXM", "RTX-6000-Ada": "L40S", "L20": "L40S", "GB200": "B200", "B300": "B200",
            "GB300": "B200"}
NVLINK_BORROWERS = {"H100-NVL", "A100-SXM-40GB", "H800-SXM", "A800-SXM", "H20", "H20-141GB", "GB200", "B300", "GB300"}
# Cards without NVLink that have runs of serving but no table: latency and rate as these ask for, and the same
# 19 GB/s on the older bus.
PCIE_RUNS = {name: {"t0_us": 35.0, "one_shot_eff": eff, "two_shot_t0_us": 60.0, "two_shot_eff": eff, "hop_us": 0.0,
                    "contention": 0.0} for name, eff in [("H100-PCIe", 0.3), ("A100-PCIe", 0.6), ("A100-PCIe-40GB", 0.6)]}
SIBLINGS = {"H100-SXM": "H200-SXM", "H200-SXM": "H100-SXM"}


def fit_mixed_rows(folder, gpu, constants):
    """Share of a padded tile that a decoding row costs in a mixed batch of FlashAttention 2, from a profile of one."""
    path = pathlib.Path(folder) / "RTXPRO6000_Llama-3.1-8B_tp1_attention.csv"
    if not path.exists():
        return None
    t = tables.Table.read(path)
    t = t.keep((t["prefill_chunk"] > 0) & (t["n_decode"] > 0))

    def predict(share):
        return kernels.mixed_attention(constants, share, t["prefill_chunk"], t["kv_prefill"], t["n_decode"],
                                       t["kv_decode"], 32, 8, 128, gpu)

    fit = least_squares(lambda x: np.log(predict(x[0])) - np.log(t["time_us"]), [0.6], bounds=([0], [2]),
                        loss="soft_l1", f_scale=0.1)
    return round(float(fit.x[0]), 4), errors(predict(fit.x[0]), t["time_us"])


def alike(group, key, a, b):
    """Whether one GPU's constant speaks for another's: the same generation of kernels, the same kind of link."""
    if group == "prefill":
        return a.attention == b.attention
    if group == "all_reduce":
        return a.nvlink == b.nvlink
    if group == "gemm" or (group, key) == ("decode", "memory_eff"):
        # With the asynchronous copies of Hopper and data-centre Blackwell, or without.
        return (a.attention == "flash2") == (b.attention == "flash2")
    return True


def general(constants, gpus, group, target, left_out=()):
    """Medians over the GPUs alike to the target, or over all if none is left; None if nobody has the group."""
    have = [name for name in constants if name not in left_out and group in constants[name]]
    if not have:
        return None
    out = {}
    for key in constants[have[0]][group]:
        close = [name for name in have if alike(group, key, gpus[name], target)]
        out[key] = round(float(np.median([constants[name][group][key] for name in close or have])), 4)
    return out


def with_borrowed(constants, gpus):
    """Adds the GPUs that have no tables but share a chip with one that has; links are their own."""
    out = dict(constants)
    for name, origin in BORROWED.items():
        out[name] = {g: c for g, c in constants[origin].items() if g != "all_reduce"}
        same_link = name in NVLINK_BORROWERS
        out[name]["all_reduce"] = (constants[origin]["all_reduce"] if same_link else
                                   PCIE_RUNS.get(name) or general(constants, gpus, "all_reduce", gpus["L40S"]))
    return out


def write_catalog(path, constants, source):
    """Replaces the `calibrated` objects, leaving the rest of the text as it is."""
    text = pathlib.Path(path).read_text()
    for name, groups in constants.items():
        origin = BORROWED.get(name)
        note = f"constants of {origin}, the same chip or its family; not measured on this card: " if origin else ""
        runs = "; all_reduce: serving runs of two models on two H100 PCIe" if name in PCIE_RUNS else ""
        body = ",\n".join([f'      "source": {json.dumps(note + source + runs)}'] +
                          [f'      "{g}": {json.dumps(groups[g])}' for g in SPACE if g in groups])
        block = f'    "calibrated": {{\n{body}\n    }}'
        entry = re.search(rf'^  "{re.escape(name)}": {{\n(.*?)\n  }}', text, re.S | re.M)
        old = re.search(r'^    "calibrated": {\n.*?\n    }', entry.group(1), re.S | re.M)
        inner = entry.group(1)
        inner = inner.replace(old.group(0), block) if old else inner + ",\n" + block
        text = text[:entry.start(1)] + inner + text[entry.end(1):]
    json.loads(text)
    pathlib.Path(path).write_text(text)


def write_left_out(folder, catalog, constants, gpus):
    """A data folder a GPU, whose catalog knows nothing of that GPU's own tables, nor of its sibling's."""
    catalog = pathlib.Path(catalog).resolve()
    for name, gpu in gpus.items():
        others = {g: general(constants, gpus, g, gpu, {name, SIBLINGS.get(name)}) for g in SPACE}
        place = pathlib.Path(folder) / name
        place.mkdir(parents=True, exist_ok=True)
        (place / catalog.name).write_text(catalog.read_text())
        write_catalog(place / catalog.name, {name: {g: c for g, c in others.items() if c}},
                      f"medians of the other GPUs' constants; {name} and its sibling are left out")
        models = place / "model_configs"
        if not models.exists():
            models.symlink_to(catalog.parent / "model_configs")


def fit_catalog(args):
    gpus = tables.read_gpus(args.catalog)
    rows = {name: predictors(args.tables, gpu) for name, gpu in gpus.items()}
    constants = {name: fit_all(rows[name], name) for name in gpus}

    print("kernel     GPU            rows   error of: the fit | the other GPUs' median | without the sibling too")
    for group in SPACE:
        for name, gpu in gpus.items():
            if group not in constants[name]:
                continue
            table, predict = rows[name][group]

            def error(left_out):
                others = {g: general(constants, gpus, g, gpu, left_out) for g in SPACE}
                return errors(predict(others[group], others), table["us"]) if others[group] else None

            shown = [("fit", errors(predict(constants[name][group], constants[name]), table["us"])),
                     ("others", error({name})), ("no sibling", error({name, SIBLINGS.get(name)}))]
            report(group, name, constants[name][group], shown, table)
    print("\nGeneral constants, for roofline/kernel_constants.*:")
    for group in SPACE:
        shown = set()
        for name, gpu in gpus.items():
            copies = "synchronous" if gpu.attention == "flash2" else "asynchronous"
            label = {"prefill": gpu.attention, "all_reduce": "nvlink" if gpu.nvlink else "pcie", "gemm": copies,
                     "decode": copies}.get(group, "all")
            if label not in shown:
                shown.add(label)
                print(f"{group} ({label}) {general(constants, gpus, group, gpu)}")
    mixed = fit_mixed_rows(args.tables, gpus["RTX-PRO-6000"], constants["RTX-PRO-6000"])
    if mixed:
        print("prefill mixed_rows {:g}  error {:.1f}/{:.1f} {:+.1f}".format(mixed[0], *mixed[1]))
    if args.leave_out:
        write_left_out(args.leave_out, args.catalog, constants, gpus)
    if args.write:
        write_catalog(args.catalog, with_borrowed(constants, gpus), "tools/fit on kernel tables of ai-dynamo/aiconfigurator (Apache-2.0), "
                      "measured with vLLM 0.24 (A100: 0.14)")
        print(f"wrote {args.catalog}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables")
    parser.add_argument("--gpu", metavar="FILE.json")
    parser.add_argument("--catalog", default=str(pathlib.Path(__file__).resolve().parents[3] / "hardware_config.json"))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--leave-out", metavar="FOLDER")
    args = parser.parse_args()
    if not pathlib.Path(args.tables).is_dir():
        parser.error(f"no folder of tables: {args.tables}")
    try:
        own_gpu.fit(args.tables, args.gpu) if args.gpu else fit_catalog(args)
    except (OSError, tables.TableError, own_gpu.EntryError) as problem:
        sys.exit(f"fit: {problem}")


if __name__ == "__main__":
    main()
