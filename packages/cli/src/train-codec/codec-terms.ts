// The two optional terms of a codec's loss, as a configuration and options describe them: how different pictures look to
// a network that was trained to see (LPIPS), and a discriminator that learns to tell decoded pictures from real ones.
import { type AdversarialOptions, readPerceptualNetwork, type VaeTrainerOptions } from '@transfuse/adapters/vae';
import { TransfuseError } from '@transfuse/core/contracts';

/** Settings of the terms; one that is absent is left out. */
export interface CodecTerms {
  readonly perceptual?: {
    /** Safetensors of VGG16 and LPIPS: a folder, or a file. A relative path begins at the working directory. */
    readonly folder: string;
    readonly weight: number;
  };
  readonly gan?: {
    /** 0 leaves the discriminator out. */
    readonly weight: number;
    /** The first step with it; default the one after half of the steps. */
    readonly start?: number;
    readonly weighting: NonNullable<AdversarialOptions['weighting']>;
    readonly channels: number;
    readonly layers: number;
    readonly groups: number;
  };
}

/** What the command line says of them. */
export interface CodecTermOptions {
  readonly perceptual?: string;
  readonly perceptualWeight?: number;
  readonly ganWeight?: number;
  readonly ganStart?: number;
}

const defaults = {
  perceptual: { weight: 1 },
  gan: { weight: 0.5, weighting: 'adaptive', channels: 32, layers: 2, groups: 8 },
} as const;

const weight = (description: string, fallback: number) => ({
  type: 'number',
  minimum: 0,
  description,
  default: fallback,
});
const count = (description: string, fallback?: number) => ({
  type: 'integer',
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description,
  ...(fallback !== undefined && { default: fallback }),
});

/** The fields `perceptual` and `gan` of `train`. */
export const codecTermFields = {
  perceptual: {
    type: 'object',
    additionalProperties: false,
    required: ['folder'],
    properties: {
      folder: { type: 'string', minLength: 1, description: 'VGG16 and LPIPS as safetensors' },
      weight: weight('weight of the perceptual distance', defaults.perceptual.weight),
    },
  },
  gan: {
    type: 'object',
    additionalProperties: false,
    properties: {
      weight: weight('weight of the adversarial loss; 0 leaves it out', defaults.gan.weight),
      start: count('the first step with the discriminator'),
      weighting: {
        type: 'string',
        enum: ['adaptive', 'fixed'],
        description: 'whether gradients scale the weight',
        default: defaults.gan.weighting,
      },
      channels: count('channels of the discriminator’s first layer', defaults.gan.channels),
      layers: count('layers of the discriminator that halve the sides', defaults.gan.layers),
      groups: count('groups of its normalizations', defaults.gan.groups),
    },
  },
} as const;

/**
 * The settings with what the command line replaces, completed for a run of so many steps.
 *
 * @throws `config.invalid` for a weight without a network, negative weights, and a start after the last step
 */
export function codecTerms(config: CodecTerms, options: CodecTermOptions, steps: number): CodecTerms {
  return { ...perceptualTerm(config, options), ...adversarialTerm(config, options, steps) };
}

function perceptualTerm({ perceptual }: CodecTerms, options: CodecTermOptions): Pick<CodecTerms, 'perceptual'> {
  const folder = options.perceptual ?? perceptual?.folder;
  const chosen = options.perceptualWeight ?? perceptual?.weight ?? defaults.perceptual.weight;
  if (chosen < 0) throw invalid('train.perceptual.weight', chosen, 'a number of at least 0');
  if (folder !== undefined) return { perceptual: { folder, weight: chosen } };
  if (options.perceptualWeight === undefined) return {};
  throw invalid('train.perceptual.folder', 'nothing', 'the network that the weight is for: --perceptual <folder>');
}

function adversarialTerm({ gan }: CodecTerms, options: CodecTermOptions, steps: number): Pick<CodecTerms, 'gan'> {
  if (gan === undefined && options.ganWeight === undefined && options.ganStart === undefined) return {};
  const { ganWeight = gan?.weight ?? defaults.gan.weight } = options;
  const { ganStart = gan?.start ?? Math.floor(steps / 2) + 1 } = options;
  if (ganWeight < 0) throw invalid('train.gan.weight', ganWeight, 'a number of at least 0');
  if (ganWeight === 0) return {};
  if (ganStart > steps) throw invalid('train.gan.start', ganStart, `a step of the run, at most ${steps}`);
  return { gan: { ...defaults.gan, ...gan, weight: ganWeight, start: ganStart } };
}

/** The terms as the trainer takes them; reads the perceptual network. */
export async function trainerTerms({
  perceptual,
  gan,
}: CodecTerms): Promise<Pick<VaeTrainerOptions, 'perceptual' | 'adversarial'>> {
  const network = perceptual && (await readPerceptualNetwork(perceptual.folder));
  return {
    ...(network && { perceptual: network }),
    ...(gan && {
      adversarial: {
        start: gan.start ?? 1,
        weight: gan.weight,
        weighting: gan.weighting,
        discriminator: { channels: gan.channels, layers: gan.layers, groups: gan.groups },
      },
    }),
  };
}

/** What the loss is made of, as a sentence's end: `the absolute error of colours and …`. */
export function describeTerms({ perceptual, gan }: CodecTerms): string {
  const terms = [
    'the absolute and the squared error of colours',
    'the divergence from the unit normal distribution',
    ...(perceptual ? ['the perceptual distance LPIPS'] : []),
    ...(gan ? [`a discriminator of patches from step ${gan.start} on`] : []),
  ];
  return `${terms.slice(0, -1).join(', ')} and ${terms.at(-1)}`;
}

function invalid(place: string, found: unknown, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'config.invalid',
    place,
    found: String(found),
    expected,
    mend: 'Correct the field, or the option of that name.',
  });
}
