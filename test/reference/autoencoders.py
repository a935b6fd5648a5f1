"""Reference numbers for the image autoencoders, from diffusers' own AutoencoderKL and AutoencoderTiny in float64.

Run from the repository's root, with torch, diffusers and numpy installed (the fixtures name the versions used):

    python test/reference/autoencoders.py

It writes autoencoder-kl.fixture.json, autoencoder-tiny.fixture.json and codec-folders.fixture.json into
packages/adapters/src/vae. The first two hold configurations and results; their weights and inputs come from `wave`,
which both languages compute alike. The third holds two whole folders as `save_pretrained` writes them, in half
precision, with results. Arrays are channels last, as base64 of little-endian float32.
"""

import base64
import json
import tempfile
from pathlib import Path

import diffusers
import numpy as np
import torch
from diffusers import AutoencoderKL, AutoencoderTiny

torch.set_num_threads(1)
TARGET = Path(__file__).resolve().parents[2] / "packages" / "adapters" / "src" / "vae"
VERSIONS = {"torch": torch.__version__.split("+")[0], "diffusers": diffusers.__version__}
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


def packed(tensor):
    """Channels last, as base64 of float32. Takes [B, C, H, W]."""
    values = tensor.detach().permute(0, 2, 3, 1).contiguous().numpy().astype("<f4")
    return {"shape": list(values.shape), "base64": base64.b64encode(values.tobytes()).decode()}


def rounded(value):
    return float(f"{value.detach().item():.{SIGNIFICANT}g}")


def config_of(model):
    return json.loads(model.to_json_string())


def shapes(model):
    return {name: list(tensor.shape) for name, tensor in sorted(model.state_dict().items())}


def kl_config(channels, groups, **others):
    levels = len(channels)
    return {
        "down_block_types": ["DownEncoderBlock2D"] * levels,
        "up_block_types": ["UpDecoderBlock2D"] * levels,
        "block_out_channels": channels,
        "norm_num_groups": groups,
        **others,
    }


KL_CASES = {
    "two resolutions, 4 latent channels, every part": (
        kl_config([8, 16], 4, latent_channels=4, sample_size=16),
        (12, 8),
    ),
    "four resolutions, 16 latent channels, no quantization convolutions, a shift, two layers": (
        kl_config(
            [8, 16, 16, 16],
            8,
            latent_channels=16,
            layers_per_block=2,
            use_quant_conv=False,
            use_post_quant_conv=False,
            scaling_factor=0.3611,
            shift_factor=0.1159,
        ),
        (16, 24),
    ),
    "8 latent channels, no attention, ReLU, one quantization convolution": (
        kl_config(
            [8, 16],
            8,
            latent_channels=8,
            act_fn="relu",
            mid_block_add_attention=False,
            use_post_quant_conv=False,
        ),
        (8, 8),
    ),
    "one resolution, mish, statistics per channel": (
        kl_config([8], 4, act_fn="mish", latents_mean=[0.1, -0.2, 0.3, 0], latents_std=[1, 2, 0.5, 3]),
        (4, 6),
    ),
    "GELU": (kl_config([8], 4, act_fn="gelu"), (4, 4)),
}


def kl_case(name, config, size):
    model = fill(AutoencoderKL(**config))
    height, width = size
    down = 2 ** (len(config["block_out_channels"]) - 1)
    channels = model.config.latent_channels
    pixels = image(900, 2, height, width, 3)
    latents = image(901, 2, height // down, width // down, channels)
    with torch.no_grad():
        posterior = model.encode(pixels).latent_dist
        decoded = model.decode(latents).sample
    return {
        "name": name,
        "config": config_of(model),
        "shapes": shapes(model),
        "pixels": [2, height, width, 3],
        "latents": [2, height // down, width // down, channels],
        "mean": packed(posterior.mean),
        "logVariance": packed(posterior.logvar),
        "decoded": packed(decoded),
    }


def kl_loss():
    """The training loss and its gradients: absolute error plus divergence, per number of the picture."""
    name = next(iter(KL_CASES))
    model = fill(AutoencoderKL(**KL_CASES[name][0]))
    pixels = image(910, 2, 8, 8, 3)
    noise = image(911, 2, 4, 4, 4)
    weights = {"reconstruction": 0.7, "divergence": 0.05}
    posterior = model.encode(pixels).latent_dist
    decoded = model.decode(posterior.mean + posterior.std * noise).sample
    reconstruction = (pixels - decoded).abs().mean()
    divergence = posterior.kl().mean() / (8 * 8 * 3)
    loss = weights["reconstruction"] * reconstruction + weights["divergence"] * divergence
    loss.backward()
    gradients = {}
    for stream, (parameter, value) in enumerate(sorted(model.named_parameters())):
        gradient = value.grad
        along = (gradient * waves(500 + stream, list(gradient.shape))).sum()
        gradients[parameter] = [rounded(along), rounded(gradient.norm())]
    return {
        "case": name,
        "weights": weights,
        "loss": rounded(loss),
        "reconstruction": rounded(reconstruction),
        "divergence": rounded(divergence),
        "gradients": gradients,
    }


TINY_CASES = {
    "TAESD's shape with few channels": (
        {"encoder_block_out_channels": [4] * 4, "decoder_block_out_channels": [4] * 4},
        (16, 24),
    ),
    "16 latent channels, SiLU, three resolutions, different sides": (
        {
            "encoder_block_out_channels": [6] * 3,
            "decoder_block_out_channels": [4] * 3,
            "num_encoder_blocks": [1, 1, 2],
            "num_decoder_blocks": [2, 1, 1],
            "latent_channels": 16,
            "act_fn": "silu",
        },
        (8, 12),
    ),
}


def tiny_case(name, config, size):
    model = fill(AutoencoderTiny(**config))
    height, width = size
    down = 2 ** (len(model.config.num_encoder_blocks) - 1)
    channels = model.config.latent_channels
    pixels = image(920, 2, height, width, 3)
    latents = 4 * image(921, 2, height // down, width // down, channels)
    with torch.no_grad():
        encoded = model.encode(pixels).latents
        decoded = model.decode(latents).sample
        unit = model.scale_latents(latents)
    return {
        "name": name,
        "config": config_of(model),
        "shapes": shapes(model),
        "pixels": [2, height, width, 3],
        "latents": [2, height // down, width // down, channels],
        "encoded": packed(encoded),
        "decoded": packed(decoded),
        "unit": packed(unit),
    }


def tiny_gradients():
    """Gradients of the mean square of decoder(encoder(pixels)) around the pixels."""
    name = list(TINY_CASES)[1]
    model = fill(AutoencoderTiny(**TINY_CASES[name][0]))
    pixels = image(922, 1, 8, 8, 3)
    loss = (model.decode(model.encode(pixels).latents).sample - pixels).square().mean()
    loss.backward()
    gradients = {}
    for stream, (parameter, value) in enumerate(sorted(model.named_parameters())):
        along = (value.grad * waves(500 + stream, list(value.grad.shape))).sum()
        gradients[parameter] = [rounded(along), rounded(value.grad.norm())]
    return {"case": name, "loss": rounded(loss), "gradients": gradients}


def folder(model, results):
    """The files of a folder as diffusers writes it, with what the model yields in float64."""
    model.half()
    with tempfile.TemporaryDirectory() as place:
        model.save_pretrained(place)
        files = {path.name: base64.b64encode(path.read_bytes()).decode() for path in Path(place).iterdir()}
    model.double()
    with torch.no_grad():
        return {"files": files, **results(model)}


def kl_folder():
    config = kl_config(
        [4, 8], 4, latent_channels=4, sample_size=16, scaling_factor=0.5, shift_factor=0.25, latents_mean=None
    )
    model = fill(AutoencoderKL(**config))

    def results(model):
        pixels, noise = image(930, 1, 8, 12, 3), image(931, 1, 4, 6, 4)
        latents = image(932, 1, 4, 6, 4)
        scaled = lambda z: (z - 0.25) * 0.5
        posterior = model.encode(pixels).latent_dist
        plain = {
            "mode": packed(scaled(posterior.mode())),
            "sample": packed(scaled(posterior.mean + posterior.std * noise)),
            "decoded": packed(model.decode(latents / 0.5 + 0.25).sample),
        }
        model.enable_tiling()  # tiles of 16 pixels, a quarter of each shared with the next
        large, larger = image(933, 1, 32, 24, 3), image(934, 1, 16, 12, 4)
        tiled = {
            "encoded": packed(scaled(model.encode(large).latent_dist.mode())),
            "decoded": packed(model.decode(larger / 0.5 + 0.25).sample),
        }
        return {**plain, "tiled": tiled}

    return folder(model, results)


def tiny_folder():
    config = {
        "encoder_block_out_channels": [4] * 4,
        "decoder_block_out_channels": [4] * 4,
        "num_encoder_blocks": [1, 1, 1, 1],
        "num_decoder_blocks": [1, 1, 1, 1],
        "scaling_factor": 0.5,
    }
    model = fill(AutoencoderTiny(**config))

    def results(model):
        pixels, latents = image(940, 1, 16, 24, 3), image(941, 1, 2, 3, 4)
        plain = {
            "mode": packed(model.encode(pixels).latents * 0.5),
            "decoded": packed(model.decode(latents / 0.5).sample),
        }
        model.enable_tiling()
        model.tile_sample_min_size, model.tile_latent_min_size, model.tile_overlap_factor = 32, 4, 0.5
        large, larger = image(942, 1, 48, 48, 3), image(943, 1, 6, 6, 4)
        tiled = {
            "encoded": packed(model.encode(large).latents * 0.5),
            "decoded": packed(model.decode(larger / 0.5).sample),
        }
        return {**plain, "tiled": tiled}

    return folder(model, results)


def write(name, content):
    (TARGET / name).write_text(json.dumps({"versions": VERSIONS, **content}, indent=1) + "\n")


write(
    "autoencoder-kl.fixture.json",
    {"cases": [kl_case(name, *case) for name, case in KL_CASES.items()], "loss": kl_loss()},
)
write(
    "autoencoder-tiny.fixture.json",
    {"cases": [tiny_case(name, *case) for name, case in TINY_CASES.items()], "loss": tiny_gradients()},
)
write("codec-folders.fixture.json", {"kl": kl_folder(), "tiny": tiny_folder()})
