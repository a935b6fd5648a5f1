"""A training step of a plain decoder in PyTorch on the CPU, eager: forward, backward, clipping, fused AdamW.

Width 256, 6 layers, 4 heads, SwiGLU of 704, 2,048 words, 8 rows of 256 tokens: the decoder of test/bench/engine.mjs. Our
step also keeps a moving average of the weights; this one does not.
"""

import torch
import torch.nn.functional as F
from measurement import print_result, read_arguments, time_repetitions, training_result
from torch import Tensor, nn
from torch_eager_train import DEPTH, HEADS, WIDTH, Block, RMSNorm

ROWS, ROW, WORDS = 8, 256, 2048


class Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(WORDS, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.norm = RMSNorm()
        self.head = nn.Linear(WIDTH, WORDS, bias=False)
        half = WIDTH // HEADS // 2
        angles = torch.outer(torch.arange(ROW).float(), 10_000.0 ** (-torch.arange(half) / half))
        self.register_buffer("cosine", angles.cos(), persistent=False)
        self.register_buffer("sine", angles.sin(), persistent=False)
        mask = torch.zeros(1, 1, ROW, ROW).masked_fill(~torch.ones(ROW, ROW, dtype=torch.bool).tril(), float("-inf"))
        self.register_buffer("mask", mask, persistent=False)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, 0.0, 0.02)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x, self.mask, self.cosine, self.sine)
        return self.head(self.norm(x))


def main() -> None:
    arguments = read_arguments(__doc__.splitlines()[0], steps=20)
    model = Decoder().train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    ids = torch.randint(0, WORDS, (ROWS, ROW))
    targets = torch.roll(ids, -1, dims=1)

    def step() -> float:
        loss = F.cross_entropy(model(ids).flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0, foreach=True)
        optimizer.step()
        return loss.item()

    seconds = time_repetitions(step, arguments.steps)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print_result(training_result("pytorch-decoder", "torch", ROWS, seconds, parameters, ROWS * ROW))


if __name__ == "__main__":
    main()
