// The configuration of `transfuse train-codec`: which pictures, the shape of the autoencoder, how it is trained. Checked
// with the host's validation; whatever is left out has a default, but for the data and the number of steps.
import { type AutoencoderKlConfig, readAutoencoderKlConfig } from '@transfuse/adapters/vae';
import { configSchema, type HostConfig, type NamedSettings, validate } from '@transfuse/core';
import { TransfuseError } from '@transfuse/core/contracts';
import { codecTermFields, type CodecTerms } from './codec-terms.ts';

/** A configuration with every default filled in. */
export interface CodecConfig {
  readonly plugin: NonNullable<HostConfig['plugin']>;
  readonly engine: NonNullable<HostConfig['engine']>;
  readonly data: NamedSettings;
  readonly codec: {
    /** Side of the pictures in pixels. */
    readonly size: number;
    /** Channels at every resolution, the finest first; each one after it halves the sides. */
    readonly channels: readonly number[];
    readonly latentChannels: number;
    /** Residual blocks per resolution. */
    readonly layers: number;
    /** Groups of every normalization; divides every number of channels. */
    readonly groups: number;
    /** Whether the coarsest resolution attends over all positions. */
    readonly attention: 'middle' | 'none';
  };
  readonly train: CodecTerms & {
    readonly steps: number;
    /** Pictures per step. */
    readonly batch: number;
    readonly learningRate: number;
    readonly finalLearningRateRatio: number;
    readonly warmup: number;
    /** Weight of the divergence from the unit normal distribution. */
    readonly klWeight: number;
    /** Weight of the mean squared error beside the absolute error. */
    readonly squaredWeight: number;
    readonly betas: readonly [number, number];
    readonly weightDecay: number;
    readonly clip: number;
    readonly averageDecay: number;
    readonly seed: number;
    readonly logEvery: number;
  };
}

const closed = { type: 'object', additionalProperties: false } as const;
const count = (description: string, fallback?: number, minimum = 1) => ({
  type: 'integer',
  minimum,
  maximum: Number.MAX_SAFE_INTEGER,
  description,
  ...(fallback !== undefined && { default: fallback }),
});
const positive = (description: string, fallback: number) => ({
  type: 'number',
  exclusiveMinimum: 0,
  description,
  default: fallback,
});
const share = (description: string, fallback: number) => ({
  type: 'number',
  minimum: 0,
  maximum: 1,
  description,
  default: fallback,
});
const { plugin, engine, data } = configSchema.properties;

const schema = {
  ...closed,
  required: ['data', 'train'],
  properties: {
    plugin,
    engine,
    data,
    codec: {
      ...closed,
      default: {},
      properties: {
        size: { ...count('side of the pictures in pixels', 32), maximum: 1024 },
        channels: {
          type: 'array',
          minItems: 1,
          items: count('channels'),
          description: 'channels at every resolution, the finest first',
          default: [32, 64, 64],
        },
        latentChannels: count('channels of the latent', 4),
        layers: count('residual blocks per resolution', 1),
        groups: count('groups of every normalization', 8),
        attention: { type: 'string', enum: ['middle', 'none'], default: 'middle', description: 'where it attends' },
      },
    },
    train: {
      ...closed,
      required: ['steps'],
      properties: {
        steps: count('optimizer steps'),
        batch: count('pictures per step', 16),
        learningRate: positive('peak learning rate', 1e-3),
        finalLearningRateRatio: share('last learning rate as a share of the peak', 0.05),
        warmup: count('steps of linear warm-up', undefined, 0),
        squaredWeight: { type: 'number', minimum: 0, description: 'weight of the squared error', default: 1 },
        klWeight: { type: 'number', minimum: 0, description: 'weight of the divergence', default: 1e-6 },
        ...codecTermFields,
        betas: {
          type: 'array',
          items: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
          minItems: 2,
          maxItems: 2,
          description: 'decay rates of AdamW',
          default: [0.9, 0.99],
        },
        weightDecay: { type: 'number', minimum: 0, description: 'decoupled weight decay', default: 0 },
        clip: positive('largest gradient norm', 1),
        averageDecay: { ...share('decay of the average of the weights', 0.995), exclusiveMaximum: 1 },
        seed: count('decides everything random', 0, 0),
        logEvery: count('steps between log lines', 10),
      },
    },
  },
};

/**
 * Checks a configuration and fills in its defaults; its plugins are left out.
 *
 * @throws TransfuseError `config.invalid`, its place being the path of the bad field, for example `codec.channels`
 */
export function readCodecConfig(value: Readonly<Record<string, unknown>>): CodecConfig {
  const { plugins: _, ...rest } = value;
  const checked = validate(schema, rest, { code: 'config.invalid', place: '' }) as unknown as CodecConfig;
  const { codec, train } = checked;
  const downscale = 2 ** (codec.channels.length - 1);
  if (codec.size % downscale !== 0) {
    throw invalid(
      'codec.size',
      codec.size,
      `a multiple of ${downscale}, by which ${codec.channels.length} resolutions scale down`,
    );
  }
  if (codec.channels.some((channels) => channels % codec.groups !== 0)) {
    throw invalid('codec.channels', codec.channels, `multiples of codec.groups, ${codec.groups}`);
  }
  const warmup = train.warmup ?? Math.min(50, train.steps);
  if (warmup > train.steps) throw invalid('train.warmup', warmup, `at most train.steps, ${train.steps}`);
  return { ...checked, train: { ...train, warmup } };
}

/** The autoencoder that a configuration describes, its latents not yet scaled. */
export function autoencoderOf({
  size,
  channels,
  latentChannels,
  layers,
  groups,
  attention,
}: CodecConfig['codec']): AutoencoderKlConfig {
  return readAutoencoderKlConfig({
    block_out_channels: [...channels],
    down_block_types: channels.map(() => 'DownEncoderBlock2D'),
    up_block_types: channels.map(() => 'UpDecoderBlock2D'),
    latent_channels: latentChannels,
    layers_per_block: layers,
    norm_num_groups: groups,
    sample_size: size,
    scaling_factor: 1,
    mid_block_add_attention: attention === 'middle',
  });
}

function invalid(place: string, found: unknown, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'config.invalid',
    place,
    found: JSON.stringify(found),
    expected,
    mend: 'Correct the field.',
  });
}
