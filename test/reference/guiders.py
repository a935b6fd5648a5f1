"""Reference numbers for the guiders, from diffusers' own guiders where it has them, else from the papers' formulas.

Run from the repository's root, with torch and diffusers installed:

    python test/reference/guiders.py

It writes packages/plugins/src/guiders/guiders.fixture.json. Outputs of the branches are `wave`s, which the test computes
too; the latent's shape is [4, 4, 3], channels last.
"""

import json
import math
from pathlib import Path

import diffusers
import torch
from diffusers.guiders.adaptive_projected_guidance import MomentumBuffer, normalized_guidance
from diffusers.guiders.classifier_free_guidance import ClassifierFreeGuidance
from diffusers.guiders.classifier_free_zero_star_guidance import cfg_zero_star_scale
from diffusers.guiders.guider_utils import rescale_noise_cfg

SHAPE = (1, 4, 4, 3)
FILE = Path(__file__).resolve().parents[2] / "packages" / "plugins" / "src" / "guiders" / "guiders.fixture.json"


def wave(stream):
    numbers = [math.sin(1.3 * (stream + 1) + 0.37 * i + 0.011 * i * i) for i in range(math.prod(SHAPE))]
    return torch.tensor(numbers, dtype=torch.float32).reshape(SHAPE)


def listed(tensor):
    return [float(f"{x:.9g}") for x in tensor.flatten()]


conditional, without_text, without_blocks, nothing = wave(0), wave(1), wave(2), wave(3)
cases = []


def case(name, settings, result, memory=None):
    cases.append({"guider": name, "settings": settings, "guided": listed(result), **({"evaluations": memory} if memory else {})})


for scale in (0.0, 3.0, 7.5):
    guided = ClassifierFreeGuidance(guidance_scale=scale).forward(conditional, without_text).pred
    case("classifier-free", {"scale": scale}, guided)
    alpha = cfg_zero_star_scale(conditional.flatten(1), without_text.flatten(1)).reshape(1, 1, 1, 1)
    case("cfg-zero-star", {"scale": scale, "zeroSteps": 0}, without_text * alpha + scale * (conditional - without_text * alpha))

for factor in (0.3, 0.7, 1.0):
    guided = without_text + 5 * (conditional - without_text)
    case("classifier-free+rescale", {"scale": 5, "factor": factor}, rescale_noise_cfg(guided, conditional, factor))

# Two evaluations, so that the momentum matters; the second sees other outputs.
for settings in (
    {"scale": 5, "eta": 0, "momentum": -0.5, "normThreshold": 0},
    {"scale": 3, "eta": 1, "momentum": 0, "normThreshold": 2.5},
    {"scale": 8, "eta": 0.3, "momentum": 0.5, "normThreshold": 4},
):
    buffer = MomentumBuffer(settings["momentum"])
    for pair in ((conditional, without_text), (without_blocks, nothing)):
        guided = normalized_guidance(
            *pair, settings["scale"] - 1, buffer, settings["eta"], settings["normThreshold"], use_original_formulation=True
        )
    case("adaptive-projected", {**settings, "space": "output"}, guided, memory=2)

# BAGEL's three ways of renormalising (formulas of its paper, section on inference), text scale 4, image scale 2.
text = without_text + 4 * (conditional - without_text)
both = without_blocks + 2 * (text - without_blocks)
for least in (0.0, 0.4):
    clamp = lambda ratio: ratio.clamp(min=least, max=1)
    whole = clamp(conditional.norm() / (both.norm() + 1e-8))
    case("bagel global", {"minimum": least}, both * whole)
    channel = clamp(conditional.norm(dim=-1, keepdim=True) / (both.norm(dim=-1, keepdim=True) + 1e-8))
    case("bagel channel", {"minimum": least}, both * channel)
    by_text = text * clamp(conditional.norm(dim=-1, keepdim=True) / (text.norm(dim=-1, keepdim=True) + 1e-8))
    case("bagel text-channel", {"minimum": least}, without_blocks + 2 * (by_text - without_blocks))

# InstructPix2Pix, equation 3.
pix2pix = nothing + 1.5 * (without_text - nothing) + 7.5 * (conditional - without_text)
case("text-and-image", {"textScale": 7.5, "imageScale": 1.5}, pix2pix)

header = {"written_by": "test/reference/guiders.py", "diffusers": diffusers.__version__, "torch": torch.__version__}
FILE.write_text(json.dumps(header)[:-1] + ', "cases": [\n' + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]}\n")
print(f"{len(cases)} cases, {FILE.stat().st_size // 1024} kB")
