"""Reference random numbers from PyTorch's CPU generator.

Run from the repository's root, with torch installed (the fixture names the version used):

    python test/reference/torch_random.py

It writes packages/core/src/random/torch-random.fixture.json:
  fills     torch.randn(size) straight after torch.manual_seed(seed): the first and last 20 numbers, the float64 sum of all
            and of their absolute values, and the SHA-256 of all of them (float32, little-endian, in order).
  sequences calls of rand, randn and randint in one stream. A call is [name, argument, results]; of long results only
            the last 16 are kept.
  words     that NumPy's MT19937 gives from a key of two words (its `init_by_array`), the first and the 1000th to 1003rd.

Normal numbers are those of a CPU with AVX2: without it PyTorch uses other logarithms and cosines. Seeds are texts because
JSON has no integers of 64 bits.
"""

import hashlib
import json
from pathlib import Path

import numpy
import torch

PATH = Path(__file__).resolve().parents[2] / "packages" / "core" / "src" / "random"
SEEDS = [0, 1, 42, 2**31, 2**63 - 1, 2**64 - 1, -1, -(2**40) - 3]
SIZES = [1, 2, 15, 16, 17, 20, 31, 32, 768, 3072, 10000]
EDGE = 20
SEQUENCES = {
    "5": [
        ("randn", 1), ("rand", 1), ("randn", 1), ("randint", 10), ("randn", 3), ("randn", 16), ("randn", 1),
        ("randint", 2**28 - 1), ("randint", 2**28), ("randint", 2**31), ("randint", 2**32), ("randint", 2**53 - 1),
        ("rand", 1), ("randn", 15), ("randn", 17), ("randn", 2), ("rand", 1), ("randint", 1), ("randn", 768), ("randn", 1),
    ],
    "123456789": [("rand", 1)] * 30 + [("randint", 7)] * 30 + [("randn", 1)] * 9 + [("randn", 40), ("rand", 1)],
}


def nine(value):
    return float(f"{value:.9g}")


def fill(seed, size):
    torch.manual_seed(seed)
    numbers = torch.randn(size)
    values = [nine(x) for x in numbers.tolist()]
    return {
        "seed": str(seed),
        "size": size,
        "head": values[:EDGE],
        "tail": values[-EDGE:],
        "sum": nine(numbers.double().sum().item()),
        "absolute": nine(numbers.double().abs().sum().item()),
        "sha256": hashlib.sha256(numbers.numpy().astype("<f4").tobytes()).hexdigest(),
    }


def call(name, argument):
    if name == "randint":
        return [name, argument, torch.randint(argument, (1,)).tolist()]
    results = (torch.rand if name == "rand" else torch.randn)(argument)
    return [name, argument, [nine(x) for x in results.tolist()][-16:]]


def sequence(seed, calls):
    torch.manual_seed(int(seed))
    return {"seed": seed, "calls": [call(*one) for one in calls]}


def keyed_words(key):
    generator = numpy.random.RandomState(key)
    words = [int(generator.randint(0, 2**32, dtype=numpy.uint64)) for _ in range(1003)]
    return {"key": key, "first": words[0], "later": words[999:]}


fixture = {
    "origin": {"torch": torch.__version__.split("+")[0], "cpu": torch.backends.cpu.get_cpu_capability()},
    "fills": [fill(seed, size) for seed in SEEDS for size in SIZES],
    "sequences": [sequence(seed, calls) for seed, calls in SEQUENCES.items()],
    "words": [keyed_words(key) for key in ([1, 2], [0xFFFFFFFF, 0x80000000], list(range(700)))],
}
(PATH / "torch-random.fixture.json").write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
