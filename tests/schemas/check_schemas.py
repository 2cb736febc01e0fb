#!/usr/bin/env python3
"""Holds every JSON that blis writes against its schema in docs/schemas/.

  check_schemas.py BLIS SOURCE_DIR

Each schema is used, so that none describes what nobody writes any more. A result that lacks a member, or has one too
many, does not pass: so that the check can fail, that is tried, too.
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

from validate import problems



class Documents:
    """Runs the program, and yields (name of the schema, what it is, document)."""

    def __init__(self, blis, source, folder):
        self.blis, self.source, self.folder = blis, source, pathlib.Path(folder)

    def _say(self, *arguments):
        done = subprocess.run([self.blis, *map(str, arguments)], capture_output=True, text=True, check=False, cwd=self.source)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"blis {arguments}: {done.stderr}")
        return done.stdout

    def _json(self, *arguments):
        return json.loads(self._say(*arguments, "--output-format", "json"))

    def _read(self, *path):
        return json.loads((self.folder.joinpath(*path)).read_text())

    def all(self):
        chat = ("scenarios/chat.yaml", "--data-dir", ".", "-q", "--set", "workload.limit=60")
        self._say("run", *chat, "--slo", "p99_ttft_ms=100", "-o", self.folder / "one")
        self._say("run", *chat, "--replicas", "2", "--save-detailed", "--price-usd-per-gpu-hour", "2", "-o", self.folder / "two")
        self._say("run", *chat, "--set", "engine.max_model_len=2", "-o", self.folder / "nothing")
        self._say("run", "scenarios/autoscaling.yaml", "--data-dir", ".", "-q", "--set", "workload.duration_s=300", "-o", self.folder / "scaled")
        for name in ("one", "two", "nothing", "scaled"):
            yield "result", f"run {name}", self._read(name, "result.json")
            yield "series", f"run {name}", self._read(name, "series.json")
            yield "meta", f"run {name}", self._read(name, "meta.json")
        yield "vllm-result", "run", json.loads(self._say("run", *chat, "--output-format", "vllm-json", "--save-detailed"))
        self._say("compare", *chat, "--vary", "tp=1,3", "--vary", "gpu=H100,L40S", "--seeds", "0,1", "--price", "H100=2",
                  "--price", "L40S=1", "-o", self.folder / "grid")
        self._say("compare", *chat, "--find", "max-rate", "--slo", "p99_ttft_ms=300", "-o", self.folder / "search")
        for name in ("grid", "search"):
            yield "compare", name, self._read(name, "compare.json")
            yield "meta", name, self._read(name, "meta.json")
            for point in sorted((self.folder / name / "points").glob("*.json")):
                yield "compare-point", f"{name}, {point.name}", json.loads(point.read_text())
        yield "compare", "found the cheapest", self._json(
            "compare", *chat, "--find", "min-gpus", "--vary", "tp=1,2", "--slo", "p99_ttft_ms=100", "--detect-warmup")
        yield "diff", "two runs", self._json("diff", self.folder / "one", self.folder / "two", "--fail-on", "p99_ttft_ms>+1%")
        yield "diff", "measured", self._json("diff", self.folder / "one" / "requests.csv", self.folder / "two")
        yield "diff", "two runs and a measurement", self._json("diff", self.folder / "one", self.folder / "two", "--measured",
                                                               self.folder / "one" / "requests.csv")
        yield "explain", "slowest", self._json("explain", self.folder / "one", "--slowest", "3")
        yield "explain", "tail", self._json("explain", self.folder / "one")
        yield "elasticities", "run", self._json("explain", self.folder / "one", "--elasticities")
        yield "accuracy", "runs", self._json("accuracy", "tests/score/measured", "--data-dir", ".")
        yield "step", "mixed", self._json("step", "--model", "llama-3.1-8b-instruct", "--gpu", "H100", "--prefill", "512@0",
                                          "--decode", "32@1024", "--data-dir", ".")
        for model in ("qwen3-30b-a3b", "llama-3.1-8b-instruct"):
            yield "model", model, self._json("model", model, "--data-dir", ".")
            yield "model", f"{model} on GPUs", self._json("model", model, "--gpu", "H100", "-tp", "2", "--sequence-length", "8k",
                                                          "--data-dir", ".")
        for trace in ("chat.csv", "shared-prompts.jsonl"):
            yield "trace", trace, self._json("trace", "inspect", f"scenarios/traces/{trace}")
        yield "calibration", "run", self._json("calibrate", "scenarios/chat.yaml", self.folder / "one" / "requests.csv", "--data-dir", ".",
                                               "--set", "workload.limit=60", "-q")


def spoiled(document):
    """The document with its first member gone, and with one more than it has."""
    less, more = copy.deepcopy(document), copy.deepcopy(document)
    del less[next(iter(less))]
    more["nobody_expects_this"] = 1
    return less, more


def main(blis, source):
    schemas = {path.stem: json.loads(path.read_text()) for path in pathlib.Path(source, "docs", "schemas").glob("*.json")}
    wrong, used = [], set()
    with tempfile.TemporaryDirectory() as folder:
        for name, what, document in Documents(blis, source, folder).all():
            schema = schemas[name]
            wrong += [f"{name} ({what}): {sentence}" for sentence in list(problems(document, schema, schema))[:5]]
            if name not in used:
                less, more = spoiled(document)
                wrong += [f"{name}: a document that lacks a member passes"] if not list(problems(less, schema, schema)) else []
                if not list(problems(more, schema, schema)):
                    wrong.append(f"{name}: a document with one member too many passes")
            used.add(name)
    wrong += [f"docs/schemas/{name}.json is used by nothing" for name in sorted(set(schemas) - used)]
    for sentence in wrong:
        print(f"FAILED {sentence}")
    print(f"{len(used)} schemas, {len(wrong)} problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()))
