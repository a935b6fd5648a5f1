"""Runs a diffusers scheduler over an analytic network and records the trajectory; shared by the scripts beside it.

Each script of a family of schedulers (`schedulers_*.py`) lists cases and writes one fixture, from the repository's root:

    python test/reference/schedulers_ddim.py

A case is a dict: `config` (a scheduler_config.json, `_class_name` included, only the fields that differ from the
defaults), `steps` or `timesteps` or `sigmas` (and `mu`), and `arguments` for the scheduler's `step`. The schedulers run
unmodified, in float32 as pipelines run them. Two things are replaced so that other languages can follow: the network,
`network`, a smooth bounded function of the latent and the timestep; and the random numbers, `pseudo_normal`, a small
congruential generator numbered by the draw.
"""

import json
import math
import sys
from pathlib import Path

import diffusers
import torch

SIZE = 16
START = 1000  # the draw whose numbers are the initial noise
ROOT = Path(__file__).resolve().parents[2]


def pseudo_normal(draw):
    """SIZE numbers of mean 0 and variance 1 (uniform, in truth), decided by `draw`; all products stay below 2^53."""
    numbers = []
    for i in range(SIZE):
        seed = (draw * 7919 + i * 104729 + 12345) % 2**21
        numbers.append((((seed * 1103515245 + 12345) % 2**31) / 2**31 - 0.5) * math.sqrt(12))
    return torch.tensor(numbers, dtype=torch.float32).reshape(1, 1, 4, 4)


def network(seen, timestep):
    """What the network outputs, whatever it is said to predict: smooth, and each element looks at its neighbour."""
    flat = seen.double().flatten()
    neighbour = torch.roll(flat, -1)
    output = 0.8 * torch.tanh(0.9 * flat + 0.4 * neighbour + 0.3 * math.cos(float(timestep) / 150))
    return output.float().reshape(seen.shape)


class Draws:
    """Stands in for `randn_tensor` in every scheduler module, and counts."""

    def __init__(self):
        self.count = 0

    def __call__(self, *_, **__):
        self.count += 1
        return pseudo_normal(self.count - 1)


def snapshot(index, latent):
    flat = latent.double().flatten()
    return {"index": index, "first": [float(f"{x:.9g}") for x in flat[:4]], "norm": float(f"{flat.norm():.9g}")}


def run(case, patch=None):
    """Runs one case; `patch(scheduler, draws)` may replace more of a scheduler's randomness. Returns what the fixture stores."""
    config = dict(case["config"])
    scheduler = getattr(diffusers, config["_class_name"]).from_config(config)
    draws = Draws()
    sys.modules[type(scheduler).__module__].randn_tensor = draws
    if patch is not None:
        patch(scheduler, draws)
    plan = {key: case[key] for key in ("timesteps", "sigmas", "mu") if key in case}
    if "timesteps" not in plan and "sigmas" not in plan:
        plan["num_inference_steps"] = case["steps"]
    scheduler.set_timesteps(**plan)
    timesteps = list(scheduler.timesteps)
    count = len(timesteps)
    kept = {0, 1, 2, count // 2, count - 1}
    latent = pseudo_normal(START) * scheduler.init_noise_sigma if hasattr(scheduler, "init_noise_sigma") else pseudo_normal(START)
    snapshots = []
    for index, timestep in enumerate(timesteps):
        seen = scheduler.scale_model_input(latent, timestep) if hasattr(scheduler, "scale_model_input") else latent
        if index in kept:
            snapshots.append(snapshot(index, seen))
        latent = scheduler.step(network(seen, timestep), timestep, latent, **case.get("arguments", {})).prev_sample
    snapshots.append(snapshot(count, latent))
    return {
        **case,
        "evaluations": count,
        "timesteps_seen": [float(f"{float(timesteps[i]):.9g}") for i in sorted({0, 1 % count, count - 1})],
        "snapshots": snapshots,
    }


def write(name, cases, patch=None):
    """Writes `<name>.fixture.json` beside the scheduler classes of the plugins package."""
    path = ROOT / "packages" / "plugins" / "src" / "scheduler-config" / f"{name}.fixture.json"
    results = [run(case, patch) for case in cases]
    header = {"written_by": f"test/reference/{Path(sys.argv[0]).name}", "diffusers": diffusers.__version__, "torch": torch.__version__}
    lines = ",\n".join(json.dumps(result, separators=(",", ":")) for result in results)
    path.write_text(json.dumps(header)[:-1] + ', "cases": [\n' + lines + "\n]}\n")
    print(f"{len(results)} trajectories in {path.relative_to(ROOT)}, {path.stat().st_size // 1024} kB")
