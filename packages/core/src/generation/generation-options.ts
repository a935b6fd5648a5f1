/** Options of a generation, their defaults and their border check. */
import type { Guider } from '../contracts/guider.ts';
import type { Sampler } from '../contracts/sampler.ts';
import type { StepCache } from '../contracts/step-cache.ts';
import { TransfuseError } from '../errors/index.ts';
import { classifierFreeGuider } from './classifier-free.ts';
import type { DenoisingSettings } from './denoise-block.ts';
import type { ModelRunner } from './model-runner.ts';
import { type NoiseKind, noiseKinds } from './noise-source.ts';
import type { TokenChoiceOptions } from './token-choice.ts';

/** What a caller may set; every field has a default. */
export interface GenerateOptions extends Partial<TokenChoiceOptions> {
  /** Decides every random choice; default 0. */
  readonly seed?: number;
  /** Most tokens of text to write in all; default 256. */
  readonly maximumTokens?: number;
  /** Most continuous blocks to make; default 4. */
  readonly maximumBlocks?: number;
  /** Steps of the sampler per block; default: the model's configuration. */
  readonly steps?: number;
  /**
   * A classifier-free guidance scale (Ho and Salimans 2022), 0 to 1000, 1 being none; or guiders, applied one after
   * another. Default: the model's configuration.
   */
  readonly guidance?: number | readonly Guider[];
  /** The sampler; default: the model's configuration. */
  readonly sampler?: Sampler;
  /** Forecasts some evaluations; `none` asks the network every time. Default: the model's configuration. */
  readonly stepCache?: StepCache | 'none';
  /** What guidance leads away from instead of from no text at all; default: the model's configuration. */
  readonly negative?: string;
  /** Reads the branch `weak` of auto-guidance; its vocabulary must be the model's. */
  readonly weak?: ModelRunner;
  /** Where noise comes from: `transfuse` (default), `torch`'s CPU generator, or that with channels first, as pipelines draw it. */
  readonly noise?: NoiseKind;
  /** Text that ends the generation and is not shown itself. */
  readonly stop?: readonly string[];
  /** Stops the generation with `generation.aborted`. */
  readonly signal?: AbortSignal;
  /** `prefix` (default) keeps keys and values; `none` reads the whole sequence every time, for comparison. */
  readonly cache?: 'prefix' | 'none';
}

/** How a model turns noise into blocks. */
export interface DiffusionSettings extends DenoisingSettings {
  /** What guidance leads away from instead of no text. */
  readonly negative?: string;
}

/** Options with nothing left open. */
export type ResolvedGenerateOptions = Required<
  Omit<GenerateOptions, 'signal' | 'guidance' | 'stepCache' | 'negative' | 'weak'>
> & {
  readonly guiders: readonly Guider[];
  readonly stepCache: StepCache | undefined;
  readonly negative: string | undefined;
  readonly weak: ModelRunner | undefined;
  readonly signal: AbortSignal | undefined;
};

/** Fills in defaults and checks ranges; throws `generation.invalid-option`. */
export function resolveGenerateOptions(
  options: GenerateOptions,
  defaults: Pick<DiffusionSettings, 'steps' | 'guiders' | 'sampler' | 'stepCache' | 'negative'>,
): ResolvedGenerateOptions {
  checkNames(options);
  const { guidance, stepCache, ...given } = withoutUndefined(options);
  if (typeof guidance === 'number' && !(guidance >= 0 && guidance <= 1000)) {
    throw invalid('guidance', String(guidance), 'a number from 0 to 1000, or a list of guiders');
  }
  const resolved: ResolvedGenerateOptions = {
    seed: 0,
    maximumTokens: 256,
    maximumBlocks: 4,
    steps: defaults.steps,
    guiders: typeof guidance === 'number' ? [classifierFreeGuider(guidance)] : (guidance ?? defaults.guiders),
    sampler: defaults.sampler,
    stepCache: stepCache === 'none' ? undefined : (stepCache ?? defaults.stepCache),
    negative: defaults.negative,
    weak: undefined,
    noise: 'transfuse',
    stop: [],
    cache: 'prefix',
    temperature: 1,
    topK: 0,
    topP: 1,
    minP: 0,
    repetitionPenalty: 1,
    ...given,
    signal: options.signal,
  };
  checkKinds(resolved);
  const wholeFrom = (smallest: number) => (value: number) => Number.isInteger(value) && value >= smallest;
  const within = (low: number, high: number) => (value: number) => value >= low && value <= high;
  check(resolved, 'seed', Number.isFinite, 'a number');
  check(resolved, 'maximumTokens', wholeFrom(0), 'a whole number from 0 up');
  check(resolved, 'maximumBlocks', wholeFrom(0), 'a whole number from 0 up');
  check(resolved, 'steps', wholeFrom(1), 'a whole number from 1 up');
  check(resolved, 'temperature', within(0, 100), 'a number from 0 to 100');
  check(resolved, 'topK', wholeFrom(0), 'a whole number from 0 up');
  check(resolved, 'topP', (value) => value > 0 && value <= 1, 'a number above 0 and up to 1');
  check(resolved, 'minP', within(0, 1), 'a number from 0 to 1');
  check(resolved, 'repetitionPenalty', (value) => value > 0 && value <= 100, 'a number above 0 and up to 100');
  return resolved;
}

type NumericOption =
  | 'seed'
  | 'maximumTokens'
  | 'maximumBlocks'
  | 'steps'
  | 'temperature'
  | 'topK'
  | 'topP'
  | 'minP'
  | 'repetitionPenalty';

function check(
  options: ResolvedGenerateOptions,
  name: NumericOption,
  isValid: (value: number) => boolean,
  expected: string,
): void {
  const value: unknown = options[name];
  if (typeof value === 'number' && isValid(value)) return;
  throw new TransfuseError({
    code: 'generation.invalid-option',
    place: `options.${name}`,
    found: String(value),
    expected,
    mend: `Set ${name} within its range, or leave it out for the default.`,
  });
}

function withoutUndefined(options: GenerateOptions): GenerateOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

const optionNames = [
  'seed',
  'maximumTokens',
  'maximumBlocks',
  'steps',
  'guidance',
  'sampler',
  'stepCache',
  'negative',
  'weak',
  'noise',
  'stop',
  'cache',
  'temperature',
  'topK',
  'topP',
  'minP',
  'repetitionPenalty',
  'signal',
] as const satisfies readonly (keyof GenerateOptions)[];

/** Options that are misspelt must not pass for defaults. */
function checkNames(options: GenerateOptions): void {
  const stranger = Object.keys(options).find((name) => !(optionNames as readonly string[]).includes(name));
  if (stranger !== undefined) throw invalid(stranger, 'an unknown option', `one of ${optionNames.join(', ')}`);
}

/** Nor those that are not of the kind they should be. */
function checkKinds(resolved: ResolvedGenerateOptions): void {
  const { stop, cache, signal, guiders, sampler, stepCache, negative, weak, noise } = resolved as Readonly<
    Record<keyof ResolvedGenerateOptions, unknown>
  >;
  const isGuider = (value: unknown) => typeof (value as Guider | null)?.guide === 'function';
  if (!Array.isArray(guiders) || !guiders.every(isGuider)) {
    throw invalid('guidance', 'something else', 'a number from 0 to 1000, or a list of guiders');
  }
  const needsWeak = (guiders as readonly Guider[]).find(({ branches }) => branches.includes('weak'));
  if (needsWeak !== undefined && weak === undefined) {
    throw invalid('weak', 'no weaker model', `one, because the guider ${needsWeak.name} reads it`);
  }
  if (typeof (sampler as Sampler | null)?.begin !== 'function') throw invalid('sampler', String(sampler), 'a sampler');
  if (stepCache !== undefined && typeof (stepCache as StepCache | null)?.forecast !== 'function') {
    throw invalid('stepCache', String(stepCache), 'a step cache, or "none"');
  }
  if (negative !== undefined && typeof negative !== 'string') throw invalid('negative', String(negative), 'a text');
  if (!noiseKinds.includes(noise as NoiseKind)) {
    throw invalid('noise', String(noise), `one of ${noiseKinds.join(', ')}`);
  }
  if (!Array.isArray(stop) || stop.some((text) => typeof text !== 'string')) {
    throw invalid('stop', String(stop), 'a list of texts');
  }
  if (cache !== 'prefix' && cache !== 'none') throw invalid('cache', String(cache), '"prefix" or "none"');
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw invalid('signal', String(signal), 'an AbortSignal');
}

function invalid(name: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'generation.invalid-option',
    place: `options.${name}`,
    found,
    expected,
    mend: `Correct ${name}, or leave it out for the default.`,
  });
}
