// Loads a checkpoint folder into a model that generates: reads and checks the files, creates the adapters, the schedule
// and the sampler that its configuration names, and gives the weights to the engine.
import { TransfuseError } from '../errors/index.ts';
import { generate } from '../generation/generate.ts';
import type { GenerationEvent } from '../generation/generation-event.ts';
import { createModelRunner } from '../generation/model-runner.ts';
import type { PromptItem } from '../generation/prompt.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { readCheckpoint } from '../training/checkpoint.ts';
import { buildModel, checkWeights } from './build-model.ts';
import type { ResolvedConfig } from './config-types.ts';
import { validateConfig } from './config.ts';
import { chosenOptions, createDiffusion, type HostGenerateOptions, offerAsWeak } from './generation-choices.ts';
import type { Host } from './host.ts';

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
  /** Releases the weights and the compiled functions; `generate` throws `host.disposed` afterwards. Twice is fine. */
  dispose(): Promise<void>;
}

/** Loads a checkpoint. Throws `checkpoint.not-found`, `checkpoint.invalid`, `tokenizer.mismatch` and the like. */
export async function loadModel(
  host: Host,
  folder: string,
  { onDispose }: { readonly onDispose: () => void },
): Promise<LoadedModel> {
  const checkpoint = await readCheckpoint(folder);
  const config = validateConfig(checkpoint.config);
  const model = await buildModel(host, config, { assets: checkpoint.assets });
  const weights = checkWeights(model, checkpoint.weights, `${folder}/model.safetensors`);
  const diffusion = await createDiffusion(host, config);
  const parameters = host.engine.createStore(weights);
  const runner = createModelRunner(model, host.engine, parameters);
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
    async dispose() {
      if (disposed) return;
      disposed = true;
      onDispose();
      await runner.dispose();
      parameters.dispose();
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
