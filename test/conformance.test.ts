// Runs the conformance kit over everything this repository contributes: whatever a plugin provides is found through its
// manifest, so a newcomer is checked without being listed here. What is listed are the exceptions, each with its reason.
import { describe, expect, it } from 'vitest';
import { image, text } from '@transfuse/adapters';
import { linearPatchImage } from '@transfuse/adapters/image';
import { huggingFaceText, trainByteLevelBpe } from '@transfuse/adapters/text';
import { validate } from '@transfuse/core';
import type {
  ContinuousAdapter,
  Contribution,
  ContributionKind,
  ContributionKinds,
  CreationContext,
  Guider,
  LossWeighting,
  NoiseSchedule,
  Sampler,
  StepCache,
} from '@transfuse/core/contracts';
import {
  checkContinuousAdapter,
  checkDiscreteAdapter,
  checkGuider,
  checkLossWeighting,
  checkNoiseSchedule,
  checkPlugin,
  checkSampler,
  checkStepCache,
  circleSchedule,
  discreteCircleSchedule,
  type GuiderCheckOptions,
  referenceSchedules,
  type SamplerCheckOptions,
} from '@transfuse/core/testing';
import { diffusion, guiders, samplers, schedulerConfigs, schedules, stepCaches, weightings } from '@transfuse/plugins';
import { emoji } from '@transfuse/plugins/data/emoji';

const runner = { describe, it };
const ignore = (): void => {};
const texts = ['low lower lowest', 'new newer newest'];
const context: CreationContext = {
  logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  assets: {},
  texts: () => texts,
};
const tokenizer = await trainByteLevelBpe(texts, { vocabularySize: 270, minimumFrequency: 1 });
const tokenizerFile = new TextEncoder().encode(JSON.stringify(tokenizer));

/** Settings of what has no defaults, or large ones. */
const settings: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'noise-schedule:trained-betas': { betas: Array.from({ length: 50 }, (_, n) => 0.01 + 0.004 * n) },
  'noise-schedule:diffusers': { config: { _class_name: 'DDIMScheduler' } },
  'sampler:diffusers': { config: { _class_name: 'FlowMatchEulerDiscreteScheduler' } },
  'continuous-adapter:unet-patch': { size: 16, patchSize: 8, widths: [4, 4, 8, 16], timeWidth: 16 },
};

function contributed<Kind extends ContributionKind>(kind: Kind) {
  return diffusion.contributions
    .filter((one): one is Contribution<Kind> => one.kind === kind)
    .map((one) => ({
      name: one.name,
      create: (config = settings[`${kind}:${one.name}`] ?? {}) =>
        one.create(config, context) as ContributionKinds[Kind],
    }));
}

const made = contributed('noise-schedule').map(({ name, create }) => ({ name, create: create as () => NoiseSchedule }));
const everySchedule = made.flatMap(({ create }) => {
  try {
    return [create()];
  } catch {
    return []; // its own suite says why
  }
});

for (const plugin of [
  diffusion,
  schedules,
  weightings,
  samplers,
  guiders,
  stepCaches,
  schedulerConfigs,
  image,
  emoji,
]) {
  checkPlugin(plugin, { title: `plugin ${plugin.manifest.name}`, settings, context }).register(runner);
}
const assets = { 'tokenizer.json': tokenizerFile };
checkPlugin(text, { title: `plugin ${text.manifest.name}`, context: { ...context, assets } }).register(runner);

for (const { name, create } of made) {
  const fromConfig = create as (config: Readonly<Record<string, unknown>>) => NoiseSchedule;
  checkNoiseSchedule(create, { title: `schedule ${name}`, fromConfig }).register(runner);
}

const distilled: SamplerCheckOptions = { network: 'consistency', accuracy: { steps: 50 } };
const samplerOptions: Readonly<Record<string, SamplerCheckOptions>> = {
  pndm: { landing: 0.1 }, // near clean data, float32 levels as diffusers has them lose what is left of the noise
  lcm: distilled,
  'flow-lcm': distilled,
  tcd: {
    ...distilled,
    knownFailures: {
      'reaches mean and deviation of Gaussian data with many steps':
        'its network leads to any earlier point of the trajectory, which the kit has none of',
    },
  },
};

/** Schedules of the kit over which a sampler is right in the limit of many steps only. */
const notOver: Readonly<Record<string, readonly NoiseSchedule[]>> = {
  pndm: [circleSchedule], // begun with nothing of the signal, it combines velocities, which turn along this path
};

for (const { name, create } of contributed('sampler')) {
  const sampler = create as () => Sampler;
  const options = samplerOptions[name] ?? {};
  const plannedOf = (all: readonly NoiseSchedule[]) =>
    all.filter((schedule) => isPlanned(sampler, schedule) && !(notOver[name]?.includes(schedule) ?? false));
  const [own, others] = [plannedOf(referenceSchedules), plannedOf(everySchedule)];
  describe(`sampler ${name}`, () => {
    it('plans runs over a schedule of the kit and one of the plugin', () => {
      expect(Math.min(own.length, others.length)).toBeGreaterThan(0);
    });
  });
  checkSampler(sampler, { title: `sampler ${name}`, ...options, schedules: own }).register(runner);
  // Some schedules here have few timesteps, or much noise at the first: exact estimates lead less near.
  checkSampler(sampler, {
    title: `sampler ${name} over ${others.length} of the schedules here`,
    ...options,
    schedules: others,
    steps: [1, 4],
    accuracy: { tolerance: 0.1, ...options.accuracy },
  }).register(runner);
}

/** A sampler may refuse a schedule in words; anything else it throws is for its suite to find. */
function isPlanned(create: () => Sampler, schedule: NoiseSchedule): boolean {
  try {
    create().begin(schedule, { steps: 2 });
    return true;
  } catch (error) {
    return !(error instanceof Error && error.name === 'TransfuseError');
  }
}

const guiderOptions: Readonly<Record<string, GuiderCheckOptions>> = {
  // Its first outputs are zeros, which only a velocity can mean.
  'cfg-zero-star': { predictions: ['velocity'], agreement: 'own' },
};
const scaled = ['classifier-free', 'auto-guidance', 'image-guidance'];
const identities: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ...Object.fromEntries(scaled.map((name) => [name, { scale: 1 }])),
  'text-and-image': { textScale: 1, imageScale: 1 },
  interval: {},
  rescale: { factor: 0 },
};
for (const { name, create } of contributed('guider')) {
  const identity = identities[name];
  checkGuider(create as () => Guider, {
    title: `guider ${name}`,
    ...guiderOptions[name],
    ...(identity !== undefined && { identity: () => create(identity) as Guider }),
  }).register(runner);
}
checkGuider(
  () =>
    contributed('guider')
      .find(({ name }) => name === 'cfg-zero-star')!
      .create({ zeroSteps: 0 }) as Guider,
  {
    title: 'guider cfg-zero-star without zeros',
  },
).register(runner);

for (const { name, create } of contributed('step-cache')) {
  checkStepCache(create as () => StepCache, { title: `step cache ${name}` }).register(runner);
}
for (const { name, create } of contributed('loss-weighting')) {
  const options = { title: `loss weighting ${name}`, schedules: [...everySchedule, discreteCircleSchedule] };
  checkLossWeighting(create as () => LossWeighting, options).register(runner);
}

checkDiscreteAdapter(() => huggingFaceText({ tokenizer }), {
  title: 'text adapter, byte-level BPE',
  samples: ['', 'low', 'lowest newest\n\ttwo  spaces', 'Grüße aus Köln, 東京, 🐌👩‍👩‍👧 and a̐', '\u0000 \uFFFD'],
  restore: ({ 'tokenizer.json': file }) => huggingFaceText({ tokenizer: file! }),
  invalid: [undefined, 7, '\uD800'],
}).register(runner);

const picture = (size: number) => ({
  width: size,
  height: size,
  data: new Uint8Array(size * size * 3).map((_, index) => (37 * index) % 256),
});
const pictures = { samples: [picture(16), picture(24)], invalid: [undefined, null, 3] };
for (const adapter of image.contributions) {
  if (adapter.kind !== 'continuous-adapter') continue;
  const where = { code: 'config.invalid', place: adapter.name } as const;
  const small = validate(adapter.configSchema, { size: 16 }, where) as Record<string, unknown>;
  const create = () => adapter.create(small, context) as ContinuousAdapter;
  checkContinuousAdapter(create, { ...pictures, title: `image adapter ${adapter.name}` }).register(runner);
}
for (const patchSize of [1, 4] as const) {
  checkContinuousAdapter(() => linearPatchImage({ size: 8, patchSize }), {
    ...pictures,
    title: `image adapter linear-patch, patches of ${patchSize}`,
  }).register(runner);
}

describe('the conformance of this repository', () => {
  it('is checked for every kind of contribution of the diffusion plugin', () => {
    const kinds = new Set(diffusion.contributions.map(({ kind }) => kind));
    expect([...kinds].toSorted()).toEqual(['guider', 'loss-weighting', 'noise-schedule', 'sampler', 'step-cache']);
  });

  it('is checked for every discrete adapter there is', () => {
    const kinds = [text, image].flatMap(({ contributions }) =>
      contributions.map(({ kind, name }) => `${kind}:${name}`),
    );
    const discrete = kinds.filter((kind) => kind.startsWith('discrete'));
    expect(discrete.toSorted()).toEqual(['discrete-adapter:bpe', 'discrete-adapter:huggingface']);
  });
});
