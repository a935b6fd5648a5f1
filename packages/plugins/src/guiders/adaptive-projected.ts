import type { Contribution, Guider, GuidanceInput } from '@transfuse/core/contracts';
import { targetMixture, toEstimate } from '@transfuse/core/objective';
import { choiceSetting, numberSetting } from '../schedules/setting.ts';
import { scaleSchema, scaleSetting } from './scale-setting.ts';
import { dot, norm } from './vector.ts';

// Adaptive projected guidance (Sadat et al. 2024, arXiv 2410.02416): the difference between the branches is averaged with
// (negative) momentum over the evaluations, its norm is bounded, and its part along the conditional output, which
// saturates colours, is weakened by eta. The paper does all this on clean estimates.

/** Settings of {@link createAdaptiveProjectedGuider}. */
export interface AdaptiveProjectedOptions {
  /** 0 to 1000. @default 5 */
  readonly scale?: number;
  /** Weight of the part along the conditional output, 0 to 10. @default 0 */
  readonly eta?: number;
  /** Weight of the earlier differences, -1 to 1. @default -0.5 */
  readonly momentum?: number;
  /** The largest norm of the difference, up to 1e6; 0 is unbounded. @default 0 */
  readonly normThreshold?: number;
  /** Whether clean estimates are guided or the network's outputs as they are. @default 'clean' */
  readonly space?: 'clean' | 'output';
}

/** Creates the guider. Throws `schedule.invalid` for a setting out of range. */
export function createAdaptiveProjectedGuider(options: AdaptiveProjectedOptions = {}): Guider {
  const number = (name: 'eta' | 'momentum' | 'normThreshold', fallback: number, minimum: number, maximum: number) =>
    numberSetting({ place: `adaptive-projected.${name}`, value: options[name], fallback, minimum, maximum });
  const config = Object.freeze({
    scale: scaleSetting('adaptive-projected.scale', options.scale, 5),
    eta: number('eta', 0, 0, 10),
    momentum: number('momentum', -0.5, -1, 1),
    normThreshold: number('normThreshold', 0, 0, 1e6),
    space: choiceSetting<'clean' | 'output'>({
      place: 'adaptive-projected.space',
      value: options.space,
      fallback: 'clean',
      choices: ['clean', 'output'],
    }),
  });
  return {
    name: 'adaptive-projected',
    config,
    branches: config.scale === 1 ? [] : ['without-text'],
    guide(input) {
      if (config.scale === 1) return { guided: input.guided };
      const { alpha, sigma } = input.moment.level;
      // At either end one of the two says nothing of the other.
      const clean = config.space === 'clean' && alpha > 0 && sigma > 0;
      const inSpace = (output: Float32Array) => (clean ? cleanOf(output, input) : output);
      const conditional = inSpace(input.guided);
      const without = inSpace(input.outputs['without-text'] as Float32Array);
      const before = input.memory[0];
      const average = conditional.map(
        (x, i) => x - (without[i] as number) + (before === undefined ? 0 : config.momentum * (before[i] as number)),
      );
      const length = norm(average);
      const bound = config.normThreshold > 0 && length > 0 ? Math.min(1, config.normThreshold / length) : 1;
      const squared = dot(conditional, conditional);
      const along = squared > 0 ? (bound * dot(average, conditional)) / squared : 0;
      // The update is what is left of the difference across the conditional output, and eta of what lies along it.
      const guided = conditional.map((x, i) => {
        const update = bound * (average[i] as number) - (1 - config.eta) * along * x;
        return x + (config.scale - 1) * update;
      });
      return { guided: clean ? outputOf(guided, input) : guided, memory: [average] };
    },
  };
}

function cleanOf(output: Float32Array, { latent, prediction, moment }: GuidanceInput): Float32Array {
  return toEstimate(output, latent, prediction, moment.level).clean;
}

/** The network's output that would mean a clean estimate. */
function outputOf(clean: Float32Array, { latent, prediction, moment }: GuidanceInput): Float32Array {
  const { alpha, sigma } = moment.level;
  const target = targetMixture(prediction, moment.level);
  return clean.map((x, i) => target.clean * x + (target.noise * ((latent[i] as number) - alpha * x)) / sigma);
}

/** The guider as a plugin's contribution: `guider`, `adaptive-projected`. */
export const adaptiveProjectedContribution: Contribution<'guider'> = {
  kind: 'guider',
  name: 'adaptive-projected',
  description:
    'Classifier-free guidance without its saturating part, bounded and with momentum (APG, Sadat et al. 2024).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      scale: scaleSchema('How far; 1 is no guidance.', 5),
      eta: { type: 'number', minimum: 0, maximum: 10, default: 0, description: 'Weight of the saturating part.' },
      momentum: {
        type: 'number',
        minimum: -1,
        maximum: 1,
        default: -0.5,
        description: 'Weight of the earlier differences.',
      },
      normThreshold: {
        type: 'number',
        minimum: 0,
        maximum: 1e6,
        default: 0,
        description: 'The largest norm of the difference; 0 is unbounded.',
      },
      space: { enum: ['clean', 'output'], default: 'clean', description: 'What is guided.' },
    },
  },
  create: (config) => createAdaptiveProjectedGuider(config as AdaptiveProjectedOptions),
};
