// What generation can be asked to use by name: guiders, samplers, step caches, another model. The names of a
// configuration and of a call's options are resolved here, through the host, to the things that the decode loop takes.
import type { Guider } from '../contracts/guider.ts';
import { TransfuseError } from '../errors/index.ts';
import { classifierFreeGuider } from '../generation/classifier-free.ts';
import type { DiffusionSettings, GenerateOptions } from '../generation/generation-options.ts';
import type { ModelRunner } from '../generation/model-runner.ts';
import type { GuidanceConfig, NamedSettings, ResolvedConfig } from './config-types.ts';
import type { Host } from './host.ts';
import type { LoadedModel } from './load-model.ts';
import { printShort } from './short-value.ts';

/** {@link GenerateOptions} where guiders, the sampler and the step cache may be given by name, and the weaker model as a loaded one. */
export interface HostGenerateOptions extends Omit<GenerateOptions, 'guidance' | 'sampler' | 'stepCache' | 'weak'> {
  /** A classifier-free guidance scale, 0 to 1000, 1 being none; or guiders by name, applied one after another. Default: the model's configuration. */
  readonly guidance?: GuidanceConfig | string;
  /** A sampler by name and with its settings. Default: the model's configuration. */
  readonly sampler?: string | NamedSettings;
  /** A step cache by name, with its settings, or `none`. Default: the model's configuration. */
  readonly stepCache?: string | NamedSettings;
  /** The weaker model of auto-guidance, loaded by the same host. */
  readonly weak?: LoadedModel;
}

/** The schedule, sampler, guiders and step cache that a configuration names, with its defaults for generation. */
export async function createDiffusion(
  host: Host,
  { objective, sampling }: Pick<ResolvedConfig, 'objective' | 'sampling'>,
): Promise<DiffusionSettings> {
  const { name: scheduleName, ...scheduleSettings } = objective.schedule;
  const { name: samplerName, ...samplerSettings } = sampling.sampler;
  const { name: cacheName, ...cacheSettings } = sampling.stepCache ?? { name: undefined };
  return {
    schedule: await host.create('noise-schedule', scheduleName, scheduleSettings, { place: 'objective.schedule' }),
    sampler: await host.create('sampler', samplerName, samplerSettings, { place: 'sampling.sampler' }),
    prediction: objective.prediction,
    steps: sampling.steps,
    guiders: await createGuiders(host, sampling.guidance, 'sampling.guidance'),
    ...(sampling.negative !== undefined && { negative: sampling.negative }),
    ...(cacheName !== undefined && {
      stepCache: await host.create('step-cache', cacheName, cacheSettings, { place: 'sampling.stepCache' }),
    }),
  };
}

/** Options with every name resolved. Throws `generation.invalid-option` for what is no choice. */
export async function chosenOptions(host: Host, options: HostGenerateOptions): Promise<GenerateOptions> {
  const { guidance, sampler, stepCache, weak, ...rest } = options;
  const create = <Kind extends 'sampler' | 'step-cache'>(kind: Kind, value: unknown, place: string) => {
    const { name, ...settings } = namedOf(value, place);
    return host.create(kind, name, settings, { place });
  };
  return {
    ...rest,
    ...(guidance !== undefined && {
      guidance: typeof guidance === 'number' ? guidance : await createGuiders(host, guidance, 'options.guidance'),
    }),
    ...(sampler !== undefined && { sampler: await create('sampler', sampler, 'options.sampler') }),
    ...(stepCache !== undefined && {
      stepCache: stepCache === 'none' ? stepCache : await create('step-cache', stepCache, 'options.stepCache'),
    }),
    ...(weak !== undefined && { weak: runnerOf(weak) }),
  };
}

async function createGuiders(host: Host, guidance: unknown, place: string): Promise<readonly Guider[]> {
  if (typeof guidance === 'number') return [classifierFreeGuider(guidance)];
  const listed = Array.isArray(guidance);
  const guiders: Guider[] = [];
  for (const [index, item] of (listed ? (guidance as readonly unknown[]) : [guidance]).entries()) {
    const own = listed ? `${place}[${index}]` : place;
    const { name, ...settings } = namedOf(item, own);
    guiders.push(await host.create('guider', name, settings, { place: own }));
  }
  return guiders;
}

/** A choice by name: the name alone, or an object with the name and settings. */
function namedOf(value: unknown, place: string): NamedSettings {
  if (typeof value === 'string') return { name: value };
  if (typeof value === 'object' && value !== null && typeof (value as { name?: unknown }).name === 'string') {
    return value as NamedSettings;
  }
  throw new TransfuseError({
    code: 'generation.invalid-option',
    place,
    found: printShort(value),
    expected: 'a name, or { name, … } with settings',
    mend: 'Write, for example, { name: "dpm-solver", order: 3 }.',
  });
}

const runners = new WeakMap<LoadedModel, ModelRunner>();

/** Remembers how to run a loaded model, so that another one can be guided by it. */
export function offerAsWeak(model: LoadedModel, runner: ModelRunner): void {
  runners.set(model, runner);
}

function runnerOf(weak: LoadedModel): ModelRunner {
  const runner = runners.get(weak);
  if (runner !== undefined) return runner;
  throw new TransfuseError({
    code: 'generation.invalid-option',
    place: 'options.weak',
    found: 'something that no host loaded',
    expected: 'a model that host.load returned',
    mend: 'Load the weaker checkpoint with the same host.',
  });
}
