/** What a caller gave, turned into what the decode loop works with: latents of pictures, ids of texts. */
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';
import { TransfuseError } from '../errors/index.ts';
import type { Latent } from '../contracts/tensors.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { blockKinds, latentShapesOf } from '../sequence/block-kind.ts';
import type { DenoisingTask } from './denoise-block.ts';
import { latentMask } from './edit-mask.ts';
import type { ResolvedGenerateOptions } from './generation-options.ts';
import type { ModelRunner } from './model-runner.ts';
import { createNoiseSource } from './noise-source.ts';
import type { Want } from './prompt.ts';

const defaultStrength = 0.6;

/** What a want says of the block's beginning. */
export interface WantedBeginning {
  /** Decided by `size` or by the value it begins from. */
  readonly latentShape?: readonly number[];
  /** That of a stored state, where nothing else decides it. */
  readonly resumedShape?: readonly number[];
  /** The clean latent it begins from. */
  readonly from?: Latent;
}

/**
 * Encodes what a block begins from, and finds the shape the caller wants. Throws what the adapter throws,
 * `generation.invalid-option` where the shape is none of the adapter's or the two disagree, and `generation.invalid-state`
 * where a stored state has a shape that the adapter does not have.
 */
export async function wantedBeginning(
  { size, from, resume }: Want,
  adapter: ContinuousAdapter,
  { signal }: Pick<ResolvedGenerateOptions, 'signal'>,
): Promise<WantedBeginning> {
  const sized = size === undefined ? undefined : shapeOfSize(adapter, size);
  const latent = from === undefined ? undefined : await adapter.encode(from, signal ? { signal } : {});
  const latentShape = sized ?? latent?.shape;
  const known = latentShapesOf(adapter);
  const written = (shape: readonly number[]) => `[${shape.join(', ')}]`;
  if (latentShape === undefined) {
    if (resume === undefined) return {};
    const resumedShape = known.find((shape) => shape.join() === resume.latentShape.join());
    if (resumedShape !== undefined) return { resumedShape };
    throw new TransfuseError({
      code: 'generation.invalid-state',
      place: 'want.resume',
      found: `a state of a latent of ${written(resume.latentShape)}`,
      expected: `one of ${known.map(written).join(', ')}`,
      mend: 'Resume with the model and the modality that the state was saved with.',
    });
  }
  if (latent !== undefined && latent.shape.join() !== latentShape.join()) {
    throw invalid('want.from', `a latent of ${written(latent.shape)}`, `one of ${written(latentShape)}, as size says`);
  }
  if (!known.some((shape) => shape.join() === latentShape.join())) {
    const place = sized === undefined ? 'want.from' : 'want.size';
    throw invalid(place, `a latent of ${written(latentShape)}`, `one of ${known.map(written).join(', ')}`);
  }
  return { latentShape, ...(latent && { from: latent }) };
}

function shapeOfSize(adapter: ContinuousAdapter, size: Readonly<Record<string, number>>): readonly number[] {
  if (adapter.latentShape !== undefined) return adapter.latentShape(size);
  throw invalid('want.size', JSON.stringify(size), `no size, because ${adapter.modality} has none to choose`);
}

/** The task of making what is wanted at a shape, as the generation's block of that number. Throws `generation.invalid-option`. */
export function denoisingTask(
  want: Want,
  { latentShape, tokens, from }: { latentShape: readonly number[]; tokens: number; from?: Latent | undefined },
  { noise }: Pick<ResolvedGenerateOptions, 'noise'>,
  block: number,
): DenoisingTask {
  const { mask, variation, resume } = want;
  const other = variation && createNoiseSource(noise, variation.seed, block).draw(latentShape);
  const strength = want.strength ?? (mask === undefined ? defaultStrength : 1);
  return {
    latentShape,
    tokens,
    ...(from && { from: { clean: from.data, strength } }),
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
  const describe = ({ model }: ModelRunner) =>
    JSON.stringify([model.vocabulary, Object.keys(blockKinds(model.continuous)).toSorted()]);
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
