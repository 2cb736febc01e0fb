"""Comparisons from Python: the bytes of the program, frames, executors."""

import concurrent.futures
import os
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


def test_on_an_executor_it_gives_the_same_bytes(small):
    here = blisim.compare(small, **GRID)
    assert blisim.compare(small, **GRID, executor=Inline(), shards=4).to_json() == here.to_json()
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        assert blisim.compare(small, **GRID, executor=pool).to_json() == here.to_json()


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
