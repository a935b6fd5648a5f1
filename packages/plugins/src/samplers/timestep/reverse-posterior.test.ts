import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forwardStep, reversePosterior } from './reverse-posterior.ts';
import type { ChainLevel } from '../timestep-chain.ts';

const level = (alpha: number, sigma: number): ChainLevel => ({ signal: alpha ** 2, noise: sigma ** 2 });

const levels = (at: (time: number) => ChainLevel) =>
  fc
    .tuple(fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.double({ min: 0, max: 0.99, noNaN: true }))
    .map(([time, share]) => ({ from: at(time), to: at(time * share) }));

const preserving = levels((time) => level(Math.cos((time * Math.PI) / 2), Math.sin((time * Math.PI) / 2)));
const anyPath = fc.oneof(
  preserving,
  levels((time) => level(1 - time, time)), // flow matching
  levels((time) => level(1, 80 * time)), // exploding
);

describe('the reverse posterior', () => {
  it('turns latents of the noisier level into latents of the other, for given clean data', () => {
    // If x = alpha * c + sigma * n, then the draw has mean alpha' * c and variance sigma'², whatever the path.
    fc.assert(
      fc.property(anyPath, ({ from, to }) => {
        const posterior = reversePosterior(from, to);
        expect(posterior.latent * Math.sqrt(from.signal) + posterior.clean).toBeCloseTo(Math.sqrt(to.signal), 8);
        const variance = posterior.latent ** 2 * from.noise + posterior.variance;
        expect(Math.abs(variance - to.noise)).toBeLessThanOrEqual(1e-10 * from.noise);
      }),
    );
  });

  it('has the forward variance that leads from the less noisy level to the noisier one', () => {
    // sigma² = (alpha / alpha')² sigma'² + forward variance.
    fc.assert(
      fc.property(anyPath, ({ from, to }) => {
        const { kept, fresh } = forwardStep(from, to);
        expect(Math.abs(kept * to.noise + fresh - from.noise)).toBeLessThanOrEqual(1e-10 * from.noise);
        expect(reversePosterior(from, to).forwardVariance).toBe(fresh);
      }),
    );
  });

  it('is the DDPM paper’s for one step of a chain of betas', () => {
    // Ho et al., equation 7, with alphas_cumprod 0.6 before and 0.6 * (1 - 0.1) after a step of beta 0.1.
    const posterior = reversePosterior({ signal: 0.54, noise: 0.46 }, { signal: 0.6, noise: 0.4 });
    expect(posterior.clean).toBeCloseTo((Math.sqrt(0.6) * 0.1) / 0.46, 12);
    expect(posterior.latent).toBeCloseTo((Math.sqrt(0.9) * 0.4) / 0.46, 12);
    expect(posterior.variance).toBeCloseTo((0.4 / 0.46) * 0.1, 12);
    expect(posterior.forwardVariance).toBeCloseTo(0.1, 12);
  });

  it('starts from pure noise without dividing by the alpha that is 0 there', () => {
    expect(reversePosterior(level(0, 1), { signal: 0.01, noise: 0.81 })).toEqual({
      latent: 0,
      clean: 0.1,
      variance: 0.81,
      forwardVariance: 1,
    });
  });

  it('consists of float32 numbers in single precision, as near as those are', () => {
    fc.assert(
      fc.property(preserving, ({ from, to }) => {
        const rounded = ({ signal }: ChainLevel) => ({
          signal: Math.fround(signal),
          noise: Math.fround(1 - Math.fround(signal)),
        });
        const single = reversePosterior(rounded(from), rounded(to), 'single');
        for (const value of Object.values(single)) expect(value).toBe(Math.fround(value));
        const { forwardVariance } = reversePosterior(from, to);
        expect(Math.abs(single.forwardVariance - forwardVariance)).toBeLessThan(2e-7);
      }),
    );
  });
});
