/**
 * Where a denoising run stands: everything that decides how it goes on. It is plain data; as files it is a JSON with the
 * numbers and a safetensors file with the arrays, so a run can be stopped after any step and continued elsewhere to the
 * same result.
 */
import type { SamplerState } from '../contracts/sampler.ts';
import type { EvaluatedOutput } from '../contracts/step-cache.ts';
import { TransfuseError } from '../errors/index.ts';
import { readSafetensors, writeSafetensors } from '../params/safetensors.ts';
import type { GuidanceMemory } from './guidance-chain.ts';

/** A run between two evaluations. */
export interface DenoisingState {
  readonly sampler: SamplerState;
  readonly guidance: GuidanceMemory;
  /** Evaluated outputs that a step cache forecasts from, the latest first. */
  readonly evaluated: readonly EvaluatedOutput[];
  /** State of the noise. */
  readonly random: readonly number[];
  /** The noise the run began with, which an inpainted run still needs. */
  readonly startNoise: Float32Array;
  /** The evaluation the run began at: above 0 where it began with a clean latent. */
  readonly begun: number;
  /** How many evaluations the whole run has. */
  readonly evaluations: number;
  /** The shape of the latent, channels last. */
  readonly latentShape: readonly number[];
  /** What the run was made with, in words that are equal for equal runs. */
  readonly made: string;
}

/** A stored state. */
export interface DenoisingFiles {
  /** The numbers. */
  readonly json: string;
  /** The arrays, in the safetensors format. */
  readonly tensors: Uint8Array;
}

/** Writes a state as files. */
export function denoisingToFiles(state: DenoisingState): DenoisingFiles {
  const arrays: Record<string, Float32Array> = {
    latent: state.sampler.latent,
    startNoise: state.startNoise,
  };
  state.sampler.memory.forEach((array, index) => (arrays[`memory.${index}`] = array));
  state.guidance.forEach((memory, guider) =>
    memory.forEach((array, index) => (arrays[`guidance.${guider}.${index}`] = array)),
  );
  state.evaluated.forEach(({ output }, index) => (arrays[`evaluated.${index}`] = output));
  const numbers = {
    format: 'transfuse-denoising',
    version: 1,
    index: state.sampler.index,
    begun: state.begun,
    evaluations: state.evaluations,
    latentShape: state.latentShape,
    made: state.made,
    memory: state.sampler.memory.length,
    guidance: state.guidance.map((memory) => memory.length),
    times: state.evaluated.map(({ time }) => time),
    random: state.random,
  };
  const tensors = Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [name, { data, shape: [data.length], dtype: 'float32' as const }]),
  );
  return { json: `${JSON.stringify(numbers)}\n`, tensors: writeSafetensors(tensors) };
}

/** Reads a state back. Throws `generation.invalid-state` for files of another kind, and `tensor-file.malformed`. */
export function denoisingFromFiles({ json, tensors }: DenoisingFiles): DenoisingState {
  const numbers = parse(json);
  const { tensors: arrays } = readSafetensors(tensors, { place: 'denoising state' });
  const array = (name: string): Float32Array => {
    const data = arrays[name]?.data;
    if (!(data instanceof Float32Array)) throw invalid(`no float32 tensor ${name}`, 'the tensors its JSON counts');
    return data;
  };
  const some = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, index) => array(`${prefix}.${index}`));
  return {
    sampler: { index: numbers.index, latent: array('latent'), memory: some(numbers.memory, 'memory') },
    guidance: numbers.guidance.map((count, guider) => some(count, `guidance.${guider}`)),
    evaluated: some(numbers.times.length, 'evaluated').map((output, index) => ({
      time: numbers.times[index]!,
      output,
    })),
    random: numbers.random,
    startNoise: array('startNoise'),
    begun: numbers.begun,
    evaluations: numbers.evaluations,
    latentShape: numbers.latentShape,
    made: numbers.made,
  };
}

interface StoredNumbers {
  readonly index: number;
  readonly begun: number;
  readonly evaluations: number;
  readonly latentShape: readonly number[];
  readonly made: string;
  readonly memory: number;
  readonly guidance: readonly number[];
  readonly times: readonly number[];
  readonly random: readonly number[];
}

function parse(json: string): StoredNumbers {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw invalid('text that is not JSON', 'the JSON that denoisingToFiles wrote', cause);
  }
  const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const fields = { latentShape: shapeInWords(given['made']), ...given } as Record<string, unknown>;
  if (fields['format'] !== 'transfuse-denoising' || fields['version'] !== 1) {
    throw invalid(
      `format ${String(fields['format'])}, version ${String(fields['version'])}`,
      'transfuse-denoising, version 1',
    );
  }
  const isCount = (candidate: unknown) => Number.isInteger(candidate) && (candidate as number) >= 0;
  const isList = (candidate: unknown, fits: (item: unknown) => boolean) =>
    Array.isArray(candidate) && candidate.every(fits);
  const isShape = (candidate: unknown) =>
    isList(candidate, (item) => isCount(item) && item !== 0) && (candidate as unknown[]).length > 0;
  const wrong =
    ['index', 'begun', 'evaluations', 'memory'].find((name) => !isCount(fields[name])) ??
    (typeof fields['made'] === 'string' ? undefined : 'made') ??
    (isList(fields['guidance'], isCount) ? undefined : 'guidance') ??
    (isShape(fields['latentShape']) ? undefined : 'latentShape') ??
    ['times', 'random'].find((name) => !isList(fields[name], (item) => typeof item === 'number'));
  if (wrong !== undefined) throw invalid(`${wrong}: ${JSON.stringify(fields[wrong])}`, 'what denoisingToFiles wrote');
  return fields as unknown as StoredNumbers;
}

/** Files of before there was a field for the shape have it at the beginning of what the run was made with. */
function shapeInWords(made: unknown): readonly number[] | undefined {
  const [, sizes] = /^latent ([\dx]+);/.exec(String(made)) ?? [];
  return sizes?.split('x').map(Number);
}

function invalid(found: string, expected: string, cause?: unknown): TransfuseError {
  return new TransfuseError({
    code: 'generation.invalid-state',
    place: 'denoising state',
    found,
    expected,
    mend: 'Use the files as they were written, both of the same state.',
    cause,
  });
}
