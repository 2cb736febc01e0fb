"""Products of activations and a weight matrix in 16 bits, y[m, n] = x[m, k] w[n, k]: what vLLM leaves to cuBLAS."""
import torch

COLUMNS = ["dtype", "m", "n", "k", "us"]
TOKENS = sorted({2**i for i in range(15)} | {3 * 2**i for i in range(3, 13)})
# Layers of networks of 1 to 70 billion parameters, on one GPU and divided among 2, 4 and 8: (n, k).
SHAPES = [(4096, 4096), (6144, 4096), (28672, 4096), (4096, 14336), (14336, 4096), (4096, 7168), (1536, 4096), (3584, 4096),
          (10240, 8192), (8192, 8192), (57344, 8192), (8192, 28672), (2560, 8192), (14336, 8192), (8192, 7168), (8192, 2048),
          (7168, 5120), (5120, 5120), (27648, 5120), (5120, 13824), (4608, 3584), (37888, 3584), (3584, 18944), (2560, 2048),
          (2048, 2048), (16384, 2048), (2048, 8192), (128256, 4096), (1024, 2048), (2048, 1024)]
LEAST = ([1, 2, 3, 4, 6, 8, 12, 16], [(1024, 512), (2048, 512), (1024, 1024)])


def rows(clock, grid):
    tokens, shapes = (TOKENS, SHAPES) if grid == "full" else LEAST
    for n, k in shapes:
        weights = [clock.empty(n, k) for _ in range(clock.copies(2 * n * k))]
        for m in tokens:
            if 2 * m * (n + k) > clock.free_bytes() / 2:
                continue
            x = clock.empty(m, k)
            us = clock.us([lambda w=w: torch.nn.functional.linear(x, w) for w in weights])
            yield ["bfloat16", m, n, k, round(us, 3)]
