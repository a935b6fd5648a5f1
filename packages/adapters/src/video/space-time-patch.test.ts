import type { HostTensor } from '@transfuse/core/contracts';
import { createEagerEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import { largestDifference, sizeOf, wave, waveParameters } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { createSpaceTimePatch } from './space-time-patch.ts';

const [clip, still] = [
  [4, 4, 6, 3],
  [1, 4, 6, 3],
];
const patch = createSpaceTimePatch({
  patchSize: { frames: 2, side: 2 },
  latentShapes: [clip, still],
  positions: 'learned',
});
const params = waveParameters(patch.parameters(5));
const engine = await createEagerEngine();
const float32 = (shape: readonly number[], data: Float32Array): HostTensor => ({ shape, dtype: 'float32', data });
const time = float32([1], Float32Array.of(0.4));

async function tokensOf(shape: readonly number[], data: Float32Array): Promise<Float32Array> {
  const { tokens } = await runOnce(
    engine,
    (inputs) => ({ tokens: patch.embed(inputs, inputs['noisy']!, inputs['time']!).tokens }),
    { ...params, noisy: float32([1, ...shape], data), time },
  );
  expect(tokens!.shape).toEqual([1, sizeOf(patch.tokenGrid(shape)), 5]);
  return Float32Array.from(tokens!.data);
}

async function predictionOf(shape: readonly number[], hidden: Float32Array): Promise<Float32Array> {
  const { latent } = await runOnce(
    engine,
    (inputs) => ({ latent: patch.predict(inputs, inputs['hidden']!, inputs['time']!, {}, shape) }),
    { ...params, hidden: float32([1, hidden.length / 5, 5], hidden), time },
  );
  expect(latent!.shape).toEqual([1, ...shape]);
  return Float32Array.from(latent!.data);
}

describe('patches in space and time', () => {
  it('give a still the grid of one patch in time', () => {
    expect(patch.tokenGrid(clip)).toEqual([2, 2, 3]);
    expect(patch.tokenGrid(still)).toEqual([1, 2, 3]);
  });

  it('see a still as a clip in which nothing moves', async () => {
    const frame = wave(3, 72);
    const frozen = new Float32Array(4 * 72);
    for (let index = 0; index < 4; index++) frozen.set(frame, index * 72);
    const [alone, moving] = [await tokensOf(still, frame), await tokensOf(clip, frozen)];
    expect(largestDifference(alone, moving.subarray(0, alone.length))).toBe(0); // the first patch in time
  });

  it('predict a still as the mean of what they predict for the frames of a patch', async () => {
    const hidden = wave(7, 12 * 5);
    const whole = await predictionOf(clip, hidden);
    const mean = Float32Array.from({ length: 72 }, (_, index) => (whole[index]! + whole[72 + index]!) / 2);
    expect(largestDifference(await predictionOf(still, hidden.subarray(0, 30)), mean)).toBeLessThan(1e-6);
  });

  it('have tables of positions as long as the longest clip and the largest frame', () => {
    const { parameters } = createSpaceTimePatch({
      patchSize: { frames: 2, side: 2 },
      latentShapes: [still, [8, 2, 4, 3], [4, 6, 2, 3]],
      positions: 'learned',
    });
    const spec = parameters(5);
    expect(['frames', 'rows', 'columns'].map((axis) => spec[`${axis}.weight`]!.shape[0])).toEqual([4, 3, 3]);
  });

  it.each([[[3, 4, 6, 3]], [[4, 5, 6, 3]], [[6, 4, 6, 3]], [[4, 6, 3]], [[]]])('refuse a latent %j', (shape) => {
    expect(() => patch.tokenGrid(shape)).toThrow(expect.objectContaining({ code: 'latent.unsupported-shape' }));
  });
});
