import { readFileSync } from 'node:fs';
import type { Branch, Guider, GuidanceInput } from '@transfuse/core/contracts';
import { toEstimate } from '@transfuse/core/objective';
import { describe, expect, it } from 'vitest';
import {
  createAdaptiveProjectedGuider,
  createAutoGuider,
  createCfgZeroStarGuider,
  createClassifierFreeGuider,
  createImageGuider,
  createIntervalGuider,
  createNormClampGuider,
  createRescaleGuider,
  createTextAndImageGuider,
} from './index.ts';

// Against `test/reference/guiders.py`: the outputs of the branches are the same waves there and here.

interface Case {
  readonly guider: string;
  readonly settings: Readonly<Record<string, number>>;
  readonly guided: readonly number[];
  readonly evaluations?: number;
}
const { cases } = JSON.parse(readFileSync(new URL('./guiders.fixture.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

const latentShape = [4, 4, 3];
const wave = (stream: number) =>
  Float32Array.from({ length: 48 }, (_, i) => Math.sin(1.3 * (stream + 1) + 0.37 * i + 0.011 * i * i));
const outputs = {
  conditional: wave(0),
  'without-text': wave(1),
  'without-blocks': wave(2),
  unconditional: wave(3),
} satisfies Partial<Record<Branch, Float32Array>>;

const level = { alpha: 0.6, sigma: 0.8, velocity: { clean: -0.8, noise: 0.6 } };
const input: Omit<GuidanceInput, 'guided' | 'memory'> = {
  moment: { index: 3, of: 10, time: 0.5, level },
  latent: wave(7),
  latentShape,
  prediction: 'velocity',
  outputs,
};

function chained(guiders: readonly Guider[], given: Partial<typeof input> = {}): Float32Array {
  const whole = { ...input, ...given };
  let guided: Float32Array = whole.outputs.conditional;
  for (const guider of guiders) guided = guider.guide({ ...whole, guided, memory: [] }).guided;
  return guided;
}

const bagel = (by: 'global' | 'channel', minimum: number) => [
  createClassifierFreeGuider({ scale: 4 }),
  createImageGuider({ scale: 2 }),
  createNormClampGuider({ by, minimum }),
];
const chains: Readonly<Record<string, (settings: Readonly<Record<string, number>>) => readonly Guider[]>> = {
  'classifier-free': (settings) => [createClassifierFreeGuider(settings)],
  'cfg-zero-star': (settings) => [createCfgZeroStarGuider(settings)],
  'classifier-free+rescale': ({ scale, factor }) => [
    createClassifierFreeGuider({ scale: scale! }),
    createRescaleGuider({ factor: factor! }),
  ],
  'bagel global': ({ minimum }) => bagel('global', minimum!),
  'bagel channel': ({ minimum }) => bagel('channel', minimum!),
  'bagel text-channel': ({ minimum }) => [
    createClassifierFreeGuider({ scale: 4 }),
    createNormClampGuider({ by: 'channel', minimum: minimum! }),
    createImageGuider({ scale: 2 }),
  ],
  'text-and-image': (settings) => [createTextAndImageGuider(settings)],
};

function expectNear(found: Float32Array, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(found).toHaveLength(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs), 1e-6);
  found.forEach((x, i) => expect(Math.abs(x - expected[i]!) / scale).toBeLessThan(tolerance));
}

describe('guiders give the reference’s numbers', () => {
  const titled = cases.map((item) => [`${item.guider} ${JSON.stringify(item.settings)}`, item] as const);
  it.each(titled.filter(([, { evaluations }]) => evaluations === undefined))('%s', (_, item) => {
    expectNear(chained(chains[item.guider]!(item.settings)), item.guided);
  });

  it.each(titled.filter(([, { evaluations }]) => evaluations !== undefined))('%s, with momentum', (_, item) => {
    const guider = createAdaptiveProjectedGuider(item.settings);
    const first = guider.guide({ ...input, guided: outputs.conditional, memory: [] });
    const second = { conditional: outputs['without-blocks'], 'without-text': outputs.unconditional };
    const { guided } = guider.guide({
      ...input,
      outputs: second,
      guided: second.conditional,
      memory: first.memory ?? [],
    });
    expectNear(guided, item.guided);
  });
});

describe('adaptive projected guidance on clean estimates', () => {
  it('with everything kept is classifier-free guidance', () => {
    const guider = createAdaptiveProjectedGuider({ scale: 4, eta: 1, momentum: 0 });
    expectNear(chained([guider]), chained([createClassifierFreeGuider({ scale: 4 })]));
  });

  it.each(['velocity', 'epsilon', 'sample'] as const)('adds nothing along the clean estimate of %s', (prediction) => {
    const guided = chained([createAdaptiveProjectedGuider({ scale: 4, momentum: 0 })], { prediction });
    const clean = (output: Float32Array) => toEstimate(output, input.latent, prediction, level).clean;
    const [before, after] = [clean(outputs.conditional), clean(guided)];
    const along = before.reduce((sum, x, i) => sum + x * (after[i]! - x), 0);
    expect(Math.abs(along)).toBeLessThan(1e-4 * before.reduce((sum, x) => sum + x * x, 0));
  });
});

describe('CFG-Zero*', () => {
  it('stands still at the first evaluations of a velocity', () => {
    const first = { ...input.moment, index: 0 };
    expect(chained([createCfgZeroStarGuider()], { moment: first }).every((x) => x === 0)).toBe(true);
    expect(() => chained([createCfgZeroStarGuider()], { moment: first, prediction: 'epsilon' })).toThrow(
      expect.objectContaining({ code: 'schedule.invalid', place: 'cfg-zero-star.zeroSteps' }),
    );
  });
});

describe('an interval', () => {
  it('says where a chain applies, both ends included', () => {
    const { appliesAt } = createIntervalGuider({ from: 0.2, to: 0.7 });
    const at = (time: number) => appliesAt!({ ...input.moment, time });
    expect([0.1, 0.2, 0.5, 0.7, 0.8].map(at)).toEqual([false, true, true, true, false]);
  });

  it('does not run backwards', () => {
    expect(() => createIntervalGuider({ from: 0.7, to: 0.2 })).toThrow(
      expect.objectContaining({ place: 'interval.to' }),
    );
  });
});

describe('guiders of scale 1', () => {
  it.each([
    createClassifierFreeGuider({ scale: 1 }),
    createImageGuider({ scale: 1 }),
    createAutoGuider({ scale: 1 }),
    createAdaptiveProjectedGuider({ scale: 1 }),
    createCfgZeroStarGuider({ scale: 1, zeroSteps: 0 }),
  ])('cost nothing and change nothing: $name', (guider) => {
    expect(guider.branches).toEqual([]);
    expect(chained([guider], { outputs: { conditional: outputs.conditional } })).toEqual(outputs.conditional);
  });
});

describe('auto-guidance', () => {
  it('leads away from the weaker model', () => {
    const weak = wave(5);
    const guided = chained([createAutoGuider({ scale: 3 })], { outputs: { ...outputs, weak } });
    guided.forEach((x, i) => expect(x).toBeCloseTo(weak[i]! + 3 * (outputs.conditional[i]! - weak[i]!), 5));
  });
});

it.each<[() => Guider, string]>([
  [() => createClassifierFreeGuider({ scale: -1 }), 'classifier-free.scale'],
  [() => createRescaleGuider({ factor: 2 }), 'rescale.factor'],
  [() => createNormClampGuider({ by: 'token' as 'channel' }), 'norm-clamp.by'],
  [() => createAdaptiveProjectedGuider({ momentum: Number.NaN }), 'adaptive-projected.momentum'],
])('a setting out of range is named: %#', (create, place) => {
  expect(create).toThrow(expect.objectContaining({ code: 'schedule.invalid', place }));
});
