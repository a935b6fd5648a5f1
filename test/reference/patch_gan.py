"""Reference numbers for adversarial training of an autoencoder, computed by PyTorch and diffusers in float64.

Run from the repository's root, with torch, diffusers and numpy installed (the fixture names the versions used):

    python test/reference/patch_gan.py

It writes packages/adapters/src/vae/patch-discriminator.fixture.json: scores of discriminators of patches (Isola et al. 2017,
with group normalization), and one training step of a small AutoencoderKL against one, with the hinge loss and the adaptive
weight of Esser et al. 2021 (arXiv 2012.09841, equation 7): losses, the weight, and marks of every gradient. Weights and
pictures come from `wave`, which both languages compute alike. Arrays are channels last, as base64 of little-endian float32.
"""

import base64
import json
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import nn

torch.set_num_threads(1)
TARGET = Path(__file__).resolve().parents[2] / "packages" / "adapters" / "src" / "vae"
SIGNIFICANT = 9


def wave(stream, count):
    """Numbers of irregular sign in [-1, 1], decided by the stream's number; also in test/support/tiny-numbers.ts."""
    index = np.arange(count, dtype=np.float64)
    return np.sin(1.3 * (stream + 1) + 0.37 * index + 0.011 * index * index)


def waves(stream, shape):
    """A float64 tensor of the values that float32 has room for."""
    values = wave(stream, int(np.prod(shape))).astype(np.float32).astype(np.float64)
    return torch.from_numpy(values).reshape(shape)


def image(stream, batch, height, width, channels):
    """Numbers laid out channels last, handed to PyTorch channels first."""
    return waves(stream, [batch, height, width, channels]).permute(0, 3, 1, 2)


def fill(model):
    """One stream per parameter in alphabetical order: gains around 1, small biases, the rest by its number of inputs."""
    state = model.state_dict()
    filled = {}
    for stream, name in enumerate(sorted(state)):
        shape = list(state[name].shape)
        values = waves(stream, shape)
        if len(shape) > 1:
            values = values * float(np.sqrt(2 / np.prod(shape[1:])))
        elif name.endswith(".bias"):
            values = values * 0.1
        else:
            values = 1 + 0.2 * values
        filled[name] = values.float().double()
    model.double().load_state_dict(filled)
    return model.eval()


class PatchDiscriminator(nn.Module):
    """4 x 4 windows: `layers` that halve the sides and double the channels (up to 8 times), one that does not halve, the scores."""

    def __init__(self, channels, layers, groups):
        super().__init__()
        parts = [nn.Conv2d(3, channels, 4, 2, 1), nn.LeakyReLU(0.2)]
        width = channels
        for layer in range(1, layers + 1):
            wider = channels * min(2**layer, 8)
            stride = 2 if layer < layers else 1
            parts += [nn.Conv2d(width, wider, 4, stride, 1, bias=False), nn.GroupNorm(groups, wider, eps=1e-6)]
            parts += [nn.LeakyReLU(0.2)]
            width = wider
        self.main = nn.Sequential(*parts, nn.Conv2d(width, 1, 4, 1, 1))

    def forward(self, pixels):
        return self.main(pixels)


def packed(tensor):
    """Channels last, as base64 of float32. Takes [B, C, H, W]."""
    values = tensor.detach().permute(0, 2, 3, 1).contiguous().numpy().astype("<f4")
    return {"shape": list(values.shape), "base64": base64.b64encode(values.tobytes()).decode()}


def rounded(value):
    return float(f"{value.detach().item():.{SIGNIFICANT}g}")


def shapes(model):
    return {name: list(tensor.shape) for name, tensor in sorted(model.state_dict().items())}


def marks(model):
    """Of every gradient: its product with a stream of its own, and its length."""
    result = {}
    for stream, (name, parameter) in enumerate(sorted(model.named_parameters())):
        along = (parameter.grad * waves(500 + stream, list(parameter.grad.shape))).sum()
        result[name] = [rounded(along), rounded(parameter.grad.norm())]
    return result


def scores_case(config, size):
    model = fill(PatchDiscriminator(**config))
    with torch.no_grad():
        scores = model(image(960, 2, *size, 3))
    return {"config": config, "shapes": shapes(model), "pixels": [2, *size, 3], "scores": packed(scores)}


def training_step():
    config = {
        "down_block_types": ["DownEncoderBlock2D"] * 2,
        "up_block_types": ["UpDecoderBlock2D"] * 2,
        "block_out_channels": [4, 8],
        "norm_num_groups": 4,
        "latent_channels": 2,
        "layers_per_block": 1,
        "sample_size": 16,
    }
    weights = {"reconstruction": 1, "squared": 0.5, "divergence": 0.05}
    factor = 0.4
    autoencoder = fill(AutoencoderKL(**config))
    judge = {"channels": 4, "layers": 2, "groups": 2}
    discriminator = fill(PatchDiscriminator(**judge))
    pixels, noise = image(961, 2, 16, 16, 3), image(962, 2, 8, 8, 2)

    posterior = autoencoder.encode(pixels).latent_dist
    decoded = autoencoder.decode(posterior.mean + posterior.std * noise).sample
    reconstruction = (pixels - decoded).abs().mean()
    picture = reconstruction + weights["squared"] * (pixels - decoded).square().mean()
    divergence = posterior.kl().mean() / (16 * 16 * 3)
    adversarial = -discriminator(decoded).mean()
    last = autoencoder.decoder.conv_out.weight
    lengths = [torch.autograd.grad(part, last, retain_graph=True)[0].norm() for part in (picture, adversarial)]
    weight = factor * (lengths[0] / (lengths[1] + 1e-4)).clamp(0, 1e4).detach()
    loss = picture + weights["divergence"] * divergence + weight * adversarial
    loss.backward()
    discriminator.zero_grad()
    relu = torch.nn.functional.relu
    real, false = discriminator(pixels), discriminator(decoded.detach())
    hinge = 0.5 * (relu(1 - real).mean() + relu(1 + false).mean())
    hinge.backward()
    return {
        "config": json.loads(autoencoder.to_json_string()),
        "shapes": shapes(autoencoder),
        "judge": judge,
        "judgeShapes": shapes(discriminator),
        "weights": weights,
        "factor": factor,
        "losses": {
            "loss": rounded(loss),
            "reconstruction": rounded(reconstruction),
            "divergence": rounded(divergence),
            "adversarial": rounded(adversarial),
            "adversarialWeight": rounded(weight),
            "discriminator": rounded(hinge),
        },
        "gradients": marks(autoencoder),
        "judgeGradients": marks(discriminator),
    }


content = {
    "versions": {"torch": torch.__version__.split("+")[0], "diffusers": diffusers.__version__},
    "scores": [
        scores_case({"channels": 4, "layers": 2, "groups": 2}, (16, 24)),
        scores_case({"channels": 2, "layers": 4, "groups": 1}, (48, 48)),
    ],
    "step": training_step(),
}
(TARGET / "patch-discriminator.fixture.json").write_text(json.dumps(content, indent=1) + "\n")
