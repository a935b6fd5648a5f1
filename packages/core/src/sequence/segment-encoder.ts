/**
 * Turns raw segments into ids and latents with a model's adapters, ready to be laid out.
 */
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';
import type { Segment } from '../contracts/segment.ts';
import type { Latent } from '../contracts/tensors.ts';
import { elementCount } from '../engine/check-feed.ts';
import { TransfuseError } from '../errors/index.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { latentShapesOf } from './block-kind.ts';
import type { EncodedSegment } from './document-layout.ts';

/**
 * Encodes segments with the model's adapters; latents are remembered by the raw value they came from. Throws
 * `sequence.invalid` where an adapter gives a latent of a shape it does not have, or not as many values as its shape says.
 */
export function createSegmentEncoder(model: TransfusionModel): (segment: Segment) => Promise<EncodedSegment> {
  const latents = new WeakMap<object, Promise<Latent>>();
  const latentOf = (adapter: ContinuousAdapter, value: unknown): Promise<Latent> => {
    if (typeof value !== 'object' || value === null) return adapter.encode(value);
    let latent = latents.get(value);
    if (latent === undefined) {
      latent = adapter.encode(value);
      latents.set(value, latent);
    }
    return latent;
  };
  return async ({ modality, value }) => {
    const discrete = model.discrete[modality];
    if (discrete !== undefined) return { kind: 'discrete', modality, ids: discrete.encode(value) };
    const continuous = model.continuous[modality];
    // An unknown modality is reported by the layout, which knows what there is.
    if (continuous === undefined) return { kind: 'discrete', modality, ids: [] };
    const latent = await latentOf(continuous, value);
    checkLatent(modality, latent, latentShapesOf(continuous));
    return { kind: 'continuous', modality, latent, grid: continuous.tokenGrid(latent.shape) };
  };
}

function checkLatent(modality: string, { shape, data }: Latent, shapes: readonly (readonly number[])[]): void {
  const written = (one: readonly number[]) => `[${one.join(', ')}]`;
  const place = `segment of modality ${modality}`;
  if (!shapes.some((one) => one.join() === shape.join())) {
    throw new TransfuseError({
      code: 'sequence.invalid',
      place,
      found: `a latent of shape ${written(shape)}`,
      expected: shapes.map(written).join(' or '),
      mend: 'Bring the value to a size the adapter has, or declare the shape in the adapter’s latentShapes.',
    });
  }
  if (data.length === elementCount(shape)) return;
  throw new TransfuseError({
    code: 'sequence.invalid',
    place,
    found: `${data.length} values for a latent of shape ${written(shape)}`,
    expected: `${elementCount(shape)} values`,
    mend: 'Correct what the adapter’s encode gives.',
  });
}
