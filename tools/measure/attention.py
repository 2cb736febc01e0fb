"""Attention by PyTorch's own kernels: FlashAttention 2 on a GPU. Heads of a group share keys and values.

Decoding, the heads of a group are rows of one small query, as paged kernels have them, so that the keys are read once.
"""
import itertools

import torch

DECODE_COLUMNS = ["batch_size", "ctx", "num_heads", "num_key_value_heads", "head_dim", "us"]
PREFILL_COLUMNS = ["batch_size", "isl", "num_heads", "num_key_value_heads", "head_dim", "us"]
HEADS = [(32, 8, 128), (64, 8, 128), (8, 1, 128), (16, 2, 128), (32, 32, 128), (32, 8, 64), (16, 4, 256)]
BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256]
CONTEXTS = [16, 64, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]
PROMPTS = [16, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768]
LEAST = ([(8, 2, 64)], [1, 2, 4], [16, 32, 48, 64, 96])


def kernel():
    """PyTorch before 2.0 has it under a private name, on the CPU too."""
    public = getattr(torch.nn.functional, "scaled_dot_product_attention", None)
    if public:
        return public
    private = torch.nn.functional._scaled_dot_product_attention
    return lambda q, k, v, is_causal: private(q, k, v, is_causal=is_causal)[0]


def decode_rows(clock, grid):
    heads, batches, contexts = (HEADS, BATCHES, CONTEXTS) if grid == "full" else LEAST
    attend = kernel()
    for (h, kv, dim), batch, context in itertools.product(heads, batches, contexts):
        cache = 4 * batch * context * kv * dim
        copies = clock.copies(cache)
        if copies * cache > clock.free_bytes() / 2:
            continue
        q = clock.empty(batch, kv, h // kv, dim)
        caches = [(clock.empty(batch, kv, context, dim), clock.empty(batch, kv, context, dim)) for _ in range(copies)]
        us = clock.us([lambda k=k, v=v: attend(q, k, v, is_causal=False) for k, v in caches])
        yield [batch, context, h, kv, dim, round(us, 3)]


def prefill_rows(clock, grid):
    heads, batches, prompts = (HEADS, BATCHES, PROMPTS) if grid == "full" else LEAST
    attend = kernel()
    for (h, kv, dim), batch, new in itertools.product(heads, batches, prompts):
        if batch * new > 32768:
            continue
        q, k, v = (clock.empty(batch, n, new, dim) for n in (h, kv, kv))
        k, v = (x.repeat_interleave(h // kv, 1) for x in (k, v))
        us = clock.us([lambda: attend(q, k, v, is_causal=True)])
        yield [batch, new, h, kv, dim, round(us, 3)]
