"""simulate() and what it returns."""

import json
import os

from . import _core, notebook, progress as _progress
from .settings import data_folder, scenario as _scenario

_UNSET = -1  # a time that never came


class Result:
    """One simulated run.

    `result[key]` is a figure under its key of result.json: "p99_ttft_ms" (milliseconds), "output_throughput"
    (tokens a second), "completed"; None where it has no value in this run, KeyError where there is no such figure.
    """

    def __init__(self, report):
        self._report = report
        self._document = None

    def __getitem__(self, key):
        document = self.document
        if key not in document:
            raise KeyError(key)
        return document[key]

    def keys(self):
        """Of result.json."""
        return self.document.keys()

    def figures(self):
        """All flat figures, as a dict in the order of result.json."""
        return {key: self.document[key] for key in _core.figure_keys()}

    @property
    def document(self):
        """result.json, as a dict."""
        if self._document is None:
            self._document = json.loads(self._report.to_json(False))
        return self._document

    @property
    def warnings(self):
        """Sentences: what is worth knowing before the figures are used."""
        return self._report.warnings

    @property
    def interrupted(self):
        return self._report.interrupted

    @property
    def meets_slo(self):
        """Whether every limit of the scenario's SLO holds; None without one."""
        return self._report.meets_slo

    @property
    def requests(self):
        """A row a request, in the order of arrival: a read-only structured NumPy array over the run's own memory.

        Times are whole nanoseconds since the start of the simulation, -1 where one never came; `outcome` counts in
        `blisim.Result.OUTCOMES`.
        """
        return self._report.requests

    OUTCOMES = tuple(_core.outcome_names())

    def frame(self):
        """The requests as a pandas DataFrame: milliseconds, NaN for what never came."""
        import numpy
        import pandas

        rows = self.requests

        def since_arrival(column):
            at = rows[column]
            return numpy.where(at == _UNSET, numpy.nan, (at - rows["arrival_ns"]) / 1e6)

        frame = pandas.DataFrame({"arrival_s": rows["arrival_ns"] / 1e9})
        frame["ttft_ms"] = since_arrival("first_token_ns")
        frame["e2el_ms"] = since_arrival("last_token_ns")
        gaps = rows["output_tokens"] - 1
        with numpy.errstate(divide="ignore", invalid="ignore"):
            tpot = (frame["e2el_ms"] - frame["ttft_ms"]) / gaps
        frame["tpot_ms"] = numpy.where(gaps > 0, tpot, numpy.nan)
        for column in ("input_tokens", "output_tokens", "hit_tokens", "preemptions", "replica"):
            frame[column] = rows[column]
        frame["outcome"] = pandas.Categorical.from_codes(rows["outcome"], self.OUTCOMES)
        return frame

    def to_json(self, detailed=False):
        """result.json, byte for byte as the program writes it; `detailed` adds vLLM's per-request lists, for which
        the run must have been `simulate(..., detailed=True)`."""
        return self._report.to_json(detailed)

    def to_vllm_json(self, detailed=False):
        """What `vllm bench serve --save-result` writes."""
        return self._report.to_vllm_json(detailed)

    def to_csv(self):
        """The flat figures as a header and one row."""
        return self._report.to_csv()

    def to_html(self):
        """The report: one page that needs no network."""
        return notebook.page(lambda folder: self._report.save(folder, False))

    def save(self, folder, force=False):
        """Writes the folder that `blis run -o` writes."""
        self._report.save(os.fspath(folder), force)

    def _repr_html_(self):
        return notebook.frame(self.to_html())

    def __repr__(self):
        return self._report.to_text()


def _sender(requests):
    """next_request of an iterable of (arrival_s, input_tokens, output_tokens[, session[, priority]])."""
    if requests is None:
        return None
    rows = iter(requests)

    def next_request():
        row = next(rows, None)
        return row if row is None or len(row) == 5 else (*row, 0, 0)[:5]

    return next_request


def simulate(scenario, /, *, data=None, detailed=False, detect_warmup=False, progress=None, step_time=None,
             requests=None, router=None, **overrides):
    """Simulates one scenario: a path, or a dict as a scenario file has it.

    `overrides` are keys of the scenario by their last part (`max_num_seqs=256`, `gpu="H100"`), short names (`tp`,
    `pp`, `dp`), vLLM's flags of traffic (`request_rate=8`, `num_prompts=1000`), or dotted in a dict:
    `**{"engine.block_size": 32}`. `data` is the folder of the catalogs. `detect_warmup` finds the warm-up of a
    scenario that says none, and leaves it out. `progress` is True, False, or a function of
    (finished, expected) requests. Python's lock is released; Ctrl-C ends the run with KeyboardInterrupt.

    For experiments, parts in Python, which are called for every step and request, and are as slow as Python is:
    `step_time(work)` is seconds for the step that `work` describes (prefills, prefill_tokens, prefill_context, decodes,
    decode_tokens, decode_context); `requests` are (arrival_s, input_tokens, output_tokens), or with a session and a
    priority behind them, in the place of the scenario's; `router(request, replicas)` is the index of the replica, each of which has `requests` and
    `prompt_tokens` in flight. The result's warnings say so.

    Raises blisim.Error with every mistake and its place.
    """
    if isinstance(router, (str, dict)):  # a policy by its name, or the section, is a setting
        overrides["router"], router = router, None
    show, end = _progress.shower(progress)
    try:
        return Result(_core.simulate(_scenario(scenario, overrides), data_folder(data), detailed, detect_warmup, show,
                                     step_time, _sender(requests), router))
    finally:
        end()
