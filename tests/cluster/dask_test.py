"""A sweep on Dask: two workers, of which one dies in the middle; then from a copy of the checkout, where nothing is left
to do. The bytes of one machine each time.

    dask_test.py SWEEP
"""

import os
import pathlib
import shutil
import signal
import sys
import tempfile

import blisim
from distributed import Client, LocalCluster


class Idle:
    """An executor that nobody should need."""

    def submit(self, *_):
        raise AssertionError("a shard was simulated again")


def main():
    given = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        first, second, kept = (pathlib.Path(work, name) for name in ("first", "second", "kept"))
        first.mkdir()
        for name in (given.name, "scenario.yaml"):
            shutil.copy(given.parent / name, first)
        here = blisim.compare(first / given.name, threads=1)
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, \
                Client(cluster) as client:
            victim = next(iter(client.run(os.getpid).values()))
            killed_after = []

            def kill_in_the_middle(finished, expected):
                if not killed_after and finished >= expected // 4:
                    killed_after.append(finished)
                    os.kill(victim, signal.SIGKILL)

            there = blisim.compare(first / given.name, executor=client, shards=20, folder=kept,
                                   progress=kill_in_the_middle)
        assert killed_after and killed_after[0] < 20
        assert there.to_json() == here.to_json()
        shutil.copytree(first, second)
        shutil.rmtree(first)
        copied = blisim.compare(second / given.name, executor=Idle(), shards=20, folder=kept)
        assert copied.to_json().replace(f"{second}/", f"{first}/") == here.to_json()
        points = len(here.points)
    print(f"dask_test: a worker killed after {killed_after[0]} of 20 shards of {points} points, then another checkout: "
          "the bytes of one machine")


if __name__ == "__main__":
    main()
