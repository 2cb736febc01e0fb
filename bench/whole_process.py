#!/usr/bin/env python3
"""Times whole commands of blis, as a user meets them, and prints a table.

    bench/whole_process.py [--blis PATH] [--runs N] [--callgrind] [--latency-model M] [--only WORDS]

For each row: the median CPU and wall time and the peak memory of N runs (default 5), the simulated requests and steps of
a single run, nanoseconds a step, and with --callgrind the instructions, which do not move with the machine's load (not of
rows that take seconds). The last column is the share of what the row is to stay within: CPU time, wall time of a
comparison, memory of the ten million. Rows that replay public traces need them: BLIS_SHARED names the folder that holds
traces/ (default ../shared beside the repository); rows without their trace say so.
"""
import argparse
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get("BLIS_SHARED", ROOT.parent / "shared"))
ONE_8B = ["--model", "llama-3.1-8b-instruct", "--gpu", "H100", "-tp", "1"]

SYNTHETIC = """version: 1
name: bench
model: llama-3.1-8b-instruct
hardware: {{ gpu: H100 }}
workload:
  kind: synthetic
  num_requests: {n}
  arrival: {{ process: poisson, request_rate: {rate} }}
  input_tokens: {{ distribution: normal, mean: {inp}, stddev: {insd}, min: 2, max: 7000 }}
  output_tokens: {{ distribution: normal, mean: {out}, stddev: {outsd}, min: 2, max: 7000 }}
"""
SHORT = dict(n=10000, rate=20, inp=1000, insd=300, out=200, outsd=60)
VARIED = ["--vary", "request-rate=2,4,6,8,10,12,14,16,18,20", "--vary", "max-num-batched-tokens=512,1024,2048,4096,8192"]


@dataclass(frozen=True)
class Row:
    """One command, and what it is to stay within: CPU ms, wall ms or MiB."""

    name: str
    within: float
    of: str  # "cpu", "wall" or "mib"
    work: object  # a scenario's figures, the name of a trace, or a number of rows to stream
    flags: list = field(default_factory=list)
    compared: bool = False
    model: str = "calibrated"  # the latency model

    def long(self):
        return self.compared or self.of == "mib"


ROWS = [
    Row("1,000 requests, 512/512, 10/s", 8, "cpu", dict(n=1000, rate=10, inp=512, insd=256, out=512, outsd=256), model="roofline"),
    Row("10,000 requests, 1000/200, 20/s", 15, "cpu", SHORT, model="roofline"),
    Row("Azure conversation trace", 60, "cpu", "azure2023_conv.csv", ONE_8B, model="roofline"),
    Row("Mooncake conversation, 4 replicas", 150, "cpu", "mooncake_conversation.jsonl", ONE_8B + ["--replicas", "4"], model="roofline"),
    Row("1,000,000 requests, 500/100, 40/s", 1200, "cpu", dict(n=1000000, rate=40, inp=500, insd=150, out=100, outsd=30), model="roofline"),
    Row("1,000 requests with drafts, 512/512, 10/s", 40, "cpu", dict(n=1000, rate=10, inp=512, insd=256, out=512, outsd=256),
        flags=["--set", "engine.speculative={method: eagle3, num_speculative_tokens: 3, acceptance: [0.72, 0.5, 0.34]}"]),
    Row("compare -j 2: 144 runs of 10,000 requests", 1200, "wall", SHORT, compared=True,
        flags=["--vary", "gpu=H100,H200", "--vary", "tp=1,2,4", "--vary", "request-rate=5,10,15,20", "--vary",
               "max-num-batched-tokens=512,1024,2048,4096,8192,16384"]),
    Row("compare -j 2: 1,000 runs of 10,000 requests", 9000, "cpu", SHORT, compared=True,
        flags=["--vary", "gpu=H100,A100-SXM,L40S,H200,B200", "--vary", "tp=1,2,4,8"] + VARIED),
    Row("10,000,000 rows, streamed", 800, "mib", 10_000_000, ONE_8B),
]


def stream(path, rows):
    """A trace of so many short requests, 80 a second."""
    chance = random.Random(1)
    with open(path, "w") as out:
        out.write("arrival_s,input_tokens,output_tokens\n")
        for i in range(rows):
            out.write(f"{i / 80:.4f},{chance.randint(50, 350)},{chance.randint(10, 50)}\n")


def command(blis, row, folder, model):
    """The row's argv; None without its trace."""
    tail = ["--latency-model", model, "--output-format", "json", "--no-progress"]
    if isinstance(row.work, dict):
        path = pathlib.Path(folder) / "scenario.yaml"
        path.write_text(SYNTHETIC.format(**row.work))
        return [blis] + (["compare", str(path), "-j", "2"] if row.compared else ["run", str(path)]) + row.flags + tail
    if isinstance(row.work, int):
        trace = pathlib.Path(folder) / "rows.csv"
        stream(trace, row.work)
    else:
        trace = SHARED / "traces" / row.work
        if not trace.exists():
            return None
    return [blis, "replay", str(trace)] + row.flags + tail


def run(argv):
    """CPU and wall seconds, peak MiB and stdout of one run."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        child = subprocess.Popen(argv, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit("failed with exit code %d: %s" % (child.returncode, " ".join(argv)))
        out.seek(0)
        return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, out.read()


def instructions(argv):
    result = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"] + argv,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", result.stderr).group(1))


def line(row, argv, args):
    runs = [run(argv) for _ in range(1 if row.long() else args.runs)]
    cpu, wall = (1e3 * statistics.median(r[i] for r in runs) for i in (0, 1))
    mib = max(r[2] for r in runs)
    result = json.loads(runs[0][3])
    counts = ["", "", ""]
    if not row.compared:
        steps = result["engine"]["steps"]
        counts = [result["completed"] + result["failed"], steps, "%.0f" % (cpu * 1e6 / steps)]
    count = "%.0f" % (instructions(argv) / 1e6) if args.callgrind and not row.long() else ""
    share = 100 * {"cpu": cpu, "wall": wall, "mib": mib}[row.of] / row.within
    return "| %s | %.1f | %.1f | %.0f | %s | %s | %s | %s | %.0f %% of %g %s |" % (
        row.name, cpu, wall, mib, *counts, count, share, row.within, {"cpu": "ms CPU", "wall": "ms wall", "mib": "MiB"}[row.of])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blis", default=str(ROOT / "build/release/tools/blis"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--callgrind", action="store_true")
    parser.add_argument("--latency-model", help="for all rows; else each row has its own")
    parser.add_argument("--only", default="", help="rows whose name has these words")
    args = parser.parse_args()
    print("| work | CPU ms | wall ms | MiB | requests | steps | ns a step | Minstr | of the aim |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for row in ROWS:
            if args.only not in row.name:
                continue
            argv = command(args.blis, row, folder, args.latency_model or row.model)
            print(line(row, argv, args) if argv else "| %s | trace not at hand |" % row.name)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
