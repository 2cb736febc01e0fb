#!/usr/bin/env python3
"""What may be torn: commands that write files, killed or refused by the system at their n-th system call.

  check_faults.py BLIS SOURCE_DIR [STEP]

For every command, kind of call and n (or of these one in STEP, drawn by a seed): SIGKILL on entry, ENOSPC, EIO or EINTR as the answer, injected
by strace. Afterwards each file is whole or absent, an error is said in a sentence with a documented exit status, and the
same command run again gives the bytes of a run that nobody disturbed. Skipped (77) where there is no strace, or it may not trace.
"""
import concurrent.futures
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
TIMEOUT_S = 120
SEED = 1
EXIT_FILE = 4  # a file cannot be read or written
# What the system may answer to a call; SIGKILL can come at any.
ANSWERS = {
    "openat": ["ENOSPC", "EIO", "EINTR"],
    "mkdir": ["ENOSPC"],
    "write": ["ENOSPC", "EIO", "EINTR"],
    "writev": ["ENOSPC", "EIO", "EINTR"],
    "pwrite64": ["ENOSPC", "EIO"],
    "ftruncate": ["EIO"],
    "read": ["EIO", "EINTR"],
    "rename": ["ENOSPC", "EIO"],
    "close": ["EIO"],
    "unlink": [],
    "flock": ["EINTR"],
}
CALLS = ",".join(ANSWERS)

NOBODYS_RESULT = (".lock", "meta.json")  # who writes there, and when it was

SCENARIO = """\
version: 1
model: llama-3.1-8b-instruct
hardware: { gpu: H100 }
workload:
  kind: synthetic
  num_requests: 40
  arrival: { process: poisson, request_rate: 4 }
  input_tokens: { distribution: constant, value: 300 }
  output_tokens: { distribution: constant, value: 20 }
"""
SERVE = "vllm serve meta-llama/Llama-3.1-8B-Instruct"
BENCH = "vllm bench serve --dataset-name random --random-input-len 300 --random-output-len 20 --num-prompts 20"


def commands(fixtures):
  """Name, arguments, and what they write (relative to the folder they run in)."""
  trace = str(fixtures / "azure2023.csv")
  return [
      ("run", ["run", "s.yaml", "-o", "out", "-q"], "out"),
      ("run after a killed one", ["run", "s.yaml", "-o", "killed", "-q"], "killed"),
      ("timeline", ["run", "s.yaml", "--timeline", "out.json", "-q"], "out.json"),
      ("compare", ["compare", "s.yaml", "--vary", "tp=1,2", "-o", "out", "--jobs", "1", "-q"], "out"),
      ("convert", ["trace", "convert", trace, "--to", "timed", "-o", "out.csv"], "out.csv"),
      ("convert gz", ["trace", "convert", trace, "--to", "timed", "-o", "out.csv.gz"], "out.csv.gz"),
      ("convert zst", ["trace", "convert", trace, "--to", "timed", "-o", "out.csv.zst"], "out.csv.zst"),
      ("report", ["report", "result", "-o", "out.html"], "out.html"),
      ("save scenario", ["bench", SERVE, BENCH, "--gpu", "H100", "--save-scenario", "out.yaml"], "out.yaml"),
  ]


class Case:
  """One command, its inputs, and what it leaves when nobody disturbs it."""

  def __init__(self, blis, source, name, arguments, output, scratch):
    self.name, self.output, self.scratch = name, output, scratch
    self.command = [blis, *arguments, "--data-dir", str(source)]
    self.inputs = scratch / "inputs"
    folder = self.fresh("reference")
    done = self.run(folder, [])
    if done.returncode != 0:
      raise SystemExit(f"{name}: fails by itself: {done.stderr}")
    self.expected = contents(folder / output)

  def fresh(self, name):
    folder = self.scratch / re.sub(r"\W", "_", f"{self.name}-{name}")
    shutil.copytree(self.inputs, folder)
    return folder

  def run(self, folder, tracer):
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0", LC_ALL="C")
    return subprocess.run([*tracer, *self.command], cwd=folder, env=environment, timeout=TIMEOUT_S,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

  def calls(self):
    """(call, n) for each call on a file of ours, as the n-th of its kind in its thread."""
    folder = self.fresh("calls")
    log = folder / "calls.log"
    self.run(folder, ["strace", "-f", "-y", "-o", str(log), "-e", f"trace={CALLS}"])
    counts, found = {}, set()
    for line in log.read_text(errors="replace").splitlines():
      match = re.match(r"(\d+) +(\w+)\((.*)", line)
      if not match or match[2] not in ANSWERS:
        continue
      thread, call, rest = match.groups()
      counts[thread, call] = counts.get((thread, call), 0) + 1
      if not re.search(r'["<](/lib|/usr/lib|/etc/|/proc/|/sys/|pipe:)', rest):
        found.add((call, counts[thread, call]))
    shutil.rmtree(folder)
    return sorted(found)


def contents(path):
  """Every file at or under `path`, by its name."""
  if not path.exists():
    return {}
  if path.is_file():
    return {"": path.read_bytes()}
  return {str(p.relative_to(path)): p.read_bytes() for p in sorted(path.rglob("*"))
          if p.is_file() and p.name not in NOBODYS_RESULT}


def unfinished(name):
  return name.endswith(".part")


def try_fault(case, call, n, fault):
  """What is wrong afterwards; None if nothing."""
  what = "signal=SIGKILL" if fault == "SIGKILL" else f"error={fault}"
  folder = case.fresh(f"{call}-{n}-{fault}")
  try:
    tracer = ["strace", "-f", "-qqq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={n}"]
    done = case.run(folder, tracer)
    left = contents(folder / case.output)
    parts = [p for p in folder.rglob("*.part")]
    for name, content in left.items():
      if not unfinished(name) and content != case.expected.get(name):
        return f"{name or case.output} is torn"
    if fault == "SIGKILL":
      if done.returncode == 0 and left != case.expected:
        return "ends well, but files are missing"
    elif done.returncode == 0:
      if left != case.expected:
        return "exit 0, but files are missing"
    else:
      if done.returncode not in (2, EXIT_FILE):
        return f"exit {done.returncode}: {done.stderr.strip()[:300]}"
      if "error: " not in done.stderr:
        return f"exit {done.returncode} without a sentence: {done.stderr.strip()[:300]}"
      if fault == "EINTR" and call in ("read", "write", "writev", "flock"):
        return f"an interrupted {call} ends it: {done.stderr.strip()[:200]}"
      if parts:
        return f"leaves {parts[0].name} behind after an error"
    if left == case.expected:
      return None
    again = case.run(folder, [])
    if again.returncode != 0:
      return f"run again: exit {again.returncode}: {again.stderr.strip()[:300]}"
    after = {name: content for name, content in contents(folder / case.output).items() if not unfinished(name)}
    if after != case.expected:
      differs = sorted(k for k in set(after) | set(case.expected) if after.get(k) != case.expected.get(k))
      return f"run again: other bytes in {', '.join(differs)}"
    return None
  except subprocess.TimeoutExpired:
    return f"still running after {TIMEOUT_S} s"
  finally:
    shutil.rmtree(folder, ignore_errors=True)


def may_trace():
  if shutil.which("strace") is None:
    return False
  return subprocess.run(["strace", "-o", "/dev/null", "-e", "inject=getuid:error=EIO", "true"], stderr=subprocess.DEVNULL).returncode == 0


def prepare(blis, source, scratch):
  inputs = scratch / "inputs"
  inputs.mkdir()
  (inputs / "s.yaml").write_text(SCENARIO)
  subprocess.run([blis, "run", "s.yaml", "-o", "result", "-q", "--data-dir", str(source)], cwd=inputs, check=True,
                 stdout=subprocess.DEVNULL)
  shutil.copytree(inputs / "result", inputs / "killed")
  (inputs / "killed" / "result.json").unlink()
  (inputs / "killed" / ".lock").write_text("process 1 on a machine that was switched off")


def main():
  blis, source = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]).resolve()
  step = int(sys.argv[3]) if len(sys.argv) > 3 else 1
  if not may_trace():
    print("skipped: no strace here, or it may not trace")
    return SKIPPED
  tried, wrong = 0, []
  with tempfile.TemporaryDirectory(prefix="blis-faults-") as name:
    scratch = pathlib.Path(name)
    prepare(blis, source, scratch)
    for label, arguments, output in commands(source / "tests" / "workloads" / "fixtures"):
      case = Case(blis, source, label, arguments, output, scratch)
      faults = [(call, n, fault) for call, n in case.calls() for fault in ["SIGKILL", *ANSWERS[call]]]
      faults = random.Random(SEED).sample(faults, -(-len(faults) // step))
      with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (call, n, fault), problem in zip(faults, pool.map(lambda f: try_fault(case, *f), faults)):
          tried += 1
          if problem:
            wrong.append(f"{label}: {fault} at {call} {n}: {problem}")
            print(wrong[-1], flush=True)
      print(f"{label}: {len(faults)} faults", flush=True)
  print(f"{tried} faults injected, {len(wrong)} with wrong ends")
  return 1 if wrong else 0


if __name__ == "__main__":
  sys.exit(main())
