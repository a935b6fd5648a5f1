"""Reference numbers for the noise schedules and samplers, from Hugging Face diffusers.

Run from the repository's root, with torch, numpy and diffusers installed (the fixtures name the versions used):

    python test/reference/diffusion_samplers.py

It writes two fixtures beside the tests that read them:
  packages/plugins/src/schedules/diffusers-alphas-cumprod.fixture.json
  packages/plugins/src/samplers/diffusers-trajectories.fixture.json

The "network" is a rational function of the latent and the time, so that both languages compute it alike; see `clean_of`.
All noise is a small deterministic generator, `pseudo_normal`, fed to diffusers in place of its random numbers.

Two things make the comparison sharp. diffusers' coefficients are float32, and 1 - alpha_t / alpha_s loses four digits
there; `alphas_cumprod` is widened to float64 (the same numbers) so that the rest is computed exactly. And
FlowMatchEulerDiscreteScheduler by default ends at sigma_min = 1 / T before it goes to 0; here it is given its sigmas,
linspace(1, 0, steps + 1) without the last, and appends the 0 itself.
"""

import json
import math
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import DDIMScheduler, DDPMScheduler, EulerDiscreteScheduler, FlowMatchEulerDiscreteScheduler
from diffusers.schedulers import scheduling_ddpm

SIZE = 16
TIMESTEPS = 1000
STEPS = [5, 10, 25, 50, 250]
START = 1000  # the `step` whose pseudo-normal numbers are the initial noise
SOURCE = Path(__file__).resolve().parents[2] / "packages" / "plugins" / "src"


def pseudo_normal(step):
    """SIZE numbers of mean 0 and variance 1 (uniform, in truth), decided by `step`; all products stay below 2^53."""
    numbers = []
    for i in range(SIZE):
        seed = (step * 7919 + i * 104729 + 12345) % 2**21
        numbers.append((((seed * 1103515245 + 12345) % 2**31) / 2**31 - 0.5) * math.sqrt(12))
    return torch.tensor(numbers, dtype=torch.float32).double().reshape(1, 1, 4, 4)


def clean_of(latent, time):
    """The network's clean image: smooth, nonlinear, and each element also looks at its right neighbour."""
    flat = latent.double().flatten()
    neighbour = torch.roll(flat, -1)
    clean = (flat * (1 - time / 2) + 0.3 * neighbour) / (1 + 0.25 * flat * flat)
    return clean.reshape(latent.shape)


def snapshot(step, latent):
    flat = latent.double().flatten()
    return {"step": step, "first": [float(x) for x in flat[:4]], "norm": float(flat.norm())}


def kept(steps):
    return {1, steps // 2, steps}


def discrete(name, scheduler, steps, options, **step_options):
    """DDPM and DDIM: the latent is what the network sees throughout."""
    scheduler.alphas_cumprod = scheduler.alphas_cumprod.double()
    scheduler.set_timesteps(steps)
    latent = pseudo_normal(START)
    snapshots = []
    for index, timestep in enumerate(scheduler.timesteps):
        signal = scheduler.alphas_cumprod[timestep]
        clean = clean_of(latent, int(timestep) / TIMESTEPS)
        epsilon = (latent - signal.sqrt() * clean) / (1 - signal).sqrt()
        if name == "ddpm":
            scheduling_ddpm.randn_tensor = lambda *_, index=index, **__: pseudo_normal(index)
        elif step_options.get("eta"):
            step_options["variance_noise"] = pseudo_normal(index)
        latent = scheduler.step(epsilon, timestep, latent, **step_options).prev_sample
        if index + 1 in kept(steps):
            snapshots.append(snapshot(index + 1, latent))
    return trajectory(name, "cosine", steps, options, scheduler.timesteps.double() / TIMESTEPS, snapshots)


def euler(steps, spacing):
    """EulerDiscreteScheduler keeps latent / alpha; snapshots are scaled back to what the network sees."""
    scheduler = EulerDiscreteScheduler(beta_schedule="squaredcos_cap_v2", timestep_spacing=spacing)
    scheduler.set_timesteps(steps)
    latent = pseudo_normal(START) * scheduler.init_noise_sigma.double()
    snapshots = []
    for index, timestep in enumerate(scheduler.timesteps):
        signal = scheduler.alphas_cumprod[int(timestep)].double()
        seen = scheduler.scale_model_input(latent, timestep)
        clean = clean_of(seen, float(timestep) / TIMESTEPS)
        epsilon = (seen - signal.sqrt() * clean) / (1 - signal).sqrt()
        latent = scheduler.step(epsilon, timestep, latent).prev_sample
        if index + 1 in kept(steps):
            sigma = scheduler.sigmas[index + 1].double()
            snapshots.append(snapshot(index + 1, latent / (sigma**2 + 1).sqrt()))
    return trajectory("euler", "cosine", steps, {"spacing": spacing}, scheduler.timesteps.double() / TIMESTEPS, snapshots)


def flow(steps):
    scheduler = FlowMatchEulerDiscreteScheduler()
    scheduler.set_timesteps(sigmas=np.linspace(1, 0, steps + 1)[:-1])
    latent = pseudo_normal(START)
    snapshots = []
    for index, timestep in enumerate(scheduler.timesteps):
        time = 1 - index / steps
        clean = clean_of(latent, time)
        velocity = (latent - (1 - time) * clean) / time - clean
        latent = scheduler.step(velocity, timestep, latent).prev_sample
        if index + 1 in kept(steps):
            snapshots.append(snapshot(index + 1, latent))
    return trajectory("euler", "flow-matching", steps, {}, scheduler.timesteps.double() / TIMESTEPS, snapshots)


def trajectory(sampler, schedule, steps, options, times, snapshots):
    ends = [float(times[0]), float(times[1]), float(times[-1])]
    return {"sampler": sampler, "schedule": schedule, "steps": steps, "config": options, "times": ends, "snapshots": snapshots}


def ddpm(steps, options, **settings):
    settings = {"clip_sample": False, **settings}
    scheduler = DDPMScheduler(beta_schedule="squaredcos_cap_v2", **settings)
    return discrete("ddpm", scheduler, steps, options)


def ddim(steps, options, eta=0.0, **settings):
    settings = {"clip_sample": False, **settings}
    scheduler = DDIMScheduler(beta_schedule="squaredcos_cap_v2", **settings)
    return discrete("ddim", scheduler, steps, options, eta=eta)


def write(path, value):
    (SOURCE / path).write_text(json.dumps(value, separators=(",", ":")) + "\n")


def main():
    origin = {"diffusers": diffusers.__version__, "torch": torch.__version__.split("+")[0]}
    tables = {
        str(timesteps): [
            float(x)
            for x in DDPMScheduler(num_train_timesteps=timesteps, beta_schedule="squaredcos_cap_v2").alphas_cumprod
        ]
        for timesteps in (1000, 100)
    }
    write("schedules/diffusers-alphas-cumprod.fixture.json", {"origin": origin, "tables": tables})

    trajectories = []
    for steps in STEPS:
        trajectories.append(ddpm(steps, {}))
        trajectories.append(ddpm(steps, {"variance": "fixed_large"}, variance_type="fixed_large"))
        trajectories.append(ddim(steps, {}))
        trajectories.append(ddim(steps, {"eta": 0.7}, eta=0.7))
        trajectories.append(ddim(steps, {"spacing": "trailing"}, timestep_spacing="trailing"))
        trajectories.append(euler(steps, "leading"))
        trajectories.append(flow(steps))
    for steps in (10, 16, 30):
        trajectories.append(ddpm(steps, {"spacing": "trailing"}, timestep_spacing="trailing"))
        trajectories.append(ddpm(steps, {"spacing": "linspace"}, timestep_spacing="linspace"))
    trajectories.append(ddim(25, {"end": "first-timestep"}, set_alpha_to_one=False))
    trajectories.append(ddim(25, {"spacing": "trailing", "end": "first-timestep"}, timestep_spacing="trailing", set_alpha_to_one=False))
    trajectories.append(ddpm(25, {"clipSample": True, "clipSampleRange": 0.5}, clip_sample=True, clip_sample_range=0.5))
    trajectories.append(euler(25, "trailing"))
    write("samplers/diffusers-trajectories.fixture.json", {"origin": origin, "trajectories": trajectories})


main()
