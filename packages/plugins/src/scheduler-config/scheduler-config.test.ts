import { readFileSync } from 'node:fs';
import { TransfuseError } from '@transfuse/core/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSchedulerConfig } from './python-json.ts';
import { libraryFields, realFields } from './library-fields.ts';
import { schedulerClasses } from './scheduler-classes.ts';
import { readSchedulerConfig } from './scheduler-config.ts';
import { writeSchedulerConfig } from './scheduler-config-text.ts';

interface Argument {
  readonly name: string;
  readonly default: unknown;
  readonly annotation: string;
}

// Written by `test/reference/scheduler_defaults.py`.
const reference = JSON.parse(readFileSync(new URL('./scheduler-defaults.fixture.json', import.meta.url), 'utf8')) as {
  readonly classes: Readonly<Record<string, readonly Argument[]>>;
  readonly saved: readonly { readonly text: string; readonly saved: string }[];
};
const everyArgument = Object.values(reference.classes).flat();

function refusal(read: () => unknown): TransfuseError {
  try {
    read();
  } catch (error) {
    if (error instanceof TransfuseError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the classes', () => {
  it('are the 22 of the library that are promised', () => {
    expect(schedulerClasses.map(({ className }) => className).toSorted()).toEqual(
      Object.keys(reference.classes).toSorted(),
    );
  });

  it.each(schedulerClasses.map((found) => [found.className, found.defaults] as const))(
    '%s has the library’s fields and defaults',
    (className, defaults) => {
      const theirs = reference.classes[className] as readonly Argument[];
      const infinite = (value: unknown) => (value === '-inf' ? -Infinity : value);
      expect(defaults).toStrictEqual(Object.fromEntries(theirs.map((found) => [found.name, infinite(found.default)])));
    },
  );

  it.each(Object.keys(reference.classes))('%s can be read with nothing but its name', (className) => {
    const { schedule, sampler, timestepOf } = readSchedulerConfig({ _class_name: className });
    const run = sampler.begin(schedule, { steps: 5 });
    expect(run.evaluations.length).toBeGreaterThanOrEqual(5);
    expect(Number.isFinite(timestepOf(run.evaluations[0]!.time))).toBe(true);
  });
});

describe('the lists of fields', () => {
  it('name every argument of every class', () => {
    expect(libraryFields).toEqual([...new Set(everyArgument.map(({ name }) => name))].toSorted());
  });

  it('know which hold real numbers', () => {
    const real = everyArgument.filter(({ annotation }) => annotation.includes('float')).map(({ name }) => name);
    expect([...realFields]).toEqual([...new Set(real)].toSorted());
  });
});

describe('reading a file', () => {
  it('fills in defaults and keeps metadata', () => {
    const json = { _class_name: 'FlowMatchHeunDiscreteScheduler', _diffusers_version: '0.30.0', shift: 2 };
    const { config, unused, className } = readSchedulerConfig(json);
    expect(config).toEqual({ ...json, num_train_timesteps: 1000 });
    expect([className, unused]).toEqual(['FlowMatchHeunDiscreteScheduler', []]);
  });

  it('takes fields that the file marks as defaults of the moment from the class', () => {
    const json = { _class_name: 'FlowMatchHeunDiscreteScheduler', shift: 2, _use_default_values: ['shift'] };
    expect(readSchedulerConfig(json).config['shift']).toBe(1);
  });

  it('reads past fields of other classes, and says which', () => {
    const json = { _class_name: 'FlowMatchHeunDiscreteScheduler', clip_sample: false, skip_prk_steps: true };
    expect(readSchedulerConfig(json).unused).toEqual(['clip_sample', 'skip_prk_steps']);
  });

  it('honours sigma_min and sigma_max in files of flow matching, as the library does', () => {
    const json = {
      _class_name: 'FlowMatchEulerDiscreteScheduler',
      use_karras_sigmas: true,
      sigma_min: 0.01,
      sigma_max: 0.9,
    };
    const { sampler, schedule } = readSchedulerConfig(json);
    const { evaluations } = sampler.begin(schedule, { steps: 4 });
    expect(evaluations[0]!.level.sigma).toBeCloseTo(0.9, 6);
    expect(evaluations[3]!.level.sigma).toBeCloseTo(0.01, 6);
  });

  it('passes arguments of the library’s step on', () => {
    const json = { _class_name: 'EDMEulerScheduler' };
    expect(readSchedulerConfig(json, { s_churn: 5 }).sampler.config['churn']).toBe(5);
  });

  it.each([
    [{ _class_name: 'DDIMSchedular' }, {}, /_class_name.*Did you mean "DDIMScheduler"/],
    [{ _class_name: 'constructor' }, {}, /_class_name/],
    [{ shift: 3 }, {}, /_class_name/],
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler', shfit: 3 }, {}, /field "shfit".*Did you mean "shift"/],
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: '3' }, {}, /field shift: found "3", expected a number/],
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: -1 }, {}, /flow-euler.shift: found -1/],
    [
      { _class_name: 'FlowMatchEulerDiscreteScheduler', use_karras_sigmas: true, use_beta_sigmas: true },
      {},
      /use_karras_sigmas and use_beta_sigmas/,
    ],
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler' }, { per_token_timesteps: [1] }, /per_token_timesteps/],
    [{ _class_name: 'FlowMatchLCMScheduler', scale_factors: [0.5] }, {}, /upscale_mode/],
    [{ _class_name: 'EDMEulerScheduler', prediction_type: 'sample' }, {}, /prediction_type/],
    [{ _class_name: 'EDMEulerScheduler' }, { s_chrun: 3 }, /argument "s_chrun".*Did you mean "s_churn"/],
    [{ _class_name: 'EDMEulerScheduler' }, { toString: 3 }, /argument "toString"/],
    [{ _class_name: 'EDMEulerScheduler', sigma_min: 3, sigma_max: 2 }, {}, /sigmaM/],
    [{ _class_name: 'EDMDPMSolverMultistepScheduler', algorithm_type: 'deis' }, {}, /final_sigmas_type/],
    [{ _class_name: 'EDMDPMSolverMultistepScheduler', solver_order: 0 }, {}, /solver_order/],
    [[], {}, /an object of fields/],
    ['{}', {}, /an object of fields/],
    [null, {}, /an object of fields/],
  ])('refuses %j with arguments %j', (json, stepArguments, message) => {
    const error = refusal(() => readSchedulerConfig(json, stepArguments));
    expect(error.code).toBe('config.invalid');
    expect(error.message).toMatch(message);
  });

  it('ends in a TransfuseError or in a sampler, whatever the file holds', () => {
    const value = fc.oneof(
      fc.constantFrom(null, true, false, 0, 1, 2, 1000, -1, 0.5, 1e9, 'epsilon', 'karras', [], {}),
      fc.jsonValue(),
    );
    const name = fc.oneof(fc.constantFrom(...libraryFields), fc.string());
    const className = fc.oneof(fc.constantFrom(...schedulerClasses.map((found) => found.className)), fc.jsonValue());
    const file = fc
      .tuple(className, fc.dictionary(name, value, { maxKeys: 3 }))
      .map(([_class_name, fields]) => ({ ...fields, _class_name }));
    const stepArguments = fc.dictionary(fc.constantFrom('eta', 's_churn', 's_noise', 'strength', 'junk'), value, {
      maxKeys: 1,
    });
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(file, fc.jsonValue()), stepArguments, (json, given) => {
        try {
          readSchedulerConfig(json, given);
          read += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(TransfuseError);
        }
      }),
      { numRuns: 1000 },
    );
    expect(read).toBeGreaterThan(0);
  });
});

describe('writing a file', () => {
  const versionless = (text: string) => text.replace(/"_diffusers_version": "[^"]*"/, '"_diffusers_version": ""');

  it.each(reference.saved.map(({ text, saved }) => [text, saved] as const))(
    'saves %s as the library does, byte for byte apart from the version',
    (text, saved) => {
      const written = writeSchedulerConfig(readSchedulerConfig(parseSchedulerConfig(text)));
      expect(versionless(written)).toBe(versionless(saved));
    },
  );

  it('is read again as the same file', () => {
    for (const { text } of reference.saved) {
      const once = writeSchedulerConfig(readSchedulerConfig(parseSchedulerConfig(text)));
      expect(writeSchedulerConfig(readSchedulerConfig(parseSchedulerConfig(once)))).toBe(once);
    }
  });

  it('keeps the version a file names', () => {
    const json = { _class_name: 'FlowMatchHeunDiscreteScheduler', _diffusers_version: '0.30.0' };
    expect(writeSchedulerConfig(readSchedulerConfig(json))).toContain('"_diffusers_version": "0.30.0"');
  });

  it('refuses a text that is not JSON', () => {
    expect(refusal(() => parseSchedulerConfig('{ "shift": }')).code).toBe('config.unreadable');
  });

  it('reads infinities, but not in strings', () => {
    expect(parseSchedulerConfig('{ "a": -Infinity, "b": "-Infinity", "c\\"NaN": 1 }')).toEqual({
      a: -Infinity,
      b: '-Infinity',
      'c"NaN': 1,
    });
  });
});
