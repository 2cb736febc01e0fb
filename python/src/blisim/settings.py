"""Scenarios and settings as people write them in Python, as (key, value) pairs that the library reads."""

import difflib
import functools
import json
import os

from . import _core
from .errors import Error, Problem

# The catalogs that came with the package; BLIS_DATA and `data=` win over them.
_PACKAGED = os.path.join(os.path.dirname(__file__), "data")

# Names that are no key of a scenario, or of several.
_SHORT = {
    "tp": "engine.tensor_parallel_size",
    "pp": "engine.pipeline_parallel_size",
    "dp": "engine.data_parallel_size",
    "router": "router.policy",
    "latency_model": "latency.model",
    "format": "workload.format",
    "speculative_config": "engine.speculative",
    "warmup_requests": "warmup.requests",
}
# What traffic there is, whatever the workload: the names of the program's flags.
_TRAFFIC = {
    "num_prompts", "request_rate", "burstiness", "input_len", "output_len", "prefix_len", "turns", "duration",
}


def data_folder(data=None):
    """Where the catalogs lie: `data`, BLIS_DATA, or what came with the package."""
    if data is not None:
        return os.fspath(data)
    if not os.environ.get("BLIS_DATA") and os.path.isdir(_PACKAGED):
        return _PACKAGED
    return ""


@functools.lru_cache(maxsize=1)
def _known_keys():
    """All keys of a scenario, dotted, and those of its sections."""
    keys = {}
    for key in _core.scenario_keys():
        parts = key.split(".")
        keys.update((".".join(parts[:depth]), None) for depth in range(1, len(parts) + 1))
    return list(keys)


def mistake(message, expected="", got="", hint=""):
    """As the library says it."""
    lines = [f"error: {message}"]
    lines += [f"  {name:<9} {text}" for name, text in (("expected:", expected), ("got:", got), ("hint:", hint)) if text]
    return Error(2, [Problem("", 0, 0, message, expected, got, hint, "\n".join(lines))])


def key_of(name):
    """The scenario's key that an argument called `name` sets. Raises Error with the nearest name."""
    if "." in name or name in ("model", "seed", "replicas", "allow_unmodelled"):
        return name
    if name in _SHORT:
        return _SHORT[name]
    if name in _TRAFFIC or name.replace("-", "_") in _TRAFFIC:
        return name.replace("_", "-")
    if name in _known_keys():
        return name
    same = [key for key in _known_keys() if key.endswith("." + name)]
    depth = min((key.count(".") for key in same), default=0)
    same = [key for key in same if key.count(".") == depth]
    if len(same) == 1:
        return same[0]
    expected = f"one of {', '.join(same)}" if same else "a key of a scenario, or the last part of one"
    near = difflib.get_close_matches(name, [key.split(".")[-1] for key in _known_keys()] + sorted(_SHORT), 1)
    hint = "" if same or not near else f"did you mean `{near[0]}`?"
    raise mistake(f"`{name}` is {'several keys' if same else 'no key of a scenario'}", expected, hint=hint)


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
            section = name if name in _known_keys() else key_of(name)
            section = "router" if section == "router.policy" else section
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
