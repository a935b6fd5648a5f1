/**
 * Turns raw segments into ids and latents with a model's adapters, ready to be laid out.
 */
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';
import type { Segment } from '../contracts/segment.ts';
import type { Latent } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { latentShapesOf } from './block-kind.ts';
import type { EncodedSegment } from './document-layout.ts';

/**
 * Encodes segments with the model's adapters; latents are remembered by the raw value they came from. Throws
 * `sequence.invalid` where an adapter gives a latent of a shape it does not have.
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
    const shapes = latentShapesOf(continuous);
    if (!shapes.some((shape) => shape.join() === latent.shape.join())) throw strangeShape(modality, latent, shapes);
    return { kind: 'continuous', modality, latent, grid: continuous.tokenGrid(latent.shape) };
  };
}

function strangeShape(modality: string, { shape }: Latent, shapes: readonly (readonly number[])[]): TransfuseError {
  return new TransfuseError({
    code: 'sequence.invalid',
    place: `segment of modality ${modality}`,
    found: `a latent of shape [${shape.join(', ')}]`,
    expected: shapes.map((one) => `[${one.join(', ')}]`).join(' or '),
    mend: 'Bring the value to a size the adapter has, or declare the shape in the adapter’s latentShapes.',
  });
}
