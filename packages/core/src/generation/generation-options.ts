/** Options of a generation, their defaults and their border check. */
import type { NoiseSchedule, PredictionType } from '../contracts/noise-schedule.ts';
import type { Sampler } from '../contracts/sampler.ts';
import { TransfuseError } from '../errors/index.ts';
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
  /** Classifier-free guidance scale (Ho and Salimans 2022): 1 is none; default: the model's configuration. */
  readonly guidance?: number;
  /** Text that ends the generation and is not shown itself. */
  readonly stop?: readonly string[];
  /** Stops the generation with `generation.aborted`. */
  readonly signal?: AbortSignal;
  /** `prefix` (default) keeps keys and values; `none` reads the whole sequence every time, for comparison. */
  readonly cache?: 'prefix' | 'none';
}

/** How a model turns noise into blocks. */
export interface DiffusionSettings {
  readonly schedule: NoiseSchedule;
  readonly prediction: PredictionType;
  readonly sampler: Sampler;
  readonly steps: number;
  readonly guidance: number;
}

/** Options with nothing left open. */
export type ResolvedGenerateOptions = Required<Omit<GenerateOptions, 'signal'>> & {
  readonly signal: AbortSignal | undefined;
};

/** Fills in defaults and checks ranges; throws `generation.invalid-option`. */
export function resolveGenerateOptions(
  options: GenerateOptions,
  defaults: { readonly steps: number; readonly guidance: number },
): ResolvedGenerateOptions {
  const resolved: ResolvedGenerateOptions = {
    seed: 0,
    maximumTokens: 256,
    maximumBlocks: 4,
    steps: defaults.steps,
    guidance: defaults.guidance,
    stop: [],
    cache: 'prefix',
    temperature: 1,
    topK: 0,
    topP: 1,
    minP: 0,
    repetitionPenalty: 1,
    ...withoutUndefined(options),
    signal: options.signal,
  };
  checkNames(options, resolved);
  const wholeFrom = (smallest: number) => (value: number) => Number.isInteger(value) && value >= smallest;
  const within = (low: number, high: number) => (value: number) => value >= low && value <= high;
  check(resolved, 'seed', Number.isFinite, 'a number');
  check(resolved, 'maximumTokens', wholeFrom(0), 'a whole number from 0 up');
  check(resolved, 'maximumBlocks', wholeFrom(0), 'a whole number from 0 up');
  check(resolved, 'steps', wholeFrom(1), 'a whole number from 1 up');
  check(resolved, 'guidance', within(0, 1000), 'a number from 0 to 1000');
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
  | 'guidance'
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
  'stop',
  'cache',
  'temperature',
  'topK',
  'topP',
  'minP',
  'repetitionPenalty',
  'signal',
] as const satisfies readonly (keyof GenerateOptions)[];

/** Options that are misspelt, or not of the kind they should be, must not pass for defaults. */
function checkNames(options: GenerateOptions, resolved: ResolvedGenerateOptions): void {
  const stranger = Object.keys(options).find((name) => !(optionNames as readonly string[]).includes(name));
  if (stranger !== undefined) throw invalid(stranger, 'an unknown option', `one of ${optionNames.join(', ')}`);
  const { stop, cache, signal } = resolved as { stop: unknown; cache: unknown; signal: unknown };
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
