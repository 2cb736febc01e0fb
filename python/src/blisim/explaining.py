"""What is known without a simulation: a step, a model, a trace."""

import json
import os

from . import _core
from .settings import data_folder, pairs, value_text


def step(*, prefill=(), decode=(), data=None, **settings):
    """One batch, priced term by term, as the dict of `blis step --output-format json`.

    `prefill` are (tokens, context) of prompts, `decode` (sequences, context): `step(model="llama-3.1-8b-instruct",
    gpu="H100", prefill=[(512, 0)], decode=[(32, 1024)])["step_us"]`.
    """
    return json.loads(_core.step(pairs(settings), list(prefill), list(decode), data_folder(data)))


def model(name, /, *, sequence_lengths=(), data=None, **settings):
    """The card of a model, as the dict of `blis model --output-format json`; with `gpu=` what fits, too."""
    return json.loads(_core.model(os.fspath(name), pairs(settings), list(sequence_lengths), data_folder(data)))


class Trace:
    """A trace file, in any format that the program reads."""

    def __init__(self, path, **workload):
        """`workload` are keys of a scenario's `workload`: format, limit, time_scale, ..."""
        self.path = os.fspath(path)
        self._workload = workload

    def inspect(self):
        """What it is like: rate, burstiness, lengths, sessions, reuse of prefixes; the dict of `blis trace inspect`."""
        settings = [(f"workload.{key}", value_text(value)) for key, value in self._workload.items()]
        return json.loads(_core.inspect_trace(self.path, settings))

    def scenario(self, model, gpu, **sections):
        """A scenario that replays it, as a dict for simulate() and compare()."""
        workload = {"kind": "trace", "path": os.path.abspath(self.path), **self._workload}
        return {"model": model, "hardware": {"gpu": gpu}, "workload": workload, **sections}

    def __repr__(self):
        return f"Trace({self.path!r})"
