/** What a caller gave, turned into what the decode loop works with: latents of pictures, ids of texts. */
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';
import { TransfuseError } from '../errors/index.ts';
import { elementCount } from '../engine/check-feed.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import type { DenoisingTask } from './denoise-block.ts';
import { latentMask } from './edit-mask.ts';
import type { ResolvedGenerateOptions } from './generation-options.ts';
import type { ModelRunner } from './model-runner.ts';
import { createNoiseSource } from './noise-source.ts';
import type { Want } from './prompt.ts';

const defaultStrength = 0.6;

/** The task of making what is wanted, as the generation's block of that number. Throws what the adapter throws, and `generation.invalid-option`. */
export async function denoisingTask(
  want: Want,
  adapter: ContinuousAdapter,
  { noise, signal }: Pick<ResolvedGenerateOptions, 'noise' | 'signal'>,
  block: number,
): Promise<DenoisingTask> {
  const latentShape = adapter.defaultLatentShape;
  const { from, mask, variation, resume } = want;
  const task: DenoisingTask = { latentShape, tokens: elementCount(adapter.tokenGrid(latentShape)) };
  const other = variation && createNoiseSource(noise, variation.seed, block).draw(latentShape);
  const latent = from === undefined ? undefined : await adapter.encode(from, signal ? { signal } : {});
  if (latent !== undefined && latent.shape.join() !== latentShape.join()) {
    throw invalid('want.from', `a latent of [${latent.shape.join(', ')}]`, `one of [${latentShape.join(', ')}]`);
  }
  const strength = want.strength ?? (mask === undefined ? defaultStrength : 1);
  return {
    ...task,
    ...(latent && { from: { clean: latent.data, strength } }),
    ...(mask && { mask: latentMask(mask, latentShape) }),
    ...(variation && other && { variation: { noise: other, amount: variation.amount } }),
    ...(resume && { resume }),
  };
}

/** The model's ids of a text, for a negative prompt. Throws `generation.invalid-option` where the model has no text. */
export function textIds(model: TransfusionModel, text: string): readonly number[] {
  const adapter = model.discrete['text'];
  const range = model.vocabulary.discrete['text'];
  if (adapter === undefined || range === undefined) {
    throw invalid('options.negative', 'a text', 'no negative prompt, because the model has no text');
  }
  return Array.from(adapter.encode(text), (id) => id + range.offset);
}

/** The weaker model's runner, if it speaks the model's language. Throws `generation.invalid-option`. */
export function checkedWeak(weak: ModelRunner, runner: ModelRunner): ModelRunner {
  const describe = ({ model }: ModelRunner) => {
    const shapes = Object.entries(model.continuous).map(([name, adapter]) => [
      name,
      adapter.defaultLatentShape,
      adapter.tokenGrid(adapter.defaultLatentShape),
    ]);
    return JSON.stringify([model.vocabulary.size, Object.keys(model.discrete), shapes]);
  };
  if (describe(weak) === describe(runner)) return weak;
  throw invalid('options.weak', 'a model of another vocabulary or other latents', 'one trained on the same tokens');
}

function invalid(place: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'generation.invalid-option',
    place,
    found,
    expected,
    mend: 'Correct it, or leave it out.',
  });
}
