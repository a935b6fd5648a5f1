"""
Drives an exported model with ONNX Runtime for Python: the independent half of test/export-runtimes.test.ts, and an example.

Reads a request as JSON from standard input and prints results as JSON. The request names the folder that
`transfuse export` wrote and any of:

  write:   {ids, tokens}           continues a prompt greedily, prefix.onnx and then text-step.onnx
  draw:    {ids, dropped, noise, guidance}   denoises a block, guided away from the prompt `dropped`, by Euler's method
  caption: {latent, tokens}        reads a clean block and describes it greedily
  check:   true                    has onnx.checker look at every file
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime


class Export:
    """The files of an export, opened."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.about = json.loads((self.folder / "transfuse-export.json").read_text())
        self.sizes = self.about["sizes"]
        self.prefix = self.open(self.about["prefix"])
        self.text_step = self.open(self.about["textStep"])
        self.block = next(iter(self.about["diffusionSteps"].values()))
        self.modality = self.block["modality"]
        self.diffusion_step = self.open(self.block)

    def open(self, part):
        session = onnxruntime.InferenceSession(str(self.folder / part["file"]))
        names = [value["name"] for value in part["outputs"]]
        known = {value["name"] for value in part["inputs"]}

        def run(feeds):
            used = {name: value for name, value in feeds.items() if name in known}
            return dict(zip(names, session.run(names, used)))

        return run

    def read_prompt(self, ids):
        """A cache with the prompt in it, and the logits after it."""
        padded = np.zeros(self.sizes["prefix"], np.int32)
        padded[: len(ids)] = ids
        outputs = self.prefix({"input/ids": padded, "input/asked": np.array([len(ids) - 1], np.int32)})
        cache = Cache(self)
        cache.append(outputs, len(ids))
        return cache, outputs["output/logits"]

    def read_token(self, cache, token):
        """Appends a token to a cache; the logits after it."""
        feeds = {"input/ids": np.array([token], np.int32), "input/positions": np.array([[cache.length]], np.int32)}
        outputs = self.text_step({**feeds, **cache.feeds()})
        cache.append(outputs, 1)
        return outputs["output/logits"]

    def evaluate(self, caches, latent, time):
        """The network's outputs for a block, one per cache; caches are repeated up to the branches of the file."""
        branches = self.sizes["branches"]
        caches = [caches[min(branch, len(caches) - 1)] for branch in range(branches)]
        tokens = self.block["tokens"]
        positions = np.array([np.arange(tokens) + cache.length for cache in caches], np.int32)
        stacked = {name: np.concatenate([cache.feeds()[name] for cache in caches]) for name in caches[0].feeds()}
        return self.diffusion_step(
            {
                "input/latent": np.repeat(latent[None], branches, 0).astype(np.float32),
                "input/time": np.full(branches, time, np.float32),
                "input/positions": positions,
                **stacked,
            }
        )


class Cache:
    """Keys and values of one sequence, with room for the export's capacity."""

    def __init__(self, export):
        self.sizes = export.sizes
        self.length = 0
        shape = [1, self.sizes["keyValueHeads"], self.sizes["capacity"], self.sizes["headSize"]]
        layers = range(self.sizes["layers"])
        self.arrays = {f"{kind}.{layer}": np.zeros(shape, np.float32) for layer in layers for kind in ("keys", "values")}

    def append(self, outputs, count):
        for name, array in self.arrays.items():
            array[:, :, self.length : self.length + count] = outputs[f"output/{name}"][:1, :, :count]
        self.length += count

    def feeds(self):
        mask = np.full([1, 1, 1, self.sizes["capacity"]], -1e9, np.float32)
        mask[..., : self.length] = 0
        return {"input/prefixMask": mask, **{f"input/{name}": array for name, array in self.arrays.items()}}


def write(export, cache, logits, tokens):
    """Continues greedily until the document ends, a block would begin, or enough is written."""
    vocabulary = export.about["vocabulary"]
    text = vocabulary["discrete"]["text"]
    begins = [block["begin"] for block in vocabulary["blocks"].values()]
    written = []
    while True:
        allowed = np.full(len(logits), -np.inf)
        for token in [*range(text["offset"], text["offset"] + text["size"]), vocabulary["endDocument"]]:
            allowed[token] = 0
        if written:
            allowed[begins] = 0
        token = int(np.argmax(logits + allowed))
        if token in begins or token == vocabulary["endDocument"] or len(written) == tokens:
            return written
        written.append(token - text["offset"])
        logits = export.read_token(cache, token)


def draw(export, ids, dropped, noise, guidance):
    """Euler's method: the estimates of clean data and noise are mixed again at the next noise level."""
    diffusion = export.about["diffusion"]
    caches = [export.read_prompt(prompt)[0] for prompt in (ids, dropped)]
    latent = np.array(noise, np.float32).reshape(export.block["latentShape"])
    levels = [*diffusion["evaluations"], {"alpha": 1, "sigma": 0}]
    for level, following in zip(levels, levels[1:]):
        outputs = export.evaluate(caches, latent, level["time"])["output/prediction"]
        output = outputs[1] + guidance * (outputs[0] - outputs[1])
        a, b = {
            "sample": (1, 0),
            "epsilon": (0, 1),
            "velocity": (level["velocity"]["clean"], level["velocity"]["noise"]),
        }[diffusion["prediction"]]
        determinant = a * level["sigma"] - b * level["alpha"]
        clean = (level["sigma"] * output - b * latent) / determinant
        unclean = (a * latent - level["alpha"] * output) / determinant
        latent = following["alpha"] * clean + following["sigma"] * unclean
    return latent


def caption(export, latent, tokens):
    """Reads a clean block at time 0 and continues after it."""
    vocabulary = export.about["vocabulary"]
    block = vocabulary["blocks"][export.modality]
    cache, _ = export.read_prompt([vocabulary["beginDocument"], block["begin"]])
    clean = np.array(latent, np.float32).reshape(export.block["latentShape"])
    cache.append(export.evaluate([cache], clean, 0), export.block["tokens"])
    return write(export, cache, export.read_token(cache, block["end"]), tokens)


def check(export):
    """What the checker says of each file: nothing, if it is in order."""
    import onnx

    parts = [export.about["prefix"], export.about["textStep"], *export.about["diffusionSteps"].values()]
    for part in parts:
        onnx.checker.check_model(onnx.load(export.folder / part["file"]), full_check=True)
    return {"models": len(parts)}


def main():
    request = json.load(sys.stdin)
    export = Export(request["folder"])
    results = {}
    if "write" in request:
        cache, logits = export.read_prompt(request["write"]["ids"])
        results["logits"] = [float(value) for value in logits]
        results["write"] = write(export, cache, logits, request["write"]["tokens"])
    if "draw" in request:
        results["draw"] = [float(value) for value in draw(export, **request["draw"]).ravel()]
    if "caption" in request:
        results["caption"] = caption(export, **request["caption"])
    if "check" in request:
        results["check"] = check(export)
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
