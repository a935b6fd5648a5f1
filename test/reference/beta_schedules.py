"""Reference tables of the discrete noise schedules, from Hugging Face diffusers.

Run from the repository's root, with torch and diffusers installed (the fixture names the versions used):

    python test/reference/beta_schedules.py

It writes packages/plugins/src/schedules/diffusers-beta-schedules.fixture.json: for every schedule and setting the
number of entries of `alphas_cumprod`, the SHA-256 of all of them (float32, little-endian, in order), their sum in
float64, and some entries by timestep. Short tables are there whole.

One operation of PyTorch is not reproducible elsewhere: its vectorised float32 square root, from Intel's MKL, misses
the nearest float32 in about 6 of 1000 cases. Only the rescaling to zero terminal SNR takes square roots. The SHA-256 is
of the table with every root rounded correctly; the entries and the sum are those of diffusers as it stands.

DDPMScheduler knows all of the schedules but `exp`, which HeunDiscreteScheduler has without the rescaling to zero terminal
SNR; its betas are handed to DDPMScheduler as given betas, so the rescaling and the product are diffusers' own throughout.
"""

import hashlib
import json
from pathlib import Path

import diffusers
import torch
from diffusers import DDPMScheduler, HeunDiscreteScheduler

PATH = Path(__file__).resolve().parents[2] / "packages" / "plugins" / "src" / "schedules"
NAMES = {
    "linear": "linear",
    "scaled-linear": "scaled_linear",
    "cosine": "squaredcos_cap_v2",
    "sigmoid": "sigmoid",
    "laplace": "laplace",
}
RANGES = [{}, {"betaStart": 0.00085, "betaEnd": 0.012}, {"betaStart": 0.03, "betaEnd": 0.001}]
LENGTHS = [2, 10, 100, 1000, 4000]
GIVEN = [[0.25], [0.1, 0.2, 0.3], [0.001 + 0.0137 * ((7 * n) % 11) for n in range(40)], [0.1, 0.5, 1.0]]
WHOLE = 10


plain_sqrt = torch.Tensor.sqrt


def exact_sqrt(tensor):
    """The float64 root of a float32 number, rounded to float32, is the correctly rounded float32 root."""
    return plain_sqrt(tensor.double()).float()


def scheduler(name, settings):
    """The DDPM scheduler that the settings describe."""
    rescale = settings["zeroTerminalSnr"]
    if name == "trained-betas":
        betas = settings["betas"]
        return DDPMScheduler(trained_betas=betas, num_train_timesteps=len(betas), rescale_betas_zero_snr=rescale)
    timesteps = settings["timesteps"]
    if name == "exp":
        betas = HeunDiscreteScheduler(num_train_timesteps=timesteps, beta_schedule="exp").betas.tolist()
        return DDPMScheduler(trained_betas=betas, num_train_timesteps=timesteps, rescale_betas_zero_snr=rescale)
    ends = {"beta_start": settings["betaStart"], "beta_end": settings["betaEnd"]} if "betaStart" in settings else {}
    return DDPMScheduler(
        num_train_timesteps=timesteps, beta_schedule=NAMES[name], rescale_betas_zero_snr=rescale, **ends
    )


def case(name, settings):
    torch.Tensor.sqrt = exact_sqrt
    exact = scheduler(name, settings).alphas_cumprod
    torch.Tensor.sqrt = plain_sqrt
    table = scheduler(name, settings).alphas_cumprod
    assert settings["zeroTerminalSnr"] or torch.equal(exact, table)
    assert table.dtype == torch.float32 and not table.isnan().any(), (name, settings)
    length = len(table)
    kept = range(length) if length <= WHOLE else sorted({0, 1, length // 3, length // 2, length - 2, length - 1})
    return {
        "name": name,
        "settings": settings,
        "length": length,
        "sha256": hashlib.sha256(exact.numpy().astype("<f4").tobytes()).hexdigest(),
        "sum": float(f"{table.double().sum().item():.9g}"),
        "entries": {str(n): float(f"{table[n].item():.9g}") for n in kept},
    }


def settings_of(name):
    """Every combination of settings of one schedule."""
    for zero in (False, True):
        if name == "trained-betas":
            yield from ({"betas": betas, "zeroTerminalSnr": zero} for betas in GIVEN if len(betas) > 1 or not zero)
            continue
        for ends in RANGES if name in ("linear", "scaled-linear", "sigmoid") else [{}]:
            for timesteps in LENGTHS:
                yield {"timesteps": timesteps, **ends, "zeroTerminalSnr": zero}


cases = [case(name, settings) for name in [*NAMES, "exp", "trained-betas"] for settings in settings_of(name)]
origin = {
    "diffusers": diffusers.__version__,
    "torch": torch.__version__.split("+")[0],
    "cpu": torch.backends.cpu.get_cpu_capability(),
}
lines = ",\n".join(json.dumps(entry) for entry in cases)
text = f'{{"origin":{json.dumps(origin)},"cases":[\n{lines}\n]}}\n'
(PATH / "diffusers-beta-schedules.fixture.json").write_text(text)
