"""Training throughput of a plain PyTorch Transfusion on the CPU, eager: forward, backward, clipping and fused AdamW.

The yardstick for a step of the same shape: Llama blocks (RMSNorm, rotary positions, SwiGLU, no biases), a linear patch
adapter with a time embedding, next-token loss plus 5 x flow-matching loss on the velocity that the predicted clean
picture implies (Zhou et al. 2024; Lipman et al. 2023). One row is [begin] 12 words [image] 16 patches [/image] [end]:
32 tokens. Every row has the same layout, so the mask is made once and no gather is needed: in PyTorch's favour.
`--shape demo` is the demo's preset: a narrower model, and the 24 documents of its step.
"""

import math

import torch
import torch.nn.functional as F
from measurement import print_result, read_arguments, time_repetitions, training_result
from torch import Tensor, nn

SHAPES = {"bench": (64, 256, 704), "demo": (24, 192, 512)}  # documents, width, width of the feed-forward
BATCH, WIDTH, FEED_FORWARD = SHAPES["bench"]
DEPTH, HEADS = 6, 4
WORDS = 512  # the last four are begin, end, begin of image, end of image
BEGIN, END, BEGIN_IMAGE, END_IMAGE = range(WORDS - 4, WORDS)
CAPTION_TOKENS, IMAGE_TOKENS, PATCH_NUMBERS = 12, 16, 8 * 8 * 3
IMAGE_START = 1 + CAPTION_TOKENS + 1
IMAGE_END = IMAGE_START + IMAGE_TOKENS
ROW = IMAGE_END + 2
IMAGE_WEIGHT, SMALLEST_TIME = 5.0, 0.05


class RMSNorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (WIDTH,), self.gain, 1e-5)


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention_norm, self.feed_forward_norm = RMSNorm(), RMSNorm()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.out = nn.Linear(WIDTH, WIDTH, bias=False)
        self.gate_up = nn.Linear(WIDTH, 2 * FEED_FORWARD, bias=False)
        self.down = nn.Linear(FEED_FORWARD, WIDTH, bias=False)

    def forward(self, x: Tensor, mask: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        batch, row, _ = x.shape
        q, k, v = self.qkv(self.attention_norm(x)).view(batch, row, 3, HEADS, -1).permute(2, 0, 3, 1, 4)  # [B, H, T, d]
        q, k = rotate(q, cosine, sine), rotate(k, cosine, sine)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, row, WIDTH))
        gate, up = self.gate_up(self.feed_forward_norm(x)).chunk(2, dim=-1)  # [B, T, F] each
        return x + self.down(F.silu(gate) * up)


class Transfusion(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(WORDS, WIDTH)
        self.patch_in = nn.Linear(PATCH_NUMBERS, WIDTH)
        self.time = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH))
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.norm = RMSNorm()
        self.head = nn.Linear(WIDTH, WORDS, bias=False)
        self.patch_out = nn.Linear(WIDTH, PATCH_NUMBERS)
        cosine, sine = rotary_table()
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)
        self.register_buffer("mask", attention_mask(), persistent=False)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, 0.0, 0.02)

    def forward(self, ids: Tensor, noisy: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        """ids [B, 16] (the text positions), noisy [B, 16, 192], time [B] -> logits [B, 14, 512], clean [B, 16, 192]."""
        words = self.embed(ids)
        patches = self.patch_in(noisy) + self.time(sinusoids(time))[:, None]
        x = torch.cat([words[:, :IMAGE_START], patches, words[:, IMAGE_START:]], dim=1)  # [B, T, D]
        for block in self.blocks:
            x = block(x, self.mask, self.cosine, self.sine)
        x = self.norm(x)
        # The head reads where a word follows: up to the last caption word, and at the end of the image.
        text = torch.cat([x[:, : IMAGE_START - 1], x[:, IMAGE_END : IMAGE_END + 1]], dim=1)
        return self.head(text), self.patch_out(x[:, IMAGE_START:IMAGE_END])


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Su et al. 2021: turns the pairs (i, i + d/2) of each head by an angle that grows with the position."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cosine - second * sine, first * sine + second * cosine], dim=-1)


def rotary_table() -> tuple[Tensor, Tensor]:
    half = WIDTH // HEADS // 2
    angles = torch.outer(torch.arange(ROW).float(), 10_000.0 ** (-torch.arange(half) / half))  # [T, d/2]
    return angles.cos(), angles.sin()


def attention_mask() -> Tensor:
    """[1, 1, T, T], added to the scores: causal, and open in both directions within the image."""
    allowed = torch.ones(ROW, ROW, dtype=torch.bool).tril()
    allowed[IMAGE_START:IMAGE_END, IMAGE_START:IMAGE_END] = True
    return torch.zeros(1, 1, ROW, ROW).masked_fill(~allowed, float("-inf"))


def sinusoids(time: Tensor) -> Tensor:
    """[B] in [0, 1] -> [B, D]"""
    half = WIDTH // 2
    angles = 1000.0 * time[:, None] * torch.exp(-math.log(10_000.0) * torch.arange(half) / half)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def loss_of(model: Transfusion, ids: Tensor, targets: Tensor, clean: Tensor) -> Tensor:
    time = torch.sigmoid(torch.randn(BATCH))  # logit-normal; 0 is clean, 1 is noise
    noise = torch.randn_like(clean)
    t = time[:, None, None]
    noisy = (1 - t) * clean + t * noise
    logits, predicted = model(ids, noisy, time)
    language = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    divisor = t.clamp(min=SMALLEST_TIME)
    image = F.mse_loss((noisy - predicted) / divisor, (noisy - clean) / divisor)  # velocities
    return language + IMAGE_WEIGHT * image


def main() -> None:
    global BATCH, WIDTH, FEED_FORWARD
    arguments = read_arguments(__doc__.splitlines()[0], steps=40, shapes=tuple(SHAPES))
    BATCH, WIDTH, FEED_FORWARD = SHAPES[arguments.shape]
    model = Transfusion().train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, betas=(0.9, 0.95), weight_decay=0.05, fused=True)
    caption = torch.randint(0, WORDS - 4, (BATCH, CAPTION_TOKENS))
    special = torch.tensor([BEGIN, BEGIN_IMAGE, END_IMAGE, END]).expand(BATCH, 4)
    ids = torch.cat([special[:, :1], caption, special[:, 1:]], dim=1)
    targets = torch.cat([caption, special[:, 1:2], special[:, 3:]], dim=1)
    clean = torch.randn(BATCH, IMAGE_TOKENS, PATCH_NUMBERS).clamp(-1, 1)

    def step() -> float:
        loss = loss_of(model, ids, targets, clean)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0, foreach=True)
        optimizer.step()
        return loss.item()

    seconds = time_repetitions(step, arguments.steps)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    print_result(training_result("pytorch-eager", "torch", BATCH, seconds, parameters, BATCH * ROW))


if __name__ == "__main__":
    main()
