/**
 * The shape of a U-Net patch adapter: how wide and how deep it is at each resolution, from that of the latent down to
 * that of the tokens, each half of the one before. The Transfusion paper (Zhou et al. 2024, section 3) says of its own
 * U-Net that it has 0.27 B parameters beside a transformer of any size, not how they are spread; the preset is a spread
 * that comes to that number.
 */
import { TransfuseError } from '@transfuse/core/contracts';

/** Which skip connections there are: none, gated by the noise level, or open as in a U-Net without a transformer. */
export type SkipPolicy = 'gated' | 'open' | 'none';

/**
 * How much of the noisy latent is added to the prediction, one learned factor per channel that depends on the time:
 * `free`, or `fading`, times `1 - t`. A prediction of noise or velocity is at high noise nearly its own input; one of the
 * sample has nothing of it there, and need not learn that.
 */
export type LatentProportion = 'free' | 'fading';

/** A shape with everything decided. */
export interface UnetShape {
  /** Side of a patch in positions of the latent: every halving doubles it. */
  readonly patchSize: 2 | 4 | 8;
  /** Channels at each resolution, finest first: 2, 3 or 4 numbers for patches of 2, 4 and 8. */
  readonly widths: readonly number[];
  /** Residual blocks at each resolution, on the way down and again on the way up. */
  readonly blocks: readonly number[];
  /** Groups of channels that are normalized together; 1 is a layer normalization. */
  readonly groups: number;
  /** Numbers of the time embedding. */
  readonly timeWidth: number;
  readonly skips: SkipPolicy;
  readonly proportion: LatentProportion;
}

/** A shape as it is written; what is left out has defaults. */
export interface UnetShapeSettings {
  readonly patchSize: UnetShape['patchSize'];
  /** Default: the last of 16, 32, 64, 192 that a patch of this size needs. */
  readonly widths?: readonly number[];
  /**
   * One number for all resolutions, or one for each; default 1, and none at the resolution of the tokens: there is the
   * transformer, and what convolutions learn in its place is not asked of the captions (docs/unet-patch.md).
   */
  readonly blocks?: number | readonly number[];
  /** Default 1: a layer normalization, as in the paper. */
  readonly groups?: number;
  /** Default 128. */
  readonly timeWidth?: number;
  /** Default `gated`. */
  readonly skips?: SkipPolicy;
  /** Default `free`; `fading` is better where samples are predicted. */
  readonly proportion?: LatentProportion;
}

const defaultWidths = [16, 32, 64, 192];

/** Shapes by name, to be spread into settings. */
export const unetPresets = {
  /** About 0.27 B parameters at a model width of 4096, on latents of 8 channels in patches of 2. */
  'paper-7b': { patchSize: 2, widths: [812, 1624], blocks: 2, groups: 1, timeWidth: 512 },
} as const satisfies Readonly<Record<string, UnetShapeSettings>>;

/** The name of a preset. */
export type UnetPreset = keyof typeof unetPresets;

/** Fills in what settings leave out. Throws `config.invalid`. */
export function unetShape(settings: UnetShapeSettings): UnetShape {
  const { patchSize, groups = 1, timeWidth = 128, skips = 'gated', proportion = 'free' } = settings;
  if (![2, 4, 8].includes(patchSize)) throw invalid('patchSize', patchSize, '2, 4 or 8', 'linear-patch takes 1.');
  const levels = Math.log2(patchSize) + 1;
  const { widths = defaultWidths.slice(-levels), blocks = [...Array<number>(levels - 1).fill(1), 0] } = settings;
  const perLevel = typeof blocks === 'number' ? Array<number>(levels).fill(blocks) : blocks;
  const isWhole = (least: number) => (value: number) => Number.isInteger(value) && value >= least;
  for (const [place, list] of Object.entries({ widths, blocks: perLevel })) {
    if (list.length === levels && list.every(isWhole(place === 'blocks' ? 0 : 1))) continue;
    throw invalid(place, list, `${levels} whole numbers`, 'Write one for each resolution, finest first.');
  }
  if (!isWhole(1)(timeWidth))
    throw invalid('timeWidth', timeWidth, 'a positive integer', 'Write one, for example 128.');
  if (!isWhole(1)(groups) || widths.some((width) => width % groups !== 0)) {
    throw invalid('groups', groups, `a divisor of ${widths.join(', ')}`, 'Choose widths that groups divide.');
  }
  if (!['gated', 'open', 'none'].includes(skips)) throw invalid('skips', skips, 'gated, open or none', 'Write one.');
  if (!['free', 'fading'].includes(proportion)) throw invalid('proportion', proportion, 'free or fading', 'Write one.');
  return { patchSize, widths, blocks: perLevel, groups, timeWidth, skips, proportion };
}

function invalid(place: string, found: unknown, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'config.invalid', place, found: JSON.stringify(found), expected, mend });
}
