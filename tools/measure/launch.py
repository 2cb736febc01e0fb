"""What the host needs to launch one kernel: a chain of element-wise products so small that the GPU waits for each."""
COLUMNS = ["kernels", "us"]


def rows(clock, grid):
    x = clock.empty(16)

    def chain(kernels):
        for _ in range(kernels):
            x.mul_(1.0)

    for kernels in [1, 10, 100, 1000] if grid == "full" else [1, 10]:
        yield [kernels, round(clock.eager_us(lambda: chain(kernels)), 3)]
