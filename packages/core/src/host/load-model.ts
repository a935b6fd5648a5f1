// Loads a checkpoint folder into a model that generates: reads and checks the files, creates the adapters, the schedule
// and the sampler that its configuration names, and gives the weights to the engine.
import type { WeightFormat } from '../contracts/engine.ts';
import { checkedWeightFormat } from '../engine/weight-format.ts';
import { TransfuseError } from '../errors/index.ts';
import { generate } from '../generation/generate.ts';
import type { GenerationEvent } from '../generation/generation-event.ts';
import { createModelRunner } from '../generation/model-runner.ts';
import type { PromptItem } from '../generation/prompt.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { type Checkpoint, readCheckpoint } from '../training/checkpoint.ts';
import { buildModel, checkWeights, disposeAdapters } from './build-model.ts';
import type { ResolvedConfig } from './config-types.ts';
import { validateConfig } from './config.ts';
import { type ExportedModel, exportModel, type ExportModelOptions } from './export-model.ts';
import { chosenOptions, createDiffusion, type HostGenerateOptions, offerAsWeak } from './generation-choices.ts';
import type { Host } from './host.ts';

/** How a checkpoint is loaded. */
export interface LoadModelOptions {
  /** How the compiled engine stores the matrices of the model, see `docs/performance.md`; default `float32`. */
  readonly weights?: WeightFormat;
}

/** A model ready to generate. */
export interface LoadedModel {
  readonly config: ResolvedConfig;
  readonly model: TransfusionModel;
  /**
   * Generates from a prompt: texts and segments first, then what is wanted, or nothing to let the model decide. The
   * same seed and options give the same events.
   *
   * @throws TransfuseError `generation.invalid-option`, `sequence.too-long`, `sequence.invalid`, `generation.aborted`,
   *   and what the adapters throw
   */
  generate(prompt: string | readonly PromptItem[], options?: HostGenerateOptions): AsyncGenerator<GenerationEvent>;
  /** Describes a value of a continuous modality in text; greedy unless `options.temperature` says otherwise. */
  caption(value: unknown, options?: HostGenerateOptions & { readonly modality?: string }): Promise<string>;
  /**
   * The model as ONNX files for other runtimes and languages, see `docs/export.md`.
   *
   * @throws TransfuseError `config.invalid` for sizes out of range, `engine.unsupported-op` where an adapter does what has
   *   no portable form, `file.unwritable` above 2 GiB
   */
  export(options?: ExportModelOptions): Promise<ExportedModel>;
  /** Releases the weights, the compiled functions and what the adapters hold; `generate` throws `host.disposed` afterwards. Twice is fine. */
  dispose(): Promise<void>;
}

interface LoadedParts {
  readonly host: Host;
  readonly folder: string;
  readonly config: ResolvedConfig;
  readonly checkpoint: Checkpoint;
  readonly model: TransfusionModel;
  readonly storage: WeightFormat;
  readonly onDispose: () => void;
}

/** Loads a checkpoint. Throws `checkpoint.not-found`, `checkpoint.invalid`, `tokenizer.mismatch` and the like. */
export async function loadModel(
  host: Host,
  folder: string,
  { onDispose, weights: format }: LoadModelOptions & { readonly onDispose: () => void },
): Promise<LoadedModel> {
  const storage = checkedWeightFormat(format, 'options.weights');
  const checkpoint = await readCheckpoint(folder);
  const config = validateConfig(checkpoint.config);
  const model = await buildModel(host, config, { assets: checkpoint.assets });
  try {
    return await assembleModel({ host, folder, config, checkpoint, model, storage, onDispose });
  } catch (error) {
    // The first error is the one to tell.
    await disposeAdapters(model).catch((later: Error) => host.logger.warn(later.message));
    throw error;
  }
}

async function assembleModel(parts: LoadedParts): Promise<LoadedModel> {
  const { host, folder, config, checkpoint, model, storage, onDispose } = parts;
  const weights = checkWeights(model, checkpoint.weights, `${folder}/model.safetensors`);
  const diffusion = await createDiffusion(host, config);
  const parameters = host.engine.createStore(weights);
  const runner = createModelRunner(model, host.engine, parameters, { weights: storage });
  let disposed = false;
  const checkAlive = () => {
    if (!disposed) return;
    throw new TransfuseError({
      code: 'host.disposed',
      place: folder,
      found: 'a model that was disposed of',
      expected: 'a live model',
      mend: 'Load it again.',
    });
  };
  const loaded: LoadedModel = {
    config,
    model,
    async *generate(prompt, options = {}) {
      checkAlive();
      yield* generate(runner, diffusion, prompt, await chosenOptions(host, options));
    },
    caption: (value, options = {}) => caption(loaded, value, options),
    async export(options) {
      checkAlive();
      return exportModel({ model, config, parameters, diffusion }, options);
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      onDispose();
      await runner.dispose();
      parameters.dispose();
      await disposeAdapters(model);
    },
  };
  offerAsWeak(loaded, runner);
  return loaded;
}

/** Collects what a model writes about a value. */
export async function caption(
  source: Pick<LoadedModel, 'generate' | 'model'>,
  value: unknown,
  { modality, ...options }: HostGenerateOptions & { readonly modality?: string },
): Promise<string> {
  const [first = 'image'] = Object.keys(source.model.continuous);
  let text = '';
  const prompt = [{ modality: modality ?? first, value }, { want: 'text' }];
  for await (const event of source.generate(prompt, { temperature: 0, ...options })) {
    if (event.type === 'text') text += event.delta;
  }
  return text.trim();
}
