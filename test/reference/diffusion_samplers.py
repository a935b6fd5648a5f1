"""Reference tables of the cosine noise schedule, from Hugging Face diffusers.

Run from the repository's root, with torch, numpy and diffusers installed (the fixture names the versions used):

    python test/reference/diffusion_samplers.py

It writes packages/plugins/src/schedules/diffusers-alphas-cumprod.fixture.json, beside the test that reads it. Whole
trajectories of the samplers come from the scripts `schedulers_*.py`.
"""

import json
from pathlib import Path

import diffusers
import torch
from diffusers import DDPMScheduler

SCHEDULES = Path(__file__).resolve().parents[2] / "packages" / "plugins" / "src" / "schedules"


def main():
    origin = {"diffusers": diffusers.__version__, "torch": torch.__version__.split("+")[0]}
    tables = {
        str(timesteps): [
            float(x)
            for x in DDPMScheduler(num_train_timesteps=timesteps, beta_schedule="squaredcos_cap_v2").alphas_cumprod
        ]
        for timesteps in (1000, 100)
    }
    fixture = SCHEDULES / "diffusers-alphas-cumprod.fixture.json"
    fixture.write_text(json.dumps({"origin": origin, "tables": tables}, separators=(",", ":")) + "\n")


main()
