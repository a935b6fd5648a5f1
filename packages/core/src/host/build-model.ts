// Builds a model from a configuration: creates the adapters it names, checks that they fit the modalities they stand
// under, and puts them together with the transformer. Whoever builds a model disposes of its adapters.
import type { CreationContext } from '../contracts/plugin.ts';
import type { ModalityAdapter } from '../contracts/modality-adapter.ts';
import type { HostTensor } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { defineModel, type TransfusionModel } from '../model/transfusion-model.ts';
import type { ResolvedConfig } from './config-types.ts';
import type { ContributionDescription, CreateOptions, Host } from './host.ts';
import { checkModelFit } from './model-fit.ts';
import { validate } from './schema-validation.ts';
import { nearestName } from '../errors/nearest-name.ts';

/**
 * Creates the adapters of `config.modalities` and the model over them. They are the caller's, to be released with
 * {@link disposeAdapters}; where building fails, those that were made already are released here. Throws `config.invalid`
 * for what does not fit together, `sequence.invalid` for an adapter that contradicts itself.
 */
export async function buildModel(
  host: Host,
  config: Pick<ResolvedConfig, 'model' | 'modalities'>,
  context: Partial<CreationContext>,
): Promise<TransfusionModel> {
  const adapters: ModalityAdapter[] = [];
  try {
    const toldShapes: string[] = [];
    for (const [modality, { adapter: name, shapeTokens, ...settings }] of Object.entries(config.modalities)) {
      const place = `modalities.${modality}`;
      const adapter = await createAdapter(host, name, settings, { ...context, place });
      adapters.push(adapter);
      if (shapeTokens === 'grid') {
        if (adapter.kind === 'discrete') throw withoutBlocks(place);
        toldShapes.push(adapter.modality);
      }
      if (adapter.modality === modality) continue;
      throw new TransfuseError({
        code: 'config.invalid',
        place,
        found: `adapter ${name}, which makes ${adapter.modality} segments`,
        expected: `an adapter of modality ${modality}`,
        mend: `Move it to \`modalities.${adapter.modality}\`, or choose another adapter.`,
      });
    }
    const model = defineModel(config.model, adapters, { toldShapes });
    checkModelFit(model, host.logger);
    return model;
  } catch (error) {
    // The first error is the one to tell.
    await disposeAll(adapters).catch((later: Error) => host.logger.warn(later.message));
    throw error;
  }
}

function withoutBlocks(place: string): TransfuseError {
  return new TransfuseError({
    code: 'config.invalid',
    place: `${place}.shapeTokens`,
    found: 'a modality of tokens',
    expected: 'a continuous modality',
    mend: 'Remove `shapeTokens`: only blocks have shapes.',
  });
}

/** Releases what a model's adapters hold: all of them, also where one throws; the first error is thrown in the end. */
export async function disposeAdapters({ discrete, continuous }: TransfusionModel): Promise<void> {
  await disposeAll([...Object.values(discrete), ...Object.values(continuous)]);
}

async function disposeAll(adapters: readonly ModalityAdapter[]): Promise<void> {
  const ends = await Promise.allSettled(adapters.map(async (adapter) => adapter.dispose?.()));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Checks that the adapters of a configuration are there and take their settings, without making any. Throws as {@link buildModel}. */
export function checkAdapters(host: Host, modalities: ResolvedConfig['modalities']): void {
  for (const [modality, { adapter, shapeTokens, ...settings }] of Object.entries(modalities)) {
    const place = `modalities.${modality}`;
    const { kind, configSchema } = adapterNamed(host, adapter, place);
    validate(configSchema, settings, { code: 'config.invalid', place });
    if (shapeTokens === 'grid' && kind === 'discrete-adapter') throw withoutBlocks(place);
  }
}

async function createAdapter(
  host: Host,
  name: string,
  settings: Readonly<Record<string, unknown>>,
  options: CreateOptions & { readonly place: string },
): Promise<ModalityAdapter> {
  const { kind } = adapterNamed(host, name, options.place);
  return host.create(kind as 'discrete-adapter' | 'continuous-adapter', name, settings, options);
}

function adapterNamed(host: Host, name: string, place: string): ContributionDescription {
  const adapters = [...host.contributions('discrete-adapter'), ...host.contributions('continuous-adapter')];
  const found = adapters.find((adapter) => adapter.name === name);
  if (found !== undefined) return found;
  const names = adapters.map((adapter) => adapter.name);
  const near = nearestName(name, names);
  throw new TransfuseError({
    code: 'contribution.missing',
    place: `${place}.adapter`,
    found: `"${name}"`,
    expected: names.length === 0 ? 'a plugin that contributes adapters' : `one of ${names.join(', ')}`,
    mend: near === undefined ? 'Add the plugin that contributes it, or choose another.' : `Write "${near}".`,
  });
}

/** The adapters' files, to be stored in a checkpoint. */
export function modelAssets({ discrete, continuous }: TransfusionModel): Record<string, Uint8Array> {
  const adapters: readonly ModalityAdapter[] = [...Object.values(discrete), ...Object.values(continuous)];
  return Object.assign({}, ...adapters.map((adapter) => adapter.assets?.())) as Record<string, Uint8Array>;
}

/** Checks that weights are those the model declares. Throws `checkpoint.invalid` or `tokenizer.mismatch`. */
export function checkWeights(
  model: TransfusionModel,
  weights: Readonly<Record<string, HostTensor>>,
  place: string,
): Record<string, HostTensor> {
  const vocabulary = weights['embedding.weight']?.shape[0];
  if (vocabulary !== undefined && vocabulary !== model.vocabulary.size) {
    throw new TransfuseError({
      code: 'tokenizer.mismatch',
      place,
      found: `a tokenizer that makes a vocabulary of ${model.vocabulary.size} with the special tokens`,
      expected: `${vocabulary}, as the weights were trained with`,
      mend: 'Put back the tokenizer.json the model was trained with.',
    });
  }
  const unexpected = Object.keys(weights).find((name) => !(name in model.parameters));
  if (unexpected !== undefined) throw mismatch(place, `an unknown tensor ${unexpected}`, 'only tensors of the model');
  return Object.fromEntries(
    Object.entries(model.parameters).map(([name, { shape }]) => {
      const tensor = weights[name];
      if (tensor === undefined) throw mismatch(place, `no tensor ${name}`, `one of shape [${shape.join(', ')}]`);
      if (tensor.shape.join() !== shape.join() || tensor.dtype !== 'float32') {
        throw mismatch(place, `${name} of shape [${tensor.shape.join(', ')}]`, `shape [${shape.join(', ')}]`);
      }
      return [name, tensor];
    }),
  );
}

function mismatch(place: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'checkpoint.invalid',
    place,
    found,
    expected,
    mend: 'config.json and model.safetensors do not belong together: use another copy of the checkpoint.',
  });
}
