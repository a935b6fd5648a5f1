// A loaded model as files that other runtimes and languages can drive: its functions as ONNX models, the adapters' own
// files, and one JSON that says how to feed them, what the token ids mean and at which noise levels to ask.
import type { WeightFormat } from '../contracts/engine.ts';
import type { TensorStore } from '../contracts/engine.ts';
import { TransfuseError } from '../errors/index.ts';
import type { ExportedFunction } from '../engine/export-function.ts';
import { checkedWeightFormat } from '../engine/weight-format.ts';
import { type BlockKind, blockKindName, blockKinds } from '../sequence/block-kind.ts';
import { exportFunctions } from '../generation/export-functions.ts';
import type { DiffusionSettings } from '../generation/generation-options.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { modelAssets } from './build-model.ts';
import type { ResolvedConfig } from './config-types.ts';

/** How a model is exported. */
export interface ExportModelOptions {
  /** How matrices are stored; default `float32`. */
  readonly weights?: WeightFormat;
  /** Most positions of a sequence, prompt included; default and at most the model's sequence length. */
  readonly capacity?: number;
  /** Most tokens of a prompt; default and at most the capacity. */
  readonly prefix?: number;
  /** Guidance branches a block is evaluated for at once: 2 for classifier-free guidance, 1 without. Default 2. */
  readonly branches?: number;
  /** `runtime` (default) is for ONNX Runtime; `portable` uses operators of the ONNX standard alone. */
  readonly operators?: 'runtime' | 'portable';
}

/** What a model was exported as. */
export interface ExportedModel {
  /** What stands in `transfuse-export.json`. */
  readonly description: Readonly<Record<string, unknown>>;
  /** Every file by its name, the description included. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** What is exported. */
export interface ExportSource {
  readonly model: TransfusionModel;
  readonly config: ResolvedConfig;
  readonly parameters: TensorStore;
  readonly diffusion: DiffusionSettings;
}

/** Exports a model. Throws `config.invalid` for sizes out of range, and what exporting a function throws. */
export async function exportModel(source: ExportSource, options: ExportModelOptions = {}): Promise<ExportedModel> {
  const { model, config, parameters } = source;
  const { sequenceLength } = model.transformer;
  const capacity = checkedSize('capacity', options.capacity ?? sequenceLength, sequenceLength);
  const prefix = checkedSize('prefix', options.prefix ?? capacity, capacity);
  const branches = checkedSize('branches', options.branches ?? 2, 16);
  const weights = checkedWeightFormat(options.weights, 'export, weights');
  const { operators = 'runtime' } = options;
  const sizes = { prefix, capacity, branches, weights, operators };
  const exported = await exportFunctions(model, parameters, sizes);

  const files: Record<string, Uint8Array> = { ...modelAssets(model) };
  const known = meaningsFor(model);
  const withMeaning = <Value extends { readonly name: string }>(value: Value) => {
    return { ...value, meaning: known[value.name.replace(/\.\d+$/, '')] ?? '' };
  };
  const described = ({ name, model: bytes, inputs, outputs }: ExportedFunction) => {
    files[`${name}.onnx`] = bytes;
    return { file: `${name}.onnx`, inputs: inputs.map(withMeaning), outputs: outputs.map(withMeaning) };
  };
  const kinds = blockKinds(model.continuous);
  const { depth, keyValueHeads, heads, width } = model.transformer;
  const description = {
    format: 'transfuse-export',
    version: 1,
    weights,
    operators,
    opset: 18,
    vocabulary: model.vocabulary,
    sizes: { prefix, capacity, branches, layers: depth, keyValueHeads, headSize: width / heads },
    cache: {
      keys: 'input/keys.<layer>, [branches, keyValueHeads, capacity, headSize]; new ones are output/keys.<layer>',
      values: 'input/values.<layer>, as keys',
      mask: 'input/prefixMask, [branches, 1, 1, capacity]',
      filled: 0,
      empty: -1e9,
    },
    positions: { kind: model.positionAxes === 1 ? 'sequence' : 'axial', axes: model.positionAxes },
    prefix: described(exported.prefix),
    textStep: described(exported.textStep),
    diffusionSteps: Object.fromEntries(
      Object.entries(kinds).map(([name, kind]) => [
        name,
        {
          ...described(exported.diffusionSteps[name]!),
          ...kind,
          grid: model.continuous[kind.modality]!.tokenGrid(kind.latentShape),
          evaluations: evaluationsOf(source, kind),
        },
      ]),
    ),
    diffusion: diffusionOf(source, usualKind(model)),
    modalities: config.modalities,
    assets: Object.keys(modelAssets(model)),
  };
  files['transfuse-export.json'] = new TextEncoder().encode(`${JSON.stringify(description, undefined, 2)}\n`);
  return { description, files };
}

/** The first modality's blocks of its default shape. */
function usualKind({ continuous }: TransfusionModel): BlockKind | undefined {
  const [adapter] = Object.values(continuous);
  if (adapter === undefined) return undefined;
  return blockKinds(continuous)[blockKindName(adapter.modality, adapter.defaultLatentShape)];
}

/** The noise levels to ask at; samplers may plan other ones for other numbers of tokens. */
function evaluationsOf({ diffusion }: ExportSource, { tokens }: BlockKind) {
  const { schedule, sampler, steps, prediction } = diffusion;
  const run = sampler.begin(schedule, { steps, tokens, prediction });
  return run.evaluations.map(({ time, level }) => ({ time, ...level }));
}

/** What a driver needs of the objective and the sampling, with the noise levels of the usual block. */
function diffusionOf(source: ExportSource, usual: BlockKind | undefined) {
  const { config, diffusion } = source;
  const { steps, prediction } = diffusion;
  return {
    prediction,
    schedule: config.objective.schedule,
    sampler: config.sampling.sampler,
    steps,
    guidance: config.sampling.guidance,
    evaluations: usual === undefined ? [] : evaluationsOf(source, usual),
  };
}

/** What inputs and outputs are, by the first word of their name. */
const meanings: Readonly<Record<string, string>> = {
  'input/ids': 'token ids',
  'input/asked': 'the position whose next token is asked for',
  'input/positions': 'positions in the sequence, from 0',
  'input/prefixMask': '0 where the cache is filled, -1e9 elsewhere',
  'input/keys': 'cached keys, already rotated',
  'input/values': 'cached values',
  'input/latent': 'the noisy latent, once per branch; the clean one to append a block',
  'input/time': 'the noise time, 0 (clean) to 1 (noise)',
  'output/logits': 'scores of the next token over the vocabulary',
  'output/prediction': 'what the network predicts, see diffusion.prediction',
  'output/keys': 'keys of the positions that were read, to be put into the cache',
  'output/values': 'values of the positions that were read',
};

function meaningsFor({ positionAxes }: TransfusionModel): Readonly<Record<string, string>> {
  if (positionAxes === 1) return meanings;
  const axial =
    'positions along each axis, from 0: a token of text stands at its place in the sequence along all of them; a block’s ' +
    'tokens at the place of its first one, and along the last axes, as many as its grid has, their row, column and so on further';
  return { ...meanings, 'input/positions': axial };
}

function checkedSize(name: string, size: number, most: number): number {
  if (Number.isSafeInteger(size) && size >= 1 && size <= most) return size;
  throw new TransfuseError({
    code: 'config.invalid',
    place: `export, ${name}`,
    found: String(size),
    expected: `a whole number from 1 to ${most}`,
    mend: 'Choose a size in this range.',
  });
}
