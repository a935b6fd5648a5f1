/**
 * Where the noise of a block comes from: our own seeded stream, or torch's, so that a run seeded with
 * `torch.manual_seed` on the CPU is matched sample for sample. Torch pipelines keep pictures channels first; a latent
 * here has its channels last, so their noise can be drawn in their order and turned round.
 */
import type { RandomSource } from '../contracts/random-source.ts';
import { createRandom } from '../random/seeded-random.ts';
import { createTorchRandom } from '../random/torch-random.ts';

/** The kinds of noise. */
export const noiseKinds: readonly NoiseKind[] = ['transfuse', 'torch', 'torch-channels-first'];
/** `transfuse` (ours), `torch` in the latent's own order, or `torch-channels-first`. */
export type NoiseKind = 'transfuse' | 'torch' | 'torch-channels-first';

/** Unit normal noise for blocks, one whole latent at a time. */
export interface NoiseSource {
  /** Draws a latent's noise, `[...shape]`. */
  draw(shape: readonly number[]): Float32Array;
  /** The state, to go on from later. */
  save(): readonly number[];
  /** Takes up a state that {@link NoiseSource.save} gave. */
  restore(state: readonly number[]): void;
}

/** The noise of block number `block` of a generation. Torch's stream begins at the seed itself, for the first block. */
export function createNoiseSource(kind: NoiseKind, seed: number, block: number): NoiseSource {
  const random = kind === 'transfuse' ? createRandom(`${seed}/block/${block}`) : createTorchRandom(seed + block);
  return {
    draw: (shape) => {
      const drawn = random.fillNormal(new Float32Array(shape.reduce((product, size) => product * size, 1)));
      return kind === 'torch-channels-first' ? channelsLast(drawn, shape) : drawn;
    },
    save: () => random.save(),
    restore: (state) => random.restore(state),
  } satisfies NoiseSource & Pick<RandomSource, 'save' | 'restore'>;
}

/** Values in the order `[C, ...space]` as `[...space, C]`. */
function channelsLast(values: Float32Array, shape: readonly number[]): Float32Array {
  const channels = shape.at(-1) ?? 1;
  const positions = values.length / channels;
  return values.map((_, index) => values[(index % channels) * positions + Math.floor(index / channels)]!);
}
