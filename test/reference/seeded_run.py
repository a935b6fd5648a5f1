"""Whole seeded runs of diffusers schedulers, their noise drawn by torch's CPU generator, for the test of seed parity.

Run from the repository's root, with torch and diffusers installed:

    python test/reference/seeded_run.py

It writes test/seeded-run.fixture.json. The latent is [1, 3, 8, 8], drawn with a generator of the seed, which then draws
the noise of every step, as pipelines do. The network is a smooth function of the latent and the timestep.
"""

import json
import math
from pathlib import Path

import diffusers
import torch

FILE = Path(__file__).resolve().parents[1] / "seeded-run.fixture.json"
CASES = [
    {"config": {"_class_name": "DDPMScheduler", "beta_schedule": "squaredcos_cap_v2", "clip_sample": False}, "steps": 20, "seed": 0},
    {"config": {"_class_name": "DDIMScheduler", "beta_schedule": "scaled_linear", "clip_sample": False, "timestep_spacing": "trailing"}, "steps": 12, "seed": 42, "arguments": {"eta": 0.8}},
    {"config": {"_class_name": "EulerAncestralDiscreteScheduler", "prediction_type": "v_prediction"}, "steps": 10, "seed": 7},
    {"config": {"_class_name": "FlowMatchEulerDiscreteScheduler", "stochastic_sampling": True, "shift": 3.0}, "steps": 8, "seed": 123456789},
]


def network(seen, timestep):
    flat = seen.double().flatten()
    output = 0.8 * torch.tanh(0.9 * flat + 0.4 * torch.roll(flat, -1) + 0.3 * math.cos(float(timestep) / 150))
    return output.float().reshape(seen.shape)


def run(case):
    scheduler = getattr(diffusers, case["config"]["_class_name"]).from_config(case["config"])
    generator = torch.Generator().manual_seed(case["seed"])
    scheduler.set_timesteps(case["steps"])
    latent = torch.randn((1, 3, 8, 8), generator=generator) * getattr(scheduler, "init_noise_sigma", 1.0)
    for timestep in scheduler.timesteps:
        seen = scheduler.scale_model_input(latent, timestep) if hasattr(scheduler, "scale_model_input") else latent
        latent = scheduler.step(network(seen, timestep), timestep, latent, generator=generator, **case.get("arguments", {})).prev_sample
    return {**case, "latent": [float(f"{x:.7g}") for x in latent.flatten()]}


header = {"written_by": "test/reference/seeded_run.py", "diffusers": diffusers.__version__, "torch": torch.__version__}
lines = ",\n".join(json.dumps(run(case), separators=(",", ":")) for case in CASES)
FILE.write_text(json.dumps(header)[:-1] + ', "cases": [\n' + lines + "\n]}\n")
print(FILE.stat().st_size // 1024, "kB")
