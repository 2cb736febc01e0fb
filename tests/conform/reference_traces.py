#!/usr/bin/env python3
"""Random scenarios, run by the reference scheduler, as `run` vectors: one JSON object a line.

usage: reference_traces.py REF_SCHED.py FIRST_SEED COUNT

For each seed: every profile of the reference's generator, `wide`, and `versions`, which is `wide` under
a random mixture of the switches by which versions of vLLM differ. The expectation is the whole
trace, block ids and eviction order included. Scenarios that the reference gives up (requests that
preempt each other for ever) are left out; how many is said on stderr.
"""
import importlib.util
import json
import random
import sys


def load(path):
    spec = importlib.util.spec_from_file_location("ref_sched", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SWITCHES = {
    "free_order": ["split", "legacy"],
    "priority_cursor_fix": [True, False],
    "pad_rule": ["none", "strict", "later"],
    "admit_lookahead": [True, False],
    "async_drop_unscheduled_drafts": [True, False],
    "stats_on_lookup": [True, False],
    "nocache_free": ["head", "tail"],
    "stale_gate": [True, False],
}


def versions(ref, seed):
    scenario = ref.gen_wide(50_000 + seed)
    dice = random.Random(seed)
    scenario["config"].update({key: dice.choice(values) for key, values in SWITCHES.items()})
    return scenario


def vector(ref, name, scenario):
    trace = ref.run_scenario(scenario)
    steps = [s for s in trace["steps"] if s["total"] or s["preempted"] or s["finished"]]
    return {
        "id": name,
        "kind": "run",
        "complete": True,
        "config": scenario["config"],
        "requests": scenario["requests"],
        "expect": {
            "steps": steps,
            "finish_step": trace["finish_step"],
            "stats": trace["stats"],
            "requests": trace["requests"],
        },
    }


def main():
    ref = load(sys.argv[1])
    ref.TRACE_BLOCKS = True
    first, count = int(sys.argv[2]), int(sys.argv[3])
    given_up = 0
    for seed in range(first, first + count):
        scenarios = [(p, ref.gen_scenario(seed, p)) for p in ref.PROFILES]
        scenarios.append(("wide", ref.gen_wide(seed)))
        scenarios.append(("versions", versions(ref, seed)))
        for profile, scenario in scenarios:
            try:
                print(json.dumps(vector(ref, f"{profile}-{seed}", scenario)))
            except RuntimeError:
                given_up += 1
    print(f"{given_up} scenarios given up", file=sys.stderr)


if __name__ == "__main__":
    main()
