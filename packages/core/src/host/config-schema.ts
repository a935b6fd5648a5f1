// The JSON schema (draft 2020-12) of the configuration described in config-types.ts. A field with a default is
// required here, because defaults are filled in before the check; that way the static type is the resolved one.
import { type Static, Type } from 'typebox';
import type { PredictionType } from '../contracts/noise-schedule.ts';
import type { AdapterSettings, GuidanceConfig, NamedSettings } from './config-types.ts';
import { modelPresetNames } from './model-presets.ts';

const closed = { additionalProperties: false } as const;
const section = { additionalProperties: false, default: {} } as const;

const count = (description: string, more: { minimum?: number; default?: number; multipleOf?: number } = {}) =>
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description, ...more });
const share = (description: string, fallback: number) =>
  Type.Number({ minimum: 0, maximum: 1, description, default: fallback });
const positive = (description: string, fallback: number) =>
  Type.Number({ exclusiveMinimum: 0, description, default: fallback });
const choice = <const Name extends string>(names: readonly Name[], description: string, fallback?: NoInfer<Name>) =>
  Type.Unsafe<Name>({
    type: 'string',
    enum: [...names],
    description,
    ...(fallback === undefined ? {} : { default: fallback }),
  });
const named = (kind: string, fallback?: string) =>
  Type.Unsafe<NamedSettings>({
    type: 'object',
    properties: {
      name: {
        type: 'string',
        minLength: 1,
        description: `the name of a ${kind}`,
        ...(fallback === undefined ? {} : { default: fallback }),
      },
    },
    required: ['name'],
    ...(fallback === undefined ? {} : { default: {} }),
  });

const predictions: readonly PredictionType[] = ['epsilon', 'sample', 'velocity'];

/** Schema of `engine`. */
export const engineSchema = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      description: 'which engine runs tensor functions: "auto", "compiled", "eager", or one that a plugin contributes',
      default: 'auto',
    }),
    settings: Type.Optional(
      Type.Unsafe<Record<string, unknown>>({ type: 'object', description: 'settings of an engine of a plugin' }),
    ),
    backend: Type.Optional(Type.String({ minLength: 1, description: 'the TensorFlow.js backend of the eager engine' })),
    provider: Type.Optional(choice(['cpu', 'webgpu', 'cuda'], 'where the compiled engine computes')),
    threads: Type.Optional(count('threads of the runtime')),
    cache: Type.Optional(
      Type.Unsafe<'none' | { readonly folder: string }>({
        description: 'where compiled functions are kept between processes: { folder }, or "none"',
        anyOf: [
          { const: 'none' },
          {
            type: 'object',
            properties: { folder: { type: 'string', minLength: 1 } },
            required: ['folder'],
            additionalProperties: false,
          },
        ],
      }),
    ),
  },
  section,
);

/** Schema of `plugin`: settings of plugins, by plugin name. */
export const pluginSettingsSchema = Type.Unsafe<Record<string, Record<string, unknown>>>({
  type: 'object',
  additionalProperties: { type: 'object' },
  default: {},
});

const modelSchema = Type.Object(
  {
    preset: Type.Optional(choice(modelPresetNames, 'a ready-made size')),
    width: Type.Optional(count('features per position', { multipleOf: 2 })),
    depth: Type.Optional(count('number of blocks')),
    heads: Type.Optional(count('number of attention heads')),
    keyValueHeads: Type.Optional(count('number of heads of keys and values')),
    feedForwardWidth: Type.Optional(count('hidden features of the feed-forward layer')),
    sequenceLength: Type.Optional(count('the most positions of a sequence')),
    ropeBase: positive('base of the rotary position frequencies', 10_000),
    positions: choice(['sequence', 'axial'], 'positions by place in the sequence, or in blocks by axis', 'sequence'),
    normEpsilon: positive('added to the mean square in norms', 1e-5),
    queryKeyNorm: choice(['none', 'rms'], 'normalisation of queries and keys', 'none'),
    head: choice(['untied', 'tied'], 'whether the language head has its own matrix', 'untied'),
  },
  closed,
);

const objectiveSchema = Type.Object(
  {
    diffusionWeight: Type.Number({ minimum: 0, description: 'weight of the diffusion loss', default: 5 }),
    schedule: named('noise schedule', 'flow-matching'),
    prediction: choice(predictions, 'what the network predicts', 'sample'),
    lossSpace: choice(predictions, 'where the squared error is taken', 'velocity'),
    minimumLossTime: Type.Number({
      exclusiveMinimum: 0,
      maximum: 0.5,
      description: 'the distance from either end of time within which loss weights stop growing',
      default: 0.05,
    }),
    weighting: Type.Optional(named('loss weighting')),
    modalityWeights: Type.Unsafe<Record<string, number>>({
      type: 'object',
      additionalProperties: { type: 'number', minimum: 0 },
      description: 'weights of modalities within the diffusion loss',
      default: {},
    }),
    captionFirst: share('share of documents with the caption before its block', 0.8),
    captionDropout: share('share of captions left out', 0.1),
    imageFirstTimeCap: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'highest noise time of blocks before their caption',
      default: 0.5,
    }),
  },
  section,
);

const samplingSchema = Type.Object(
  {
    sampler: named('sampler', 'euler'),
    steps: count('network evaluations per block', { default: 50 }),
    guidance: Type.Unsafe<GuidanceConfig>({
      description: 'a classifier-free guidance scale, a guider, or a list of guiders',
      anyOf: [
        { type: 'number', minimum: 0, maximum: 1000 },
        named('guider'),
        { type: 'array', minItems: 1, items: named('guider') },
      ],
      default: 3,
    }),
    negative: Type.Optional(Type.String({ description: 'what guidance leads away from instead of no text' })),
    stepCache: Type.Optional(named('step cache')),
  },
  section,
);

const emaSchema = Type.Object(
  {
    decay: Type.Number({ minimum: 0, exclusiveMaximum: 1, description: 'decay of the average', default: 0.9999 }),
    warm: choice(['ramp', 'none'], 'whether the decay grows from small', 'ramp'),
  },
  section,
);

/** Second moments are kept in steps, of which the root is a thousandth of this. */
const leastEpsilon = 1e-15;

const trainSchema = Type.Object(
  {
    steps: count('optimizer steps'),
    rows: count('packed rows per step', { default: 16 }),
    rowLength: count('tokens per row', { default: 128 }),
    accumulate: count('batches per step', { default: 1 }),
    learningRate: positive('peak learning rate', 3e-4),
    finalLearningRateRatio: share('last learning rate as a share of the peak', 0.05),
    warmup: Type.Optional(count('steps of linear warm-up', { minimum: 0 })),
    betas: Type.Unsafe<[number, number]>({
      type: 'array',
      items: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
      minItems: 2,
      maxItems: 2,
      description: 'decay rates of AdamW',
      default: [0.9, 0.95],
    }),
    epsilon: Type.Number({ minimum: leastEpsilon, description: 'epsilon of AdamW', default: 1e-8 }),
    weightDecay: Type.Number({ minimum: 0, description: 'decoupled weight decay', default: 0.1 }),
    clip: positive('largest gradient norm', 1),
    ema: emaSchema,
    seed: count('decides everything random', { minimum: 0, default: 0 }),
    checkpointEvery: count('steps between checkpoints', { default: 1000 }),
    logEvery: count('steps between log lines', { default: 10 }),
    sampleEvery: count('steps between samples, 0 for never', { minimum: 0, default: 0 }),
  },
  closed,
);

/** What a model section looks like after the schema and before its preset is applied. */
export type CheckedModel = Static<typeof modelSchema>;

/** Schema of the whole configuration but `plugins`, whose members are code. */
export const configSchema = Type.Object(
  {
    plugin: pluginSettingsSchema,
    engine: engineSchema,
    data: named('data set'),
    model: modelSchema,
    modalities: Type.Unsafe<Record<string, AdapterSettings>>({
      type: 'object',
      minProperties: 1,
      description: 'an adapter for each modality',
      additionalProperties: {
        type: 'object',
        properties: {
          adapter: { type: 'string', minLength: 1, description: 'the name of a modality adapter' },
          shapeTokens: {
            type: 'string',
            enum: ['none', 'grid'],
            description: 'whether tokens before a block tell its shape, so that the model decides it',
          },
        },
        required: ['adapter'],
      },
    }),
    objective: objectiveSchema,
    sampling: samplingSchema,
    train: trainSchema,
  },
  closed,
);
