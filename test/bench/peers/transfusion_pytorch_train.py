"""Training throughput of transfusion-pytorch on the CPU: forward, backward and AdamW on 64 samples of text and image.

The step is the package's own: random flow times, its loss, its caption dropout of 0.1, its automatic choice of batch
processing (made during the warm-up). Gradients are not clipped, and AdamW is PyTorch's fused one: both in its favour.
"""

import torch
from measurement import print_result, read_arguments, time_repetitions, training_result
from transfusion_pytorch_model import CAPTION_TOKENS, IMAGE_TOKENS, PATCH_NUMBERS, WORDS, create_model

BATCH = 64


def main() -> None:
    arguments = read_arguments(__doc__.splitlines()[0], steps=12)
    model = create_model().train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, fused=True)
    captions = torch.randint(0, WORDS, (BATCH, CAPTION_TOKENS))
    images = torch.randn(BATCH, IMAGE_TOKENS, PATCH_NUMBERS)

    def step() -> float:
        loss = model([[caption, image] for caption, image in zip(captions, images)])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss.item()

    seconds = time_repetitions(step, arguments.steps)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print_result(training_result("transfusion-pytorch", "transfusion-pytorch", BATCH, seconds, parameters))


if __name__ == "__main__":
    main()
