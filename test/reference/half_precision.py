"""Writes the reference numbers for the half precision conversions, as JSON on standard output.

float16 numbers come from numpy, bfloat16 numbers from PyTorch:

    python test/reference/half_precision.py > packages/core/src/params/half-precision.fixture.json

`cases` holds hand-picked float32 bit patterns with their float16 and bfloat16 bits, all as hexadecimal.
`digests` holds SHA-256 sums, over little-endian bytes, of conversions too many to list; NaN counts as 0 in them.
"""

import hashlib
import json
import sys

import numpy as np
import torch


def to_float16(bits):
    with np.errstate(over="ignore", under="ignore"):
        return bits.view(np.float32).astype(np.float16).view(np.uint16)


def to_bfloat16(bits):
    values = torch.from_numpy(bits.view(np.float32).copy())
    return values.to(torch.bfloat16).view(torch.int16).numpy().view(np.uint16)


def widened_bfloat16(halves):
    values = torch.from_numpy(halves.view(np.int16).copy()).view(torch.bfloat16)
    return values.to(torch.float32).numpy()


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def without_nan(bits):
    return bits[~np.isnan(bits.view(np.float32))]


def around_midpoints(widened):
    """The float32 patterns at, just below and just above the middle of each two neighbours, of both signs."""
    finite = np.sort(widened[np.isfinite(widened) & (widened >= 0) & ~np.signbit(widened)].astype(np.float64))
    middles = ((finite[:-1] + finite[1:]) / 2).astype(np.float32).view(np.uint32)
    positive = np.stack([middles - 1, middles, middles + 1], axis=1).reshape(-1)
    return np.concatenate([positive, positive | np.uint32(0x80000000)])


every = np.arange(65536, dtype=np.uint32).astype(np.uint16)
float16_widened = every.view(np.float16).astype(np.float32)
bfloat16_widened = widened_bfloat16(every)

# A walk over all float32 patterns in steps of 2^32 / golden ratio.
walk = (np.arange(1 << 19, dtype=np.uint64) * 0x9E3779B1 & 0xFFFFFFFF).astype(np.uint32)
walk = without_nan(walk)

numbers = [
    0.0, 1.0, 0.1, 1 / 3, np.pi, 2.0**-14, 2.0**-15, 2.0**-24, 2.0**-25, 1.5 * 2.0**-25, 3 * 2.0**-25, 2.0**-26,
    2.0**-14 - 2.0**-25, 2.0**-14 - 2.0**-26, 1 + 2.0**-11, 1 + 3 * 2.0**-11, 1 + 2.0**-8, 1 + 3 * 2.0**-8,
    2047.0, 2048.0, 2049.0, 2051.0, 65504.0, 65519.0, 65519.996, 65520.0, 65536.0, 1e10, 3.3895314e38, 3.396e38,
    3.4028235e38, 2.0**-126, 2.0**-127, 2.0**-133, 2.0**-134, 2.0**-149, np.inf,
]  # fmt: skip
positive = np.array(numbers, dtype=np.float32).view(np.uint32)
cases = np.concatenate([positive, positive | np.uint32(0x80000000)])

json.dump(
    {
        "origin": f"test/reference/half_precision.py, numpy {np.__version__}, torch {torch.__version__}",
        "cases": [
            {"float32": f"{a:08x}", "float16": f"{b:04x}", "bfloat16": f"{c:04x}"}
            for a, b, c in zip(cases, to_float16(cases), to_bfloat16(cases))
        ],
        "digests": {
            "float16Widened": digest(np.where(np.isnan(float16_widened), np.float32(0), float16_widened)),
            "bfloat16Widened": digest(np.where(np.isnan(bfloat16_widened), np.float32(0), bfloat16_widened)),
            "walkToFloat16": digest(to_float16(walk)),
            "walkToBfloat16": digest(to_bfloat16(walk)),
            "midpointsToFloat16": digest(to_float16(around_midpoints(float16_widened))),
            "midpointsToBfloat16": digest(to_bfloat16(around_midpoints(bfloat16_widened))),
        },
    },
    sys.stdout,
    indent=1,
)
print()
