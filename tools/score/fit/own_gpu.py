"""The constants of a card of one's own: fitted to its tables, written into its entry."""
import json
import math
import pathlib
import sys

import tables
from fitting import SPACE, errors, fit_all, predictors, report

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "measure"))
from entry import Entry, EntryError  # noqa: E402, F401

ROWS_A_CONSTANT = 3  # fewer say nothing
# What a group's formula needs of the data sheet: the figure of Gpu, and the key of the entry.
NEEDS = {
    "gemm": [("flops", "TFlopsPeak"), ("bandwidth", "BwPeakTBs"), ("sms", "NumSMs")],
    "gemm_fp8": [],
    "decode": [("bandwidth", "BwPeakTBs"), ("sms", "NumSMs"), ("l2_bytes", "L2MiB")],
    "prefill": [("flops", "TFlopsPeak"), ("bandwidth", "BwPeakTBs"), ("sms", "NumSMs")],
    "all_reduce": [("link", "PcieGBs` or `NvlinkGBs")],
    "moe": [("flops", "TFlopsPeak"), ("bandwidth", "BwPeakTBs")],
    "moe_fp8": [],
}


def measured_with(folder, name):
    """What tools/measure wrote of the machine; empty for tables from elsewhere."""
    path = pathlib.Path(folder) / f"{name}_machine.json"
    return json.loads(path.read_text()) if path.exists() else {}


def why_not(group, table, gpu, machine):
    """Why a table cannot speak for the group; empty if it does."""
    if group in ("decode", "prefill") and "torch" in machine and gpu.attention != "flash2":
        return "PyTorch's attention kernel is not what vLLM takes on this card"
    for figure, key in NEEDS[group]:
        if not math.isfinite(getattr(gpu, figure)):
            return f"the entry does not say `{key}`"
    if group == "all_reduce" and not len(table):
        return "vLLM's own kernel is what counts over NVLink, and NCCL's without it: there are no such rows"
    least = ROWS_A_CONSTANT * len(SPACE[group])
    return f"{len(table)} rows for {len(SPACE[group])} constants, {least} at least" if len(table) < least else ""


def say_dips(group, table):
    columns = [c for c in table.columns if c != "us"]
    found = tables.dips(table, columns)
    if len(found):
        first = ", ".join(f"{c} {table[c][found[0]]}" for c in table.columns)
        print(f"{group}: {len(found)} of {len(table)} rows took less than half of a smaller one's time, as {first}",
              file=sys.stderr)


def say_bounds(group, found):
    ends = [key for key, _, low, high in SPACE[group] if found[key] >= high or (found[key] <= low and low > 0)]
    if ends:
        print(f"{group}: {', '.join(ends)} at an end of its range: the formula describes these rows only roughly",
              file=sys.stderr)


def fit(folder, path):
    entry = Entry(path)
    name, figures = entry.name, entry.figures
    gpu = tables.gpu_of(name, figures, name)
    machine = measured_with(folder, name)
    rows = predictors(folder, gpu)
    for group in list(rows):
        reason = why_not(group, rows[group][0], gpu, machine)
        if reason:
            print(f"{group}: left to the general constants: {reason}", file=sys.stderr)
            del rows[group]
        else:
            say_dips(group, rows[group][0])
    if not rows:
        raise tables.TableError(f"{folder}: no table of `{name}` to fit ({name}_gemm.csv, ...)")
    if machine.get("device") == "CPU":
        print("These tables were measured on a CPU: their constants are a try, and no GPU's", file=sys.stderr)
    constants = fit_all(rows, name)
    for group, found in constants.items():
        table, predict = rows[group]
        say_bounds(group, found)
        report(group, name, found, [("fit", errors(predict(found, constants), table["us"]))], table)
    figures["calibrated"] = {**figures.get("calibrated", {}), **constants, "source": source(machine)}
    entry.save()
    print(f"wrote {path}", file=sys.stderr)


def source(machine):
    said = ", ".join(f"{key} {machine[key]}" for key in ("device", "torch", "cuda", "date") if key in machine)
    return "tools/score/fit on tables of this card" + (f": {said}" if said else "")
