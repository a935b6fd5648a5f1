"""How every script of this folder measures: arguments, repetitions, the summary, the JSON line.

A script times one callable. The first repetitions warm up (allocator, thread pool, kernel selection) and are dropped;
the median of the rest is the result, with the fastest and the slowest beside it, because a machine is seldom idle.
Standard output carries one line of JSON and nothing else; the machine's load goes to standard error.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

import torch

WARM_UP = 3


def read_arguments(description: str, steps: int, shapes: tuple[str, ...] = ()) -> argparse.Namespace:
    """Reads --steps (timed repetitions), --threads and, where there are several, --shape; sets PyTorch up accordingly."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--steps", type=_positive, default=steps, help=f"timed repetitions (default {steps})")
    parser.add_argument("--threads", type=_positive, default=2, help="CPU threads (default 2)")
    if shapes:
        parser.add_argument("--shape", choices=shapes, default=shapes[0], help=f"what is trained (default {shapes[0]})")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    return arguments


def time_repetitions(run: Callable[[], object], repetitions: int, warm_up: int = WARM_UP) -> list[float]:
    """Seconds of each repetition of `run`, after `warm_up` that are not counted."""
    for _ in range(warm_up):
        run()
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return seconds


def training_result(
    peer: str, package: str, batch: int, seconds: list[float], parameters: int, tokens: int | None = None
) -> dict:
    """The result of a training script: samples per second from the median step, and tokens where it says how many."""
    median = statistics.median(seconds)
    return {
        **identity(peer, package),
        "samplesPerSecond": round(batch / median, 2),
        **({} if tokens is None else {"tokensPerSecond": round(tokens / median, 1)}),
        "stepMilliseconds": {
            "median": round(median * 1000, 1),
            "min": round(min(seconds) * 1000, 1),
            "max": round(max(seconds) * 1000, 1),
        },
        "parameters": parameters,
        "peakMemoryMiB": peak_memory_mib(),
    }


def peak_memory_mib() -> int:
    """The most memory this process has held. Linux's own account first: getrusage counts what the parent held there."""
    try:
        with open("/proc/self/status") as status:
            lines = dict(line.split(":", 1) for line in status)
        return round(int(lines["VmHWM"].split()[0]) / 2**10)
    except (OSError, KeyError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return round(peak / (2**20 if sys.platform == "darwin" else 2**10))


def identity(peer: str, package: str) -> dict:
    """Which software was measured, and on how many threads."""
    return {
        "peer": peer,
        "version": version(package),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }


def print_result(result: dict) -> None:
    """Writes the one line of JSON, and the load averages (1, 5, 15 minutes) to standard error."""
    print("load averages:", *(f"{load:.2f}" for load in os.getloadavg()), file=sys.stderr)
    print(json.dumps(result))


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value
