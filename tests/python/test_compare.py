"""Comparisons from Python: the bytes of the program, frames, executors."""

import concurrent.futures
import multiprocessing
import os
import signal
import subprocess

import pytest

import blisim

GRID = {"vary": {"replicas": [1, 2, 3], "max_num_seqs": [2, 64]}, "seeds": [0, 1]}


@pytest.fixture
def program():
    path = os.environ.get("BLIS_PROGRAM")
    if not path:
        pytest.skip("BLIS_PROGRAM does not name the program")
    return path


def test_a_comparison_is_the_programs_byte_for_byte(chat, program):
    run = subprocess.run(
        [program, "compare", chat, "--vary", "engine.max_num_seqs=8,64", "--vary", "replicas=1,2", "--seeds", "0,1",
         "-q", "--output-format", "json"], capture_output=True, text=True, check=True)
    mine = blisim.compare(chat, vary={"engine.max_num_seqs": [8, 64], "replicas": [1, 2]}, seeds=[0, 1])
    assert mine.to_json() == run.stdout


def test_a_comparison_is_a_frame_with_a_row_a_configuration(small):
    pytest.importorskip("pandas")
    comparison = blisim.compare(small, **GRID, prices={"H100": 2.5})
    frame = comparison.frame()
    assert list(frame["replicas"]) == [1, 1, 2, 2, 3, 3]
    assert list(frame["gpus"]) == [1, 1, 2, 2, 3, 3]
    assert len(comparison.points) == 6
    assert "on the Pareto front" in repr(comparison)
    assert comparison._repr_html_().startswith("<iframe srcdoc=")


def test_a_search_is_one_argument(small):
    found = blisim.compare(small, find="max-rate", slo={"p99_ttft_ms": 120})
    assert len(found.points[0]["search"]["trials"]) > 5
    with pytest.raises(blisim.Error, match="no such goal"):
        blisim.compare(small, find="min-rate")


class Inline(concurrent.futures.Executor):
    """Runs at once; fails for the tasks whose number it is given."""

    def __init__(self, fails=()):
        self.fails, self.calls = set(fails), 0

    def submit(self, fn, /, *args, **kwargs):
        future = concurrent.futures.Future()
        self.calls += 1
        if self.calls - 1 in self.fails:
            future.set_exception(concurrent.futures.BrokenExecutor("a worker died"))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def test_objectives_and_spared_seeds_are_the_programs(chat, program):
    run = subprocess.run(
        [program, "compare", chat, "--vary", "engine.max_num_seqs=2,8,64", "--seeds", "0..2", "--pareto",
         "p99_ttft_ms,gpus", "--stop-dominated", "-q", "--output-format", "json"],
        capture_output=True, text=True, check=True)
    mine = blisim.compare(chat, vary={"engine.max_num_seqs": [2, 8, 64]}, seeds=range(3),
                          objectives=["p99_ttft_ms", "gpus"], stop_dominated=True)
    assert mine.to_json() == run.stdout
    with pytest.raises(blisim.Error, match="p42_ttft_ms"):
        blisim.compare(chat, objectives=["p42_ttft_ms"])


def test_a_search_for_the_cheapest_varies_what_the_program_does(chat, program):
    run = subprocess.run([program, "compare", chat, "--find", "min-gpus", "--slo", "p99_ttft_ms=500", "-q",
                          "--output-format", "json"], capture_output=True, text=True, check=True)
    assert blisim.compare(chat, find="min-gpus", slo={"p99_ttft_ms": 500}).to_json() == run.stdout


@pytest.mark.parametrize("wrong, says", [
    ({"vary": {"gpu": "H100"}}, "a list of them"),
    ({"vary": {"tpp": [1]}}, "did you mean `tp`"),
    ({"seeds": [-1]}, "no seed"),
    ({"executor": object()}, "no executor"),
    ({"prices": {"H1000": 2}}, "unknown GPU"),
    ({"executor": concurrent.futures.ThreadPoolExecutor(1), "detect_warmup": True}, "cannot be dealt out"),
    ({"executor": concurrent.futures.ThreadPoolExecutor(1), "find": "min-gpus"}, "cannot be dealt out"),
])
def test_a_mistake_in_a_comparison_is_said(chat, wrong, says):
    with pytest.raises(blisim.Error) as raised:
        blisim.compare(chat, **wrong)
    assert says in str(raised.value)


def test_on_an_executor_it_gives_the_same_bytes(small):
    here = blisim.compare(small, **GRID)
    assert blisim.compare(small, **GRID, executor=Inline(), shards=4).to_json() == here.to_json()
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        assert blisim.compare(small, **GRID, executor=pool).to_json() == here.to_json()


def test_on_a_pool_it_gives_the_same_bytes(small):
    """As multiprocessing has them, and Ray's of the same interface."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert blisim.compare(small, **GRID, executor=pool, shards=4).to_json() == blisim.compare(small, **GRID).to_json()


def test_an_executor_that_was_shut_down_is_a_message(small):
    pool = concurrent.futures.ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(blisim.Error, match="3 of 3 shards came to nothing.*shutdown"):
        blisim.compare(small, **GRID, executor=pool, shards=3)


class Interrupted(Inline):
    """Ctrl-C while it waits for its second task."""

    def __init__(self):
        super().__init__()
        self.pending = []

    def submit(self, fn, /, *args, **kwargs):
        future = super().submit(fn, *args, **kwargs)
        if self.calls == 2:
            future = concurrent.futures.Future()
            future.result = lambda timeout=None: signal.raise_signal(signal.SIGINT)
        if self.calls > 2:
            future = concurrent.futures.Future()
            self.pending.append(future)
        return future


def test_ctrl_c_gives_up_what_an_executor_has_not_begun(small):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    executor = Interrupted()
    try:
        with pytest.raises(KeyboardInterrupt):
            blisim.compare(small, **GRID, executor=executor, shards=4)
    finally:
        signal.signal(signal.SIGINT, before)
    assert [future.cancelled() for future in executor.pending] == [True, True]


def test_what_a_broken_executor_finished_is_not_lost(small, tmp_path):
    with pytest.raises(blisim.Error) as raised:
        blisim.compare(small, **GRID, executor=Inline(fails=[1, 2]), shards=4, folder=tmp_path)
    assert "2 of 4 shards" in str(raised.value) and "a worker died" in str(raised.value)
    again = Inline()
    rest = blisim.compare(small, **GRID, executor=again, shards=4, folder=tmp_path)
    assert again.calls == 2
    assert rest.to_json() == blisim.compare(small, **GRID).to_json()


def test_points_are_kept_in_a_folder(small, tmp_path):
    first = blisim.compare(small, **GRID, folder=tmp_path)
    assert len(list((tmp_path / "points").iterdir())) == 6
    assert blisim.compare(small, **GRID, folder=tmp_path).to_json() == first.to_json()
