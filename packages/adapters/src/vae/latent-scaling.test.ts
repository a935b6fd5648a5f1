import { describe, expect, it } from 'vitest';
import { fromModelLatents, toModelLatents } from './latent-scaling.ts';

describe('the scaling of latents', () => {
  it('takes the shift away, then multiplies', () => {
    expect([...toModelLatents({ scale: 0.5, shift: 1 }, Float32Array.of(1, 3, -1))]).toEqual([0, 1, -1]);
  });

  it('takes each channel by its own mean and deviation', () => {
    const scaling = { scale: 2, shift: 0, channels: { mean: [1, 0], deviation: [4, 0.5] } };
    expect([...toModelLatents(scaling, Float32Array.of(5, 3, 1, -1))]).toEqual([2, 12, 0, -4]);
  });

  it.each([
    [{ scale: 0.18215, shift: 0 }],
    [{ scale: 1.5305, shift: 0.0609 }],
    [{ scale: 0.5, shift: 0, channels: { mean: [-1.6574, 1.886], deviation: [8.4927, 5.9022] } }],
  ])('is undone by its inverse: %j', (scaling) => {
    const latents = Float32Array.of(-3, -0.25, 0, 0.5, 7, 100);
    const back = fromModelLatents(scaling, toModelLatents(scaling, latents));
    back.forEach((value, index) => expect(value).toBeCloseTo(latents[index]!, 4));
  });
});
