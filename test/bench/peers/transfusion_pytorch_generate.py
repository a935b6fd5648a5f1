"""Generation speed of transfusion-pytorch on the CPU at batch 1: text tokens per second, seconds per 16-token image.

Text: a prompt of 12 tokens, then 32 more with the key/value cache, by each of the package's three ways; the fastest
counts. Image: a prompt of 12 tokens, then one image by its midpoint rule over 16 times (30 network evaluations) without
guidance, by each of its two ways. The time of the prompt is included in both. Its third way to an image takes no text
at all; it is reported apart, as imageSecondsWithoutPrompt. Text is picked greedily, and the rows of the output layer
that belong to special tokens are zeroed, so that an untrained model neither stops nor draws early.
"""

import statistics
from collections.abc import Callable

import torch
from measurement import identity, print_result, read_arguments, time_repetitions
from transfusion_pytorch_model import CAPTION_TOKENS, IMAGE_TOKENS, PATCH_NUMBERS, WORDS, create_model

NEW_TOKENS = 32
TIMES, EVALUATIONS = 16, 30


def main() -> None:
    arguments = read_arguments(__doc__.splitlines()[0], steps=3)
    model = create_model().eval()
    with torch.no_grad():
        model.to_text_logits.weight[WORDS:] = 0.0
    prompt = torch.randint(0, WORDS, (CAPTION_TOKENS,))

    # The loops stop once the count exceeds max_length.
    greedy = {"text_temperature": 0.0, "max_length": NEW_TOKENS - 1}
    total = CAPTION_TOKENS + NEW_TOKENS
    text = {
        "generate_text_only(cache_kv=True)": lambda: model.generate_text_only(prompt[None], total, temperature=0.0),
        "sample_one(cache_kv=True)": lambda: model.sample_one(prompt, cache_kv=True, **greedy),
        "sample_many": lambda: model.sample_many([prompt], **greedy),
    }
    drawn = {"force_modality_at_start": 0, "modality_steps": TIMES, "cfg_scale": 1.0, "max_length": IMAGE_TOKENS - 1}
    image = {
        "sample_one(cache_kv=True)": lambda: model.sample_one(prompt, cache_kv=True, **drawn),
        "sample_many": lambda: model.sample_many([prompt], **drawn),
    }

    def without_prompt() -> torch.Tensor:
        return model.generate_modality_only(1, modality_steps=TIMES)

    for name, run in text.items():
        check_text(name, run())
    for name, run in image.items():
        check_image(name, run, model)
    without_prompt()

    text_seconds = {name: median_seconds(run, arguments.steps) for name, run in text.items()}
    image_seconds = {name: median_seconds(run, arguments.steps) for name, run in image.items()}
    fastest_text = min(text_seconds, key=text_seconds.__getitem__)
    fastest_image = min(image_seconds, key=image_seconds.__getitem__)
    print_result(
        {
            **identity("transfusion-pytorch", "transfusion-pytorch"),
            "textTokensPerSecond": round(NEW_TOKENS / text_seconds[fastest_text], 1),
            "imageSeconds": round(image_seconds[fastest_image], 4),
            "imageSecondsWithoutPrompt": round(median_seconds(without_prompt, arguments.steps), 4),
            "textOption": fastest_text,
            "imageOption": fastest_image,
            "textTokensPerSecondByOption": {name: round(NEW_TOKENS / s, 1) for name, s in text_seconds.items()},
            "imageSecondsByOption": {name: round(s, 4) for name, s in image_seconds.items()},
        }
    )


def median_seconds(run: Callable[[], object], repetitions: int) -> float:
    """The run was checked before, which has warmed it up once; one more is enough."""
    return statistics.median(time_repetitions(run, repetitions, warm_up=1))


def check_text(name: str, output: object) -> None:
    """Fails unless the run made NEW_TOKENS text tokens: a run that stopped early would look fast."""
    if isinstance(output, torch.Tensor):
        made = output.numel()
    else:
        if name == "sample_many":
            (output,) = output
        made = sum(item.numel() for item in output if isinstance(item, torch.Tensor)) - 1 - CAPTION_TOKENS
    if made != NEW_TOKENS:
        raise SystemExit(f"{name} made {made} text tokens instead of {NEW_TOKENS}")


def check_image(name: str, run: Callable[[], object], model: torch.nn.Module) -> None:
    """Fails unless the run made one image in EVALUATIONS network evaluations (and at most one more, for the prompt)."""
    calls = []
    hook = model.transformer.register_forward_hook(lambda *_: calls.append(1))
    output = run()
    hook.remove()
    if name == "sample_many":
        (output,) = output
    images = [item for item in output if not isinstance(item, torch.Tensor)]
    shapes = [tuple(part.shape) for item in images for part in item if isinstance(part, torch.Tensor)]
    if shapes != [(IMAGE_TOKENS, PATCH_NUMBERS)] or len(calls) not in (EVALUATIONS, EVALUATIONS + 1):
        raise SystemExit(f"{name} made images {shapes} in {len(calls)} evaluations")


if __name__ == "__main__":
    main()
