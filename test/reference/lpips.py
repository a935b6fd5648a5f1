"""Reference numbers for the perceptual distance LPIPS, computed by PyTorch in float64.

Run from the repository's root, with torch and numpy installed (the fixture names the version used):

    python test/reference/lpips.py

It writes packages/adapters/src/vae/perceptual-distance.fixture.json. The network is written out here after the paper
(Zhang et al. 2018, arXiv 1801.03924, equation 1) and the table of VGG16 (configuration D of Simonyan and Zisserman 2015),
with a few channels per stage in place of 64 to 512; weights and pictures come from `wave`, which both languages compute
alike. Arrays are channels last, as base64 of little-endian float32.
"""

import base64
import json
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import conv2d, max_pool2d

torch.set_num_threads(1)
TARGET = Path(__file__).resolve().parents[2] / "packages" / "adapters" / "src" / "vae"
CHANNELS = [4, 6, 8, 6, 8]
CONVOLUTIONS = [2, 2, 3, 3, 3]
MEAN = [-0.030, -0.088, -0.188]
DEVIATION = [0.458, 0.448, 0.450]
SIGNIFICANT = 9


def wave(stream, count):
    """Numbers of irregular sign in [-1, 1], decided by the stream's number; also in test/support/tiny-numbers.ts."""
    index = np.arange(count, dtype=np.float64)
    return np.sin(1.3 * (stream + 1) + 0.37 * index + 0.011 * index * index)


def waves(stream, shape):
    """A float64 tensor of the values that float32 has room for."""
    values = wave(stream, int(np.prod(shape))).astype(np.float32).astype(np.float64)
    return torch.from_numpy(values).reshape(shape)


def image(stream, batch, height, width):
    """Numbers laid out channels last, handed to PyTorch channels first."""
    return waves(stream, [batch, height, width, 3]).permute(0, 3, 1, 2)


def layer_numbers():
    """Numbers of the convolutions among torchvision's layers, stage by stage: each has a ReLU after it, each stage a pool."""
    number, stages = 0, []
    for count in CONVOLUTIONS:
        stages.append([number + 2 * index for index in range(count)])
        number += 2 * count + 1
    return stages


def parameter_shapes():
    shapes, inputs = {}, 3
    for stage, numbers in enumerate(layer_numbers()):
        for number in numbers:
            shapes[f"features.{number}.weight"] = [CHANNELS[stage], inputs, 3, 3]
            shapes[f"features.{number}.bias"] = [CHANNELS[stage]]
            inputs = CHANNELS[stage]
        shapes[f"lin{stage}.weight"] = [1, CHANNELS[stage], 1, 1]
    return shapes


def filled(shapes):
    """One stream per parameter in alphabetical order; weights of stages are not negative, as learned ones are."""
    state = {}
    for stream, name in enumerate(sorted(shapes)):
        values = waves(stream, shapes[name])
        values = values * 0.1 if name.endswith(".bias") else values * float(np.sqrt(2 / np.prod(shapes[name][1:])))
        state[name] = (values.abs() if name.startswith("lin") else values).float().double()
    return state


def features(state, pixels):
    as_channels = lambda numbers: torch.tensor(numbers, dtype=torch.float64).reshape(1, 3, 1, 1)
    x = (pixels - as_channels(MEAN)) / as_channels(DEVIATION)
    for stage, numbers in enumerate(layer_numbers()):
        if stage > 0:
            x = max_pool2d(x, 2, 2)
        for number in numbers:
            x = conv2d(x, state[f"features.{number}.weight"], state[f"features.{number}.bias"], padding=1).relu()
        yield x / (x.square().sum(1, keepdim=True).sqrt() + 1e-10)


def distance(state, one, other):
    total = 0
    for stage, (left, right) in enumerate(zip(features(state, one), features(state, other))):
        total = total + conv2d((left - right).square(), state[f"lin{stage}.weight"]).mean([2, 3])[:, 0]
    return total


def packed(tensor):
    """Channels last, as base64 of float32. Takes [B, C, H, W]."""
    values = tensor.detach().permute(0, 2, 3, 1).contiguous().numpy().astype("<f4")
    return {"shape": list(values.shape), "base64": base64.b64encode(values.tobytes()).decode()}


def rounded(value):
    return float(f"{value:.{SIGNIFICANT}g}")


shapes = parameter_shapes()
state = filled(shapes)
pixels = image(950, 2, 24, 16)
decoded = image(951, 2, 24, 16).requires_grad_()
distances = distance(state, pixels, decoded)
distances.mean().backward()
content = {
    "versions": {"torch": torch.__version__.split("+")[0]},
    "channels": CHANNELS,
    "shapes": dict(sorted(shapes.items())),
    "pictures": [2, 24, 16, 3],
    "distances": [rounded(value) for value in distances.tolist()],
    "gradient": packed(decoded.grad),
}
(TARGET / "perceptual-distance.fixture.json").write_text(json.dumps(content, indent=1) + "\n")
