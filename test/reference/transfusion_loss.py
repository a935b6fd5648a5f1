"""Reference numbers for one training step of a tiny Transfusion model, from PyTorch in float64.

Run from the repository's root, with torch and numpy installed (the fixture names the version used):

    python test/reference/transfusion_loss.py

It writes test/model-transfusion-loss.fixture.json. The model is written here a second time, from the paper (Zhou et al.
2024, arXiv 2408.11039), the papers it builds on and the documented names and shapes of the parameters: layout and mask
are explicit loops over positions, attention is a loop over heads, the loss spaces are written out in words of the
forward process, and the optimizer is PyTorch's own.

Three documents lie in two rows of 18 positions:
  row 0: document 1, a caption before its image (13 positions), then document 3, text alone (5 positions)
  row 1: document 2, an image before its caption (12 positions), then padding
All weights, latents and noise come from `wave`, which both languages compute alike.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

TARGET = Path(__file__).resolve().parents[1] / "model-transfusion-loss.fixture.json"

WIDTH, DEPTH, HEADS, KEY_VALUE_HEADS, FEED_FORWARD = 16, 2, 4, 2, 32
HEAD_SIZE = WIDTH // HEADS
ROPE_BASE, NORM_EPSILON = 10_000.0, 1e-5
ROW_LENGTH = 18
TEXT_IDS = 20  # ids 0 to 19 are text, then come the special tokens
BEGIN_DOCUMENT, END_DOCUMENT, DROPPED_CAPTION, BEGIN_IMAGE, END_IMAGE = range(20, 25)
VOCABULARY = 25
LATENT, PATCH, MAXIMUM_GRID, CHANNELS = 4, 2, 3, 3
PATCH_VALUES = PATCH * PATCH * CHANNELS
IMAGE_TOKENS = (LATENT // PATCH) ** 2
TIME_FREQUENCIES = 128
LAMBDA, CLIP, BETAS, ADAM_EPSILON, WEIGHT_DECAY = 5.0, 1.0, (0.9, 0.95), 1e-8, 0.1
LEARNING_RATES = [0.01, 0.006]
AVERAGE_DECAYS = [0.75, 0.6]


def wave(stream, count):
    """Numbers of irregular sign in [-1, 1], decided by the stream's number."""
    index = np.arange(count, dtype=np.float64)
    return np.sin(1.3 * (stream + 1) + 0.37 * index + 0.011 * index * index)


def float32(values):
    return torch.from_numpy(np.asarray(values).astype(np.float32).astype(np.float64))


# ---------------------------------------------------------------- parameters

def shapes():
    """Every parameter's shape; matrices are [inputs, outputs]."""
    result = {"embedding.weight": [VOCABULARY, WIDTH], "norm.weight": [WIDTH], "head.weight": [WIDTH, VOCABULARY]}
    for layer in range(DEPTH):
        attention, feed_forward = f"blocks.{layer}.attention", f"blocks.{layer}.feed_forward"
        result[f"{attention}.norm.weight"] = [WIDTH]
        result[f"{attention}.query.weight"] = [WIDTH, HEADS * HEAD_SIZE]
        result[f"{attention}.key.weight"] = [WIDTH, KEY_VALUE_HEADS * HEAD_SIZE]
        result[f"{attention}.value.weight"] = [WIDTH, KEY_VALUE_HEADS * HEAD_SIZE]
        result[f"{attention}.query_norm.weight"] = [HEAD_SIZE]
        result[f"{attention}.key_norm.weight"] = [HEAD_SIZE]
        result[f"{attention}.output.weight"] = [WIDTH, WIDTH]
        result[f"{feed_forward}.norm.weight"] = [WIDTH]
        result[f"{feed_forward}.gate.weight"] = [WIDTH, FEED_FORWARD]
        result[f"{feed_forward}.up.weight"] = [WIDTH, FEED_FORWARD]
        result[f"{feed_forward}.down.weight"] = [FEED_FORWARD, WIDTH]
    image = "adapters.image"
    result[f"{image}.time.first.weight"] = [2 * TIME_FREQUENCIES, WIDTH]
    result[f"{image}.time.first.bias"] = [WIDTH]
    result[f"{image}.time.second.weight"] = [WIDTH, PATCH_VALUES]
    result[f"{image}.time.second.bias"] = [PATCH_VALUES]
    result[f"{image}.input.weight"] = [PATCH_VALUES, WIDTH]
    result[f"{image}.input.bias"] = [WIDTH]
    result[f"{image}.rows.weight"] = [MAXIMUM_GRID, WIDTH]
    result[f"{image}.columns.weight"] = [MAXIMUM_GRID, WIDTH]
    result[f"{image}.output.weight"] = [WIDTH, PATCH_VALUES]
    result[f"{image}.output.bias"] = [PATCH_VALUES]
    return result


EMBEDDINGS = ("embedding.weight", "rows.weight", "columns.weight")


def is_gain(name):
    return name.endswith("norm.weight")


def decays(name):
    """Weight decay is for matrices of linear layers; not for gains, biases and look-up tables."""
    return name.endswith(".weight") and not is_gain(name) and not name.endswith(EMBEDDINGS)


def create_parameters():
    parameters = {}
    for stream, (name, shape) in enumerate(sorted(shapes().items())):
        values = wave(stream, math.prod(shape))
        if is_gain(name):
            values = 1 + 0.2 * values
        elif name.endswith(".bias"):
            values = 0.1 * values
        elif not name.endswith(EMBEDDINGS):
            values = values * math.sqrt(2 / shape[0])
        parameters[name] = float32(values).reshape(shape).requires_grad_(True)
    return parameters


# ---------------------------------------------------------------- documents and rows

def image(stream):
    return {
        "clean": float32(0.9 * wave(stream, LATENT * LATENT * CHANNELS)).reshape(LATENT, LATENT, CHANNELS),
        "noise": float32(1.4 * wave(stream + 1, LATENT * LATENT * CHANNELS)).reshape(LATENT, LATENT, CHANNELS),
    }


def document(name, *parts):
    """Lays out a document: a list of positions, each a token id or (image number, patch number)."""
    positions, images = [BEGIN_DOCUMENT], []
    for part in parts:
        if isinstance(part, list):
            positions += part
        else:
            images.append(part)
            positions.append(BEGIN_IMAGE)
            positions += [(len(images) - 1, patch) for patch in range(IMAGE_TOKENS)]
            positions.append(END_IMAGE)
    positions.append(END_DOCUMENT)
    return {"name": name, "positions": positions, "images": images}


CAPTION_FIRST = document("caption first", [3, 1, 4, 1, 5], {**image(100), "time": 0.5})
IMAGE_FIRST = document("image first", {**image(200), "time": 0.25}, [9, 2, 6, 5])
TEXT_ONLY = document("text only", [8, 17, 0])
ROWS = [[CAPTION_FIRST, TEXT_ONLY], [IMAGE_FIRST]]
DOCUMENTS = [CAPTION_FIRST, IMAGE_FIRST, TEXT_ONLY]


def places(row):
    """Every position of a row: which document, where in it, and what stands there; None for padding."""
    result = [(document, index, what) for document in row for index, what in enumerate(document["positions"])]
    return result + [None] * (ROW_LENGTH - len(result))


def may_see(query, key, query_index, key_index):
    """Causal along the document, everything within one image, nothing across documents."""
    if query is None or key is None:
        return query is None and key is None and key_index <= query_index
    if query[0] is not key[0]:
        return False
    if key_index <= query_index:
        return True
    return isinstance(query[2], tuple) and isinstance(key[2], tuple) and query[2][0] == key[2][0]


def next_token(document, index):
    """What a position is asked: the next token, but nothing before or inside an image, nor at the very end."""
    here, positions = document["positions"][index], document["positions"]
    if isinstance(here, tuple) or here == BEGIN_IMAGE or index + 1 == len(positions):
        return None
    return positions[index + 1]


# ---------------------------------------------------------------- the model

def rms_norm(x):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + NORM_EPSILON)


def linear(x, p, name):
    return x @ p[f"{name}.weight"] + p[f"{name}.bias"]


def patches(latent):
    """[4, 4, 3] to [4, 12]: patches in raster order, each row by row, channels innermost."""
    rows = []
    for top in range(0, LATENT, PATCH):
        for left in range(0, LATENT, PATCH):
            rows.append(latent[top:top + PATCH, left:left + PATCH, :].reshape(-1))
    return torch.stack(rows)


def unpatches(vectors):
    latent = torch.zeros(LATENT, LATENT, CHANNELS)
    number = 0
    for top in range(0, LATENT, PATCH):
        for left in range(0, LATENT, PATCH):
            latent[top:top + PATCH, left:left + PATCH, :] = vectors[number].reshape(PATCH, PATCH, CHANNELS)
            number += 1
    return latent


def embed_image(p, noisy, time):
    a = "adapters.image"
    angles = torch.tensor([1000 * time * 10_000 ** (-i / TIME_FREQUENCIES) for i in range(TIME_FREQUENCIES)])
    waves = torch.cat([torch.sin(angles), torch.cos(angles)])
    inner = linear(waves, p, f"{a}.time.first")
    timed = patches(noisy) + linear(inner * torch.sigmoid(inner), p, f"{a}.time.second")
    tokens = linear(timed, p, f"{a}.input")
    side = LATENT // PATCH
    where = [p[f"{a}.rows.weight"][n // side] + p[f"{a}.columns.weight"][n % side] for n in range(IMAGE_TOKENS)]
    return tokens + torch.stack(where)


def turn(vector, position):
    """Rotary position embedding, dimension i paired with i + half."""
    half = HEAD_SIZE // 2
    turned = [None] * HEAD_SIZE
    for i in range(half):
        angle = position * ROPE_BASE ** (-2 * i / HEAD_SIZE)
        first, second = vector[i], vector[i + half]
        turned[i] = first * math.cos(angle) - second * math.sin(angle)
        turned[i + half] = first * math.sin(angle) + second * math.cos(angle)
    return torch.stack(turned)


def attend(p, prefix, x, row):
    normed = rms_norm(x) * p[f"{prefix}.norm.weight"]
    queries = normed @ p[f"{prefix}.query.weight"]
    keys = normed @ p[f"{prefix}.key.weight"]
    values = normed @ p[f"{prefix}.value.weight"]
    position_of = [0 if place is None else place[1] for place in row]
    mask = torch.full((ROW_LENGTH, ROW_LENGTH), -math.inf)
    for q in range(ROW_LENGTH):
        for k in range(ROW_LENGTH):
            if may_see(row[q], row[k], q, k):
                mask[q, k] = 0.0

    def head_of(matrix, head, gain=None):
        part = matrix[:, head * HEAD_SIZE:(head + 1) * HEAD_SIZE]
        if gain is None:
            return part
        part = rms_norm(part) * p[f"{prefix}.{gain}.weight"]
        return torch.stack([turn(part[t], position_of[t]) for t in range(ROW_LENGTH)])

    mixed = []
    for head in range(HEADS):
        shared = head * KEY_VALUE_HEADS // HEADS
        q = head_of(queries, head, "query_norm")
        k = head_of(keys, shared, "key_norm")
        scores = q @ k.T / math.sqrt(HEAD_SIZE) + mask
        mixed.append(torch.softmax(scores, -1) @ head_of(values, shared))
    return torch.cat(mixed, -1) @ p[f"{prefix}.output.weight"]


def feed_forward(p, prefix, x):
    normed = rms_norm(x) * p[f"{prefix}.norm.weight"]
    gate = normed @ p[f"{prefix}.gate.weight"]
    return (gate * torch.sigmoid(gate) * (normed @ p[f"{prefix}.up.weight"])) @ p[f"{prefix}.down.weight"]


def read_row(p, row, noisy_images):
    """Hidden states of a row, [18, 16]."""
    vectors = []
    embedded = {}
    for place in row:
        if place is None:
            vectors.append(torch.zeros(WIDTH))
            continue
        owner, _, what = place
        if isinstance(what, tuple):
            key = (owner["name"], what[0])
            if key not in embedded:
                embedded[key] = embed_image(p, noisy_images[key], owner["images"][what[0]]["time"])
            vectors.append(embedded[key][what[1]])
        else:
            vectors.append(p["embedding.weight"][what])
    x = torch.stack(vectors)
    for layer in range(DEPTH):
        x = x + attend(p, f"blocks.{layer}.attention", x, row)
        x = x + feed_forward(p, f"blocks.{layer}.feed_forward", x)
    return rms_norm(x) * p["norm.weight"]


# ---------------------------------------------------------------- the forward process and the losses

def cosine_level(time, timesteps=1000):
    """Nichol and Dhariwal 2021, equation 17: the share of signal left after the timestep nearest to `time`."""
    def signal(t):
        return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    timestep = min(timesteps - 1, round(time * timesteps))
    left = 1.0
    for n in range(timestep + 1):
        left *= 1 - min(1 - signal((n + 1) / timesteps) / signal(n / timesteps), 0.999)
    return math.sqrt(left), math.sqrt(1 - left)


CASES = {
    # Flow matching: the network says the clean image, and is judged by the velocity that follows from it.
    "flow matching, sample prediction, velocity loss": {
        "schedule": "flow-matching", "prediction": "sample", "lossSpace": "velocity",
        "level": lambda time: (1 - time, time),
        "target": lambda clean, noise: clean,
        "loss": lambda output, noisy, clean, noise, alpha, sigma: (((noisy - output) / sigma) - (noise - clean)),
    },
    # DDPM: the network says the noise and is judged by it.
    "cosine, epsilon prediction, epsilon loss": {
        "schedule": "cosine", "prediction": "epsilon", "lossSpace": "epsilon",
        "level": cosine_level,
        "target": lambda clean, noise: noise,
        "loss": lambda output, noisy, clean, noise, alpha, sigma: output - noise,
    },
    # The same process, the network says the clean image and is judged by the noise that follows from it.
    "cosine, sample prediction, epsilon loss": {
        "schedule": "cosine", "prediction": "sample", "lossSpace": "epsilon",
        "level": cosine_level,
        "target": lambda clean, noise: clean,
        "loss": lambda output, noisy, clean, noise, alpha, sigma: (noisy - alpha * output) / sigma - noise,
    },
}


def losses(p, case):
    noisy_images, levels = {}, {}
    for owner in DOCUMENTS:
        for number, picture in enumerate(owner["images"]):
            alpha, sigma = case["level"](picture["time"])
            levels[owner["name"], number] = (alpha, sigma)
            noisy_images[owner["name"], number] = alpha * picture["clean"] + sigma * picture["noise"]
    token_losses, image_errors, image_losses = {}, {}, []
    for documents in ROWS:
        row = places(documents)
        hidden = read_row(p, row, noisy_images)
        for index, place in enumerate(row):
            if place is None:
                continue
            owner, position, _ = place
            target = next_token(owner, position)
            if target is not None:
                logits = hidden[index] @ p["head.weight"]
                token_losses[owner["name"], position] = -torch.log_softmax(logits, -1)[target]
        for owner in documents:
            for number, picture in enumerate(owner["images"]):
                states = torch.stack([
                    hidden[index] for index, place in enumerate(row)
                    if place is not None and place[0] is owner and isinstance(place[2], tuple) and place[2][0] == number
                ])
                output = unpatches(linear(states, p, "adapters.image.output"))
                key = (owner["name"], number)
                clean, noise = picture["clean"], picture["noise"]
                image_errors[key] = ((output - case["target"](clean, noise)) ** 2).mean()
                judged = case["loss"](output, noisy_images[key], clean, noise, *levels[key])
                image_losses.append((judged ** 2).mean())
    text = torch.stack(list(token_losses.values())).mean()
    diffusion = torch.stack(image_losses).mean()
    return {
        "tokenLosses": token_losses, "imageErrors": image_errors,
        "text": text, "diffusion": diffusion, "total": text + LAMBDA * diffusion,
    }


# ---------------------------------------------------------------- what is written down

def rounded(value):
    return float(f"{value.detach().item():.9g}")


def digest(tensors):
    """Per array: its Euclidean norm and five entries spread over it."""
    result = {}
    for name, tensor in tensors.items():
        flat = tensor.detach().reshape(-1)
        indices = sorted({round(share * (len(flat) - 1)) for share in (0, 0.21, 0.5, 0.83, 1)})
        result[name] = {"norm": rounded(flat.norm()), "entries": {str(i): rounded(flat[i]) for i in indices}}
    return result


def run(case):
    p = create_parameters()
    average = {name: tensor.detach().clone() for name, tensor in p.items()}
    optimizer = torch.optim.AdamW(
        [
            {"params": [tensor for name, tensor in p.items() if decays(name)], "weight_decay": WEIGHT_DECAY},
            {"params": [tensor for name, tensor in p.items() if not decays(name)], "weight_decay": 0.0},
        ],
        lr=0.0, betas=BETAS, eps=ADAM_EPSILON,
    )
    steps = []
    for learning_rate, average_decay in zip(LEARNING_RATES, AVERAGE_DECAYS):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate
        optimizer.zero_grad()
        result = losses(p, case)
        result["total"].backward()
        gradients = digest({name: tensor.grad for name, tensor in p.items()})
        norm = torch.nn.utils.clip_grad_norm_(p.values(), CLIP)
        optimizer.step()
        for name in average:
            average[name] = average_decay * average[name] + (1 - average_decay) * p[name].detach()
        steps.append({
            "learningRate": learning_rate,
            "averageDecay": average_decay,
            "total": rounded(result["total"]),
            "text": rounded(result["text"]),
            "diffusion": rounded(result["diffusion"]),
            "tokenLosses": {
                owner["name"]: {str(at): rounded(loss) for (name, at), loss in result["tokenLosses"].items() if name == owner["name"]}
                for owner in DOCUMENTS
            },
            "imageErrors": {
                owner["name"]: [rounded(error) for (name, _), error in result["imageErrors"].items() if name == owner["name"]]
                for owner in DOCUMENTS
            },
            "gradientNorm": rounded(norm),
            "gradients": gradients,
            "parameters": digest(p),
            "average": digest(average),
        })
    return {key: case[key] for key in ("schedule", "prediction", "lossSpace")} | {"steps": steps}


if __name__ == "__main__":
    fixture = {"torch": torch.__version__.split("+")[0], "decay": sorted(filter(decays, shapes()))}
    cases = {name: run(case) for name, case in CASES.items()}
    # Two steps of the first case are enough for the optimizer; of the others, the losses and gradients count.
    for name, case in list(cases.items())[1:]:
        case["steps"] = [{k: v for k, v in case["steps"][0].items() if k not in ("parameters", "average")}]
    fixture["cases"] = cases
    TARGET.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes")
