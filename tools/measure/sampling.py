"""One token for each row of logits, as vLLM's sampler does without FlashInfer: greedy, from all, and within top-p.

Top-p sorts the vocabulary, as releases 0.11 to 0.15 did.
"""
import itertools

import torch

COLUMNS = ["kind", "rows", "vocab", "us"]
FULL = ([1, 2, 4, 8, 16, 32, 64, 128, 256], [32768, 128256, 151936, 201088])
LEAST = ([1, 4], [1024])


def greedy(logits):
    return logits.argmax(-1)


def random(logits):
    probabilities = logits.softmax(-1, dtype=torch.float32)
    return probabilities.div_(torch.empty_like(probabilities).exponential_()).argmax(-1)


def top_p(logits):
    ordered, index = logits.sort(-1)
    below = ordered.softmax(-1).cumsum(-1) <= 0.1
    below[:, -1] = False
    kept = ordered.masked_fill(below, float("-inf"))
    return random(torch.empty_like(kept).scatter_(-1, index, kept))


def rows(clock, grid):
    counts, vocabularies = FULL if grid == "full" else LEAST
    for kind, count, vocab in itertools.product((greedy, random, top_p), counts, vocabularies):
        logits = clock.empty(count, vocab).float()
        yield [kind.__name__, count, vocab, round(clock.eager_us(lambda: kind(logits)), 3)]
