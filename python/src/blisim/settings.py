"""Scenarios and settings as people write them in Python, as (key, value) pairs that the library reads."""

import difflib
import functools
import json
import os

from . import _core
from .errors import Error, Problem

# The catalogs that came with the package; BLIS_DATA and `data=` win over them.
_PACKAGED = os.path.join(os.path.dirname(__file__), "data")

# Names that are keys of no scenario as they stand.
_SHORT = {
    "tp": "engine.tensor_parallel_size",
    "pp": "engine.pipeline_parallel_size",
    "dp": "engine.data_parallel_size",
    "router": "router.policy",
    "latency_model": "latency.model",
}
# What traffic there is, whatever the workload: the names of the program's flags.
_TRAFFIC = {
    "num_prompts", "request_rate", "burstiness", "input_len", "output_len", "prefix_len", "turns", "duration",
}
_SECTIONS = {"engine", "hardware", "latency", "router", "slo", "warmup", "workload"}


def data_folder(data=None):
    """Where the catalogs lie: `data`, BLIS_DATA, or what came with the package."""
    if data is not None:
        return os.fspath(data)
    if not os.environ.get("BLIS_DATA") and os.path.isdir(_PACKAGED):
        return _PACKAGED
    return ""


@functools.lru_cache(maxsize=1)
def _known_keys():
    """All keys of a scenario, dotted."""
    text = ("{version: 1, model: m, hardware: {gpu: g}, workload: {kind: synthetic, num_requests: 1, "
            "arrival: {process: at_once}, input_tokens: {distribution: constant, value: 1}, "
            "output_tokens: {distribution: constant, value: 1}}}")
    keys = []

    def walk(prefix, node):
        for name, value in node.items():
            keys.append(prefix + name)
            if isinstance(value, dict):
                walk(prefix + name + ".", value)

    walk("", json.loads(_core.scenario("", text, []).to_json()))
    return keys


def key_of(name):
    """The scenario's key that an argument called `name` sets. Raises Error with the nearest name."""
    if "." in name or name in ("model", "seed", "replicas", "allow_unmodelled"):
        return name
    if name in _SHORT:
        return _SHORT[name]
    if name in _TRAFFIC or name.replace("-", "_") in _TRAFFIC:
        return name.replace("_", "-")
    same = [key for key in _known_keys() if key == name or key.endswith("." + name)]
    if len(same) == 1:
        return same[0]
    if name in _known_keys():
        return name
    expected = f"one of {', '.join(same)}" if same else "a key of a scenario, or the last part of one"
    near = difflib.get_close_matches(name, [key.split(".")[-1] for key in _known_keys()] + sorted(_SHORT), 1)
    hint = "" if same or not near else f"did you mean `{near[0]}`?"
    message = f"`{name}` is {'several keys' if same else 'no key of a scenario'}"
    text = f"error: {message}\n  expected: {expected}" + (f"\n  hint:     {hint}" if hint else "")
    raise Error(2, [Problem("", 0, 0, message, expected, name, hint, text)])


def value_text(value):
    """As YAML has it."""
    if isinstance(value, str):
        return value
    if hasattr(value, "item") and not isinstance(value, (list, tuple, dict)):
        value = value.item()  # NumPy's scalars
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return json.dumps(value)


def pairs(overrides):
    """Of a dict; nested ones are sections."""
    result = []
    for name, value in overrides.items():
        if isinstance(value, dict):
            section = name if "." in name or name in _SECTIONS else key_of(name)
            result += [(f"{section}.{inner}", text) for inner, text in _flat(value)]
        else:
            result.append((key_of(name), value_text(value)))
    return result


def _flat(section):
    for name, value in section.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", text) for inner, text in _flat(value))
        else:
            yield name, value_text(value)


def scenario(source, overrides):
    """A path, or a dict as a scenario file has it, with overrides by name."""
    if isinstance(source, dict):
        text = json.dumps({"version": 1, **source})
        return _core.scenario("", text, pairs(overrides))
    return _core.scenario(os.fspath(source), "", pairs(overrides))
