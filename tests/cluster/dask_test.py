"""A sweep on Dask: two workers, of which one dies in the middle; the bytes of one machine.

    dask_test.py SWEEP
"""

import os
import signal
import sys

import blisim
from distributed import Client, LocalCluster


def main():
    sweep = sys.argv[1]
    here = blisim.compare(sweep, threads=1)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        victim = next(iter(client.run(os.getpid).values()))
        killed_after = []

        def kill_in_the_middle(finished, expected):
            if not killed_after and finished >= expected // 4:
                killed_after.append(finished)
                os.kill(victim, signal.SIGKILL)

        there = blisim.compare(sweep, executor=client, shards=50, progress=kill_in_the_middle)
    assert killed_after and killed_after[0] < 50
    assert there.to_json() == here.to_json()
    print(f"dask_test: a worker killed after {killed_after[0]} of 50 shards: the bytes of one machine")


if __name__ == "__main__":
    main()
