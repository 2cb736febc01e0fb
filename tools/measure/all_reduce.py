"""Sums over all GPUs of this machine, by NCCL (gloo on the CPU): what vLLM takes where its own kernel cannot go."""
import datetime
import os
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from clock import Clock

COLUMNS = ["backend", "num_gpus", "bytes", "us"]
SIZES = [2**i for i in range(8, 29)]
LEAST = [2**i for i in range(8, 15, 2)]
TOGETHER = 20


def rows(clock, grid):
    sizes = SIZES if grid == "full" else LEAST
    present = torch.cuda.device_count() if clock.cuda else 2
    for gpus in [n for n in (2, 4, 8) if n <= present]:
        for size, us in times(clock, gpus, sizes):
            yield ["nccl" if clock.cuda else "gloo", gpus, size, round(us, 3)]


def times(clock, gpus, sizes):
    """(bytes, us) as the first of `gpus` processes has them."""
    with tempfile.TemporaryDirectory() as folder:
        meeting = os.path.join(folder, "meeting")
        result = os.path.join(folder, "times")
        mp.spawn(_rank, (gpus, meeting, result, sizes, clock.cuda, clock.seconds), nprocs=gpus)
        return torch.load(result)


def _rank(rank, gpus, meeting, result, sizes, cuda, seconds):
    dist.init_process_group("nccl" if cuda else "gloo", f"file://{meeting}", rank=rank, world_size=gpus,
                            timeout=datetime.timedelta(seconds=60))
    if cuda:
        torch.cuda.set_device(rank)
    clock = Clock(f"cuda:{rank}" if cuda else "cpu", seconds, 0)
    measured = [(size, _us(clock, torch.zeros(size // 2, dtype=torch.float16, device=clock.device))) for size in sizes]
    if rank == 0:
        torch.save(measured, result)
    dist.destroy_process_group()


def _us(clock, x):
    """Twenty in a row, so that the next is launched while one runs. All ranks repeat that equally often: as often as
    it fits into the time on the slowest."""
    def run():
        for _ in range(TOGETHER):
            dist.all_reduce(x)

    run()
    longest = torch.tensor([clock.once(run)], device=x.device)
    dist.all_reduce(longest, op=dist.ReduceOp.MAX)
    passes = sorted(clock.once(run) for _ in range(int(max(5, min(1000, clock.seconds * 1e6 / longest.item())))))
    return passes[len(passes) // 2] / TOGETHER
