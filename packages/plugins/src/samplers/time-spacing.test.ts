import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SamplingRequest } from '@transfuse/core/contracts';
import { createCosineSchedule } from '../schedules/cosine.ts';
import { createFlowMatchingSchedule } from '../schedules/flow-matching.ts';
import { timestepChain } from './timestep-chain.ts';
import { plannedTimesteps, spacedTimesteps, type Spacing, spacings } from './time-spacing.ts';

const cosine = timestepChain(createCosineSchedule());
const flow = timestepChain(createFlowMatchingSchedule());

function plan(chain: typeof cosine, request: SamplingRequest, spacing: Spacing = 'leading', stepsOffset = 0) {
  return plannedTimesteps(chain, request, { spacing, stepsOffset, sampler: 'test', custom: 'allowed' });
}

const invalid = (place: string) => expect.objectContaining({ code: 'schedule.invalid', place });

describe('the timesteps of a discrete schedule', () => {
  it('lead from 0 by whole strides with leading', () => {
    expect(spacedTimesteps(1000, 10, 'leading')).toEqual([900, 800, 700, 600, 500, 400, 300, 200, 100, 0]);
    expect(spacedTimesteps(1000, 250, 'leading').slice(0, 3)).toEqual([996, 992, 988]);
    expect(spacedTimesteps(1000, 3, 'leading')).toEqual([666, 333, 0]);
  });

  it('trail from the last timestep with trailing', () => {
    expect(spacedTimesteps(1000, 10, 'trailing')).toEqual([999, 899, 799, 699, 599, 499, 399, 299, 199, 99]);
    expect(spacedTimesteps(1000, 1, 'trailing')).toEqual([999]);
  });

  it('reach both ends with linspace, and a single one stands at 0', () => {
    expect(spacedTimesteps(1000, 10, 'linspace')).toEqual([999, 888, 777, 666, 555, 444, 333, 222, 111, 0]);
    expect(spacedTimesteps(1000, 1, 'linspace')).toEqual([0]);
  });

  it('round halves to the even neighbour, as numpy does', () => {
    // 16 steps trail by 62.5: 1000, 937.5, 875, 812.5 become 1000, 938, 875, 812, and each loses one.
    expect(spacedTimesteps(1000, 16, 'trailing').slice(0, 4)).toEqual([999, 937, 874, 811]);
  });

  it('move up by the offset with leading only', () => {
    expect(plan(cosine, { steps: 4 }, 'leading', 1)).toEqual([751, 501, 251, 1]);
    expect(plan(cosine, { steps: 4 }, 'trailing', 1)).toEqual([999, 749, 499, 249]);
    expect(() => plan(cosine, { steps: 4 }, 'leading', 250)).toThrow(invalid('test.stepsOffset'));
  });

  it('are whole timesteps, distinct and falling, for any number of steps', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 1000 })
          .chain((count) => fc.tuple(fc.constant(count), fc.integer({ min: 1, max: count }))),
        fc.constantFrom(...spacings),
        ([count, steps], spacing) => {
          const found = spacedTimesteps(count, steps, spacing);
          expect(found).toHaveLength(steps);
          expect(found.every(Number.isInteger)).toBe(true);
          expect(found[0]).toBeLessThan(count);
          expect(found.at(-1)).toBeGreaterThanOrEqual(0);
          for (let i = 1; i < steps; i += 1) expect(found[i]).toBeLessThan(found[i - 1]!);
        },
      ),
    );
  });
});

describe('the timesteps of a continuous schedule', () => {
  it.each(spacings)('run evenly from the noise and stop short of the data with %s', (spacing) => {
    expect(plan(flow, { steps: 4 }, spacing, 1)).toEqual([1000, 750, 500, 250]);
  });
});

describe('timesteps that the request names', () => {
  it('are taken as they are, cut to whole ones where only these exist', () => {
    expect(plan(cosine, { steps: 7, timesteps: [999, 500.9, 0] })).toEqual([999, 500, 0]);
    expect(plan(flow, { steps: 7, timesteps: [1000, 12.5] })).toEqual([1000, 12.5]);
  });

  it.each([
    ['none at all', []],
    ['one beyond the last', [1000, 3]],
    ['one before the first', [3, -1]],
    ['rising ones', [3, 4]],
    ['the same twice', [4, 4]],
    ['the same twice once they are whole', [4.7, 4.2]],
    ['what is not a number', [4, Number.NaN]],
  ])('are refused with %s', (_, timesteps) => {
    expect(() => plan(cosine, { steps: 7, timesteps })).toThrow(invalid('test.timesteps'));
  });

  it('are refused at the clean end of a continuous schedule', () => {
    expect(() => plan(flow, { steps: 7, timesteps: [500, 0] })).toThrow(invalid('test.timesteps'));
  });

  it('are refused by a sampler that has no use for them, and sigmas by all', () => {
    const options = { spacing: 'leading', stepsOffset: 0, sampler: 'test', custom: 'refused' } as const;
    expect(() => plannedTimesteps(cosine, { steps: 7, timesteps: [3] }, options)).toThrow(invalid('test.timesteps'));
    expect(() => plan(cosine, { steps: 7, sigmas: [3] })).toThrow(invalid('test.sigmas'));
  });
});

describe('a number of steps that cannot be honoured', () => {
  it.each([0, -1, 1.5, Number.NaN, 1001])('is refused: %s', (steps) => {
    expect(() => plan(cosine, { steps })).toThrow(invalid('test.steps'));
  });

  it('is without an upper bound over continuous time', () => {
    expect(plan(flow, { steps: 1001 })).toHaveLength(1001);
    expect(() => plan(flow, { steps: 0 })).toThrow(invalid('test.steps'));
  });
});
