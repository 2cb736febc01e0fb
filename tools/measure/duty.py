"""How arithmetic slows as the board heats up: a large product, repeated with pauses that leave it a share of the time.

Clock and power are what nvidia-smi reads meanwhile; without it these columns are empty.
"""
import subprocess
import time

import torch

COLUMNS = ["share", "n", "us", "sm_mhz", "watts"]


def rows(clock, grid):
    n, seconds = (8192, 4.0) if grid == "full" else (64, 0.05)
    x, w = clock.empty(n, n), clock.empty(n, n)
    for share in [0.1, 0.25, 0.5, 0.75, 0.9, 1.0]:
        us = median_at(clock, share, lambda: torch.nn.functional.linear(x, w), seconds)
        yield [share, n, round(us, 3), *board(clock)]


def median_at(clock, share, call, seconds):
    """Of the second half, when the clocks have settled."""
    call()
    passes = []
    start = time.perf_counter()
    while len(passes) < 4 or time.perf_counter() < start + seconds:
        passes.append(clock.once(call))
        time.sleep(passes[-1] / 1e6 * (1 / share - 1))
    settled = sorted(passes[len(passes) // 2:])
    return settled[len(settled) // 2]


def board(clock):
    if not clock.cuda:
        return ["", ""]
    try:
        text = subprocess.run(["nvidia-smi", "--query-gpu=clocks.sm,power.draw", "--format=csv,noheader,nounits",
                               f"--id={torch.cuda.current_device()}"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ["", ""]
    return [field.strip() for field in text.splitlines()[0].split(",")]
