#!/usr/bin/env python3
"""Times whole runs of blis, as a user meets them, and prints a table.

    bench/whole_process.py [--blis PATH] [--runs N] [--callgrind] [--latency-model M]

For each row: the median CPU time and peak memory of N runs (default 7), the simulated requests and
steps, nanoseconds a step, and with --callgrind the instructions, which do not move with the
machine's load. The last column is the time as a share of the row's limit. Rows that replay public
traces need them: BLIS_SHARED names the folder that holds traces/ (default ../shared beside the
repository); rows without their trace say so.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get("BLIS_SHARED", ROOT.parent / "shared"))

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

# name, limit in ms, scenario or trace with its flags
ROWS = [
    ("1,000 requests, 512/512, 10/s", 8, dict(n=1000, rate=10, inp=512, insd=256, out=512, outsd=256)),
    ("10,000 requests, 1000/200, 20/s", 15, dict(n=10000, rate=20, inp=1000, insd=300, out=200, outsd=60)),
    ("Azure conversation trace", 60, ("azure2023_conv.csv", [])),
    ("Mooncake conversation, 4 replicas", 150, ("mooncake_conversation.jsonl", ["--replicas", "4"])),
    ("1,000,000 requests, 500/100, 40/s", 1200, dict(n=1000000, rate=40, inp=500, insd=150, out=100, outsd=30)),
]


def command(blis, work, folder, model):
    tail = ["--latency-model", model, "--output-format", "json", "--no-progress"]
    if isinstance(work, dict):
        path = pathlib.Path(folder) / "scenario.yaml"
        path.write_text(SYNTHETIC.format(**work))
        return [blis, "run", str(path)] + tail
    trace = SHARED / "traces" / work[0]
    if not trace.exists():
        return None
    return [blis, "replay", str(trace), "--model", "llama-3.1-8b-instruct", "--gpu", "H100", "-tp", "1"] + work[1] + tail


def run(argv):
    """CPU seconds, peak MiB and stdout of one run."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(argv, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit("failed with exit code %d: %s" % (child.returncode, " ".join(argv)))
        out.seek(0)
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.read()


def instructions(argv):
    result = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"] + argv,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", result.stderr).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blis", default=str(ROOT / "build/release/tools/blis"))
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--callgrind", action="store_true")
    parser.add_argument("--latency-model", default="roofline")
    args = parser.parse_args()
    print("| work | CPU ms (min) | MiB | requests | steps | ns a step | Minstr | of the limit |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, limit, work in ROWS:
            argv = command(args.blis, work, folder, args.latency_model)
            if argv is None:
                print("| %s | trace not at hand |" % name)
                continue
            runs = [run(argv) for _ in range(args.runs)]
            result = json.loads(runs[0][2])
            ms = 1e3 * statistics.median(r[0] for r in runs)
            steps = result["engine"]["steps"]
            count = "%.0f" % (instructions(argv) / 1e6) if args.callgrind else ""
            print("| %s | %.1f (%.1f) | %.0f | %d | %d | %.0f | %s | %.0f %% |" % (
                name, ms, 1e3 * min(r[0] for r in runs), max(r[1] for r in runs),
                result["completed"] + result["failed"], steps, ms * 1e6 / steps, count, 100 * ms / limit))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
