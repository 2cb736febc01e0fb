"""compare() and what it returns."""

import io
import json
import os
import secrets
import tempfile

from . import _core, notebook, progress as _progress
from .errors import Error, Problem
from .settings import data_folder, key_of, mistake, pairs, value_text

# Shards for each worker that an executor says it has: many small ones balance by themselves.
_SHARDS_A_WORKER = 4
_SHARDS = 32


class Comparison:
    """A grid of configurations, simulated."""

    def __init__(self, core):
        self._core = core
        self._document = None

    @property
    def document(self):
        """compare.json, as a dict (docs/compare.md)."""
        if self._document is None:
            self._document = json.loads(self._core.to_json())
        return self._document

    @property
    def points(self):
        """One dict a configuration, in grid order: settings, status, verdict and all figures."""
        return self.document["points"]

    @property
    def advice(self):
        """What to take, what is next, and why."""
        return self.document["advice"]["text"]

    def frame(self):
        """A row a configuration, as a pandas DataFrame with the columns of points.csv."""
        import pandas

        return pandas.read_csv(io.StringIO(self._core.to_csv()))

    def to_text(self, width=0):
        return self._core.to_text(width)

    def to_json(self):
        """compare.json, byte for byte as the program writes it."""
        return self._core.to_json()

    def to_csv(self):
        return self._core.to_csv()

    def to_html(self):
        """The report: one page that needs no network."""
        return notebook.page(lambda folder: self._core.save(folder, False))

    def save(self, folder, force=False):
        """Writes compare.json, points.csv and sweep.resolved.yaml."""
        self._core.save(os.fspath(folder), force)

    def _repr_html_(self):
        return notebook.frame(self.to_html())

    def __repr__(self):
        return self._core.to_text(0)


def _values(name, values):
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise mistake(f"`{name}` has no values to vary", "a list of them", repr(values))
    return [value_text(value) for value in values]


def _seed(seed):
    if not 0 <= int(seed) < 2**64:
        raise mistake("this is no seed", "a whole number from 0 to 2^64 - 1", str(seed))
    return int(seed)


def _grid_arguments(scenario, vary, seeds, prices, data, overrides, **options):
    """What Grid is made of, in values that can be sent to another machine."""
    path, settings = "", []
    if isinstance(scenario, dict):
        settings = [("version", "1")] + pairs({key: value for key, value in scenario.items() if key != "version"})
    else:
        path = os.fspath(scenario)
    return {
        "path": path,
        "vary": [(key_of(name), _values(name, values)) for name, values in (vary or {}).items()],
        "set": settings + pairs(overrides),
        "seeds": [_seed(seed) for seed in seeds],
        "prices": [(gpu, float(usd)) for gpu, usd in (prices or {}).items()],
        "data": data_folder(data),
        **options,
    }


def _simulate_shard(arguments, index, count):
    """One shard, as the files it leaves: what a worker sends back."""
    with tempfile.TemporaryDirectory(prefix="blisim-") as folder:
        if not _core.compare_shard(_core.Grid(**arguments), index, count, folder, None):
            raise KeyboardInterrupt
        files = {}
        for part in ("points", "shards"):
            for name in os.listdir(os.path.join(folder, part)):
                with open(os.path.join(folder, part, name), "rb") as file:
                    files[os.path.join(part, name)] = file.read()
        return files


def _keep(folder, files):
    for name, content in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # A name of its own: others may keep the same point at the same time.
        part = f"{path}.{os.getpid()}-{secrets.token_hex(4)}.part"
        with open(part, "xb") as file:
            file.write(content)
        os.replace(part, path)


def _workers(executor):
    for name in ("_max_workers", "max_workers"):
        if isinstance(getattr(executor, name, None), int):
            return getattr(executor, name)
    return None


def _submitted(executor, *arguments):
    """A task, as what waits for its answer and what gives it up."""
    if hasattr(executor, "submit"):
        future = executor.submit(_simulate_shard, *arguments)
        return future.result, getattr(future, "cancel", lambda: None)
    return executor.apply_async(_simulate_shard, arguments).get, lambda: None


def _on_executor(executor, arguments, shards, folder, show):
    """Each shard as a task of the executor; what came back is in `folder`, whatever became of the others."""
    if not hasattr(executor, "submit") and not hasattr(executor, "apply_async"):
        raise mistake("this is no executor", "submit() as concurrent.futures has it, or apply_async() as "
                      "multiprocessing's pools have it", repr(executor))
    workers = _workers(executor)
    count = shards or (workers * _SHARDS_A_WORKER if workers else _SHARDS)
    tasks, failures = [], []
    try:
        for index in range(count):
            if os.path.exists(os.path.join(folder, "shards", f"{index}-of-{count}.json")):
                continue
            try:
                tasks.append(_submitted(executor, {**arguments, "threads": 1}, index, count))
            except Exception as failure:  # of the executor: it broke down already, or was shut down
                failures.append(failure)
        for done, (answer, _) in enumerate(tasks, 1):
            try:
                _keep(folder, answer())
            except (Error, OSError):
                raise
            except Exception as failure:  # of the executor: a worker that died, a connection that broke
                failures.append(failure)
            if show:
                show(done, len(tasks))
    except BaseException:
        for _, give_up in tasks:
            give_up()
        raise
    if not failures:
        return
    message = f"{len(failures)} of {count} shards came to nothing: {failures[0]!r}"
    hint = f"what came back is in {folder}; the same call with folder= that runs the rest"
    raise Error(4, [Problem(folder, 0, 0, message, "", "", hint, f"error: {message}\n  hint:     {hint}")])


def compare(scenario, /, *, vary=None, seeds=(), prices=None, find=None, objectives=(), stop_dominated=False,
            detect_warmup=False, executor=None, shards=None, folder=None, data=None, threads=0, progress=None,
            **overrides):
    """Simulates every combination of `vary` ({"gpu": ["H100", "A100"], "tp": [1, 2]}) of a scenario or sweep.

    `scenario` is a path or a dict; `overrides` are set for all points, as in simulate(). `prices` are yours, US
    dollars for an hour of a GPU. `find` searches instead: "max-rate", "min-gpus" or "min-cost". `objectives` are the
    figures that matter, the most important first; `stop_dominated` spares later seeds of points that are worse in all
    of them. `detect_warmup` leaves the longest warm-up that any point needs out of all.

    Points are kept in `folder`, and found there again. `executor` is anything with submit() as concurrent.futures has
    it (a process pool, Dask's client), or with apply_async() as multiprocessing's pools have it (Ray's, too): the
    points are dealt out as `shards` tasks, with one thread each, and give the same bytes; files that the scenario
    names must be at the same path there.

    Raises blisim.Error with every mistake and its place.
    """
    arguments = _grid_arguments(
        scenario, vary, seeds, prices, data, overrides, find=find or "", objectives=list(objectives),
        stop_dominated=bool(stop_dominated), detect_warmup=bool(detect_warmup), threads=int(threads))
    grid = _core.Grid(**arguments)
    show, end = _progress.shower(progress)
    try:
        if executor is None:
            return Comparison(_core.compare(grid, os.fspath(folder or ""), folder is not None, show))
        if folder is not None:
            os.makedirs(folder, exist_ok=True)
            return _merged(executor, arguments, grid, shards, os.fspath(folder), show)
        kept = tempfile.mkdtemp(prefix="blisim-")
        try:
            result = _merged(executor, arguments, grid, shards, kept, show)
        except BaseException:
            if not os.listdir(kept):
                os.rmdir(kept)
            raise
        _remove(kept)
        return result
    finally:
        end()


def _merged(executor, arguments, grid, shards, folder, show):
    _on_executor(executor, arguments, shards, folder, show)
    return Comparison(_core.merge(grid, [folder], folder))


def _remove(folder):
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
