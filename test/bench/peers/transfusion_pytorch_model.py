"""The transfusion-pytorch model that both of its scripts measure, and the sample it sees.

Size: width 256, 6 layers, 4 heads of 64, 512 text tokens, image latents of 16 tokens x 192 numbers (a 32x32 RGB
picture cut into 8x8 patches). All else is the package's default, down to its own block design, so its parameter count
is larger than that of a plain transformer of this width. Progress bars and log lines are off: they would cost it time.
"""

from functools import partial

from loguru import logger
from tqdm import tqdm
from transfusion_pytorch import Transfusion, transfusion

logger.remove()
transfusion.tqdm = partial(tqdm, disable=True)

WIDTH, DEPTH, HEADS, HEAD_WIDTH = 256, 6, 4, 64
WORDS = 512
CAPTION_TOKENS = 12
IMAGE_TOKENS, PATCH_NUMBERS = 16, 8 * 8 * 3


def create_model() -> Transfusion:
    """A freshly initialised model; it takes lists of `[text [12] int, image [16, 192] float]`."""
    return Transfusion(
        num_text_tokens=WORDS,
        dim_latent=PATCH_NUMBERS,
        modality_default_shape=(IMAGE_TOKENS,),
        transformer={"dim": WIDTH, "depth": DEPTH, "heads": HEADS, "dim_head": HEAD_WIDTH},
    )
