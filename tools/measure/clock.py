"""How long a call takes on the device, in microseconds, with its inputs out of the cache."""
import math
import time

import torch

FEWEST = 5  # timed passes, however long one takes


class Clock:
    """On CUDA a pass is a captured graph between two events, so that launching costs nothing, as in vLLM's decoding;
    on the CPU the wall clock."""

    def __init__(self, device, seconds, l2_bytes):
        self.device = torch.device(device)
        self.cuda = self.device.type == "cuda"
        self.seconds = seconds  # for which each point is timed
        self.l2_bytes = l2_bytes or 64 * 2**20
        self.dtype = torch.bfloat16

    def name(self):
        return torch.cuda.get_device_name(self.device) if self.cuda else "CPU"

    def free_bytes(self):
        return torch.cuda.mem_get_info(self.device)[0] if self.cuda else 2**30

    def empty(self, *shape):
        """Not zeros: a GPU multiplies those at higher clocks than numbers."""
        return torch.randn(*shape, device=self.device, dtype=torch.float32).to(self.dtype)

    def copies(self, size):
        """How many sets of inputs of `size` bytes make each one cold when its turn comes again."""
        return max(1, min(64, math.ceil(2 * self.l2_bytes / max(size, 1))))

    def synchronize(self):
        if self.cuda:
            torch.cuda.synchronize(self.device)

    def us(self, calls):
        """Median time of one of `calls`, which run one after the other."""
        for call in calls:
            call()
        run = self._captured(calls) if self.cuda else lambda: [call() for call in calls]
        return self._median(run) / len(calls)

    def eager_us(self, call):
        """Median time of `call` with its launches, as beyond captured graphs."""
        call()
        return self._median(call)

    def _captured(self, calls):
        self.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            for call in calls:
                call()
        graph.replay()
        return graph.replay

    def _median(self, run):
        passes = []
        until = time.perf_counter() + self.seconds
        while len(passes) < FEWEST or time.perf_counter() < until:
            passes.append(self.once(run))
        return sorted(passes)[len(passes) // 2]

    def once(self, run):
        self.synchronize()
        if not self.cuda:
            start = time.perf_counter()
            run()
            return (time.perf_counter() - start) * 1e6
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        run()
        end.record()
        self.synchronize()
        return start.elapsed_time(end) * 1e3
