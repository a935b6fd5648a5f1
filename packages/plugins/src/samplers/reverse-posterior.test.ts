import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reversePosterior } from './reverse-posterior.ts';
import type { Level } from './trajectory.ts';

const levels = (at: (time: number) => Level) =>
  fc
    .tuple(fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.double({ min: 0, max: 0.99, noNaN: true }))
    .map(([time, share]) => ({ from: at(time), to: at(time * share) }));

const anyPath = fc.oneof(
  levels((time) => ({ alpha: 1 - time, sigma: time })), // flow matching
  levels((time) => ({ alpha: Math.cos((time * Math.PI) / 2), sigma: Math.sin((time * Math.PI) / 2) })), // preserving
  levels((time) => ({ alpha: 1, sigma: 80 * time })), // exploding
);

describe('the reverse posterior', () => {
  it('turns latents of the noisier level into latents of the other, for given clean data', () => {
    // If x = alpha * c + sigma * n, then the draw has mean alpha' * c and variance sigma'², whatever the path.
    fc.assert(
      fc.property(anyPath, ({ from, to }) => {
        const posterior = reversePosterior(from, to);
        expect(posterior.latent * from.alpha + posterior.clean).toBeCloseTo(to.alpha, 10);
        const variance = (posterior.latent * from.sigma) ** 2 + posterior.variance;
        expect(Math.abs(variance - to.sigma ** 2)).toBeLessThanOrEqual(1e-10 * from.sigma ** 2);
      }),
    );
  });

  it('has the forward variance that leads from the less noisy level to the noisier one', () => {
    // sigma² = (alpha / alpha')² sigma'² + forward variance.
    fc.assert(
      fc.property(anyPath, ({ from, to }) => {
        const carried = ((from.alpha / to.alpha) * to.sigma) ** 2;
        const { forwardVariance } = reversePosterior(from, to);
        expect(Math.abs(carried + forwardVariance - from.sigma ** 2)).toBeLessThanOrEqual(1e-10 * from.sigma ** 2);
      }),
    );
  });

  it('is the DDPM paper’s for one step of a chain of betas', () => {
    // Ho et al., equation 7, with alphas_cumprod 0.6 before and 0.6 * (1 - 0.1) after a step of beta 0.1.
    const posterior = reversePosterior(
      { alpha: Math.sqrt(0.54), sigma: Math.sqrt(0.46) },
      { alpha: Math.sqrt(0.6), sigma: Math.sqrt(0.4) },
    );
    expect(posterior.clean).toBeCloseTo((Math.sqrt(0.6) * 0.1) / 0.46, 12);
    expect(posterior.latent).toBeCloseTo((Math.sqrt(0.9) * 0.4) / 0.46, 12);
    expect(posterior.variance).toBeCloseTo((0.4 / 0.46) * 0.1, 12);
    expect(posterior.forwardVariance).toBeCloseTo(0.1, 12);
  });

  it('starts from pure noise without dividing by the alpha that is 0 there', () => {
    const to = { alpha: 0.1, sigma: 0.9 };
    expect(reversePosterior({ alpha: 0, sigma: 1 }, to)).toEqual({
      latent: 0,
      clean: 0.1,
      variance: 0.9 ** 2,
      forwardVariance: 1,
    });
  });
});
