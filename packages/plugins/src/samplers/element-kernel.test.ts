import { float32, float64 } from '@transfuse/core/elements';
import { expect, it } from 'vitest';
import { elementKernel } from './element-kernel.ts';

it('names arrays, numbers and results', () => {
  const step = elementKernel({ arrays: ['u', 'slope'], numbers: ['width'] }, ({ u, slope, width }) => ({
    next: float32.plus(u, float32.times(slope, width)),
    halved: float32.over(u, float32.plus(width, width)),
  }));
  const found = step({ slope: Float32Array.of(1, 10), u: Float32Array.of(3, 5) }, { width: 0.5 });
  expect(found).toEqual({ next: Float32Array.of(3.5, 10), halved: Float32Array.of(3, 5) });
});

it('refuses arrays of different lengths', () => {
  const sum = elementKernel({ arrays: ['latent', 'noise'], numbers: [] }, ({ latent, noise }) => ({
    next: float64.plus(latent, noise),
  }));
  expect(() => sum({ latent: new Float32Array(4), noise: new Float32Array(3) }, {})).toThrow(
    expect.objectContaining({ code: 'schedule.invalid', found: 'latent of 4 values, noise of 3 values' }),
  );
});
