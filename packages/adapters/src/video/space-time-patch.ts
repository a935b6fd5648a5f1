/**
 * The trainable half of videos: boxes of some frames, rows and columns as tokens (the tubelet embedding of Arnab et al.
 * 2021, section 3.2, with the paper's linear layers around it). A still picture has one frame, too few for a box
 * of several, so its frame is repeated until it fills one, and what is predicted for the repetitions is averaged: for the
 * layers a still is a clip in which nothing moves, stills and clips share every weight, and of several opinions on one
 * frame the mean has the least squared error.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ContinuousAdapter } from '@transfuse/core/contracts';
import { createGridPatch, type GridPatchConfig } from '../patch/grid-patch.ts';
import type { ClipPatch } from './clip-shapes.ts';

/** What the patches of videos are made from. */
export interface SpaceTimePatchConfig {
  readonly patchSize: ClipPatch;
  /** Every latent shape there will be, `[T, H, W, C]`. */
  readonly latentShapes: readonly (readonly number[])[];
  readonly positions: GridPatchConfig['positions'];
}

/** Creates the adapter's pure functions. The functions throw `latent.unsupported-shape` where patches do not fill a latent. */
export function createSpaceTimePatch(
  config: SpaceTimePatchConfig,
): Pick<ContinuousAdapter, 'tokenGrid' | 'parameters' | 'embed' | 'predict'> {
  const { frames, side } = config.patchSize;
  const filled = (shape: readonly number[]) => (shape[0] === 1 ? [frames, ...shape.slice(1)] : shape);
  const largest = (axis: number) => Math.max(...config.latentShapes.map((shape) => filled(shape)[axis]!));
  const patch = createGridPatch({
    patch: [frames, side, side],
    channels: config.latentShapes[0]!.at(-1)!,
    axes: ['frames', 'rows', 'columns'],
    maximumGrid: [largest(0) / frames, Math.ceil(largest(1) / side), Math.ceil(largest(2) / side)],
    positions: config.positions,
  });
  const isRepeated = (count: number) => count === 1 && frames > 1;
  return {
    tokenGrid: (latentShape) => patch.tokenGrid(filled(latentShape)),
    parameters: patch.parameters,
    embed(params, noisy, time) {
      const whole = isRepeated(noisy.shape[1]!)
        ? tf.concat(
            Array.from({ length: frames }, () => noisy),
            1,
          )
        : noisy;
      return patch.embed(params, whole, time); // [B, T, H, W, C] to [B, N, D]
    },
    predict(params, hidden, _time, _skips, latentShape) {
      const whole = patch.predict(params, hidden, filled(latentShape)); // [B, T, H, W, C]
      return isRepeated(latentShape[0]!) ? tf.mean(whole, 1, true) : whole;
    },
  };
}
