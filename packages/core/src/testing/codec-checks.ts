/** Checks of the frozen half of a continuous adapter: values to latents and back. */
import { isDeepStrictEqual } from 'node:util';
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';
import type { Latent } from '../contracts/tensors.ts';
import { sizeOf } from './adapter-trial.ts';
import { insist, insistRefusal } from './broken-contract.ts';
import { difference, notFinite } from './number-arrays.ts';

/** Kind, modality and default shape. */
export function insistDescription({ kind, modality, defaultLatentShape }: ContinuousAdapter): void {
  insist(kind === 'continuous', `kind is ${JSON.stringify(kind)}; a continuous adapter says 'continuous'.`);
  insist(
    typeof modality === 'string' && modality !== '',
    `modality is ${JSON.stringify(modality)}; write the name that segments carry, for example 'image'.`,
  );
  insistShape(defaultLatentShape, 'defaultLatentShape');
}

function insistShape(shape: readonly number[], what: string): void {
  insist(
    Array.isArray(shape) && shape.length > 0 && shape.every((size) => Number.isInteger(size) && size > 0),
    `${what} is ${JSON.stringify(shape)}; a shape is a list of positive integers, channels last.`,
  );
}

/** Finite latents of their shape and of moderate size, the same each time. */
export async function insistLatents(adapter: ContinuousAdapter, samples: readonly unknown[]): Promise<void> {
  for (const [index, sample] of samples.entries()) {
    const before = isPlain(sample) ? structuredClone(sample) : undefined;
    const latent = await adapter.encode(sample);
    insistLatent(latent, `Sample ${index}`);
    insist(
      before === undefined || isDeepStrictEqual(sample, before),
      `encode changed sample ${index}; make the latent in an array of its own.`,
    );
    insist(
      isDeepStrictEqual(await adapter.encode(sample), latent),
      `encode gave two different latents for sample ${index}; it must depend on the value alone.`,
    );
  }
}

function insistLatent({ data, shape }: Latent, what: string): void {
  insistShape(shape, `${what}: the latent's shape`);
  insist(
    data instanceof Float32Array && data.length === sizeOf(shape),
    `${what} gave ${data?.length ?? 'no'} values for the shape [${shape.join(', ')}]; data is a Float32Array of as many values as the shape says.`,
  );
  const wrong = notFinite(data);
  insist(wrong === undefined, `${what} gave a latent with ${wrong}; latents are finite.`);
  const size = Math.sqrt(data.reduce((total, x) => total + x * x, 0) / data.length);
  insist(
    size <= 10,
    `${what} gave a latent of root mean square ${size}; scale latents to about [-1, 1] or unit variance, the noise has variance 1.`,
  );
}

/** Decoding and encoding again leads back to the latent. */
export async function insistRoundTrip(
  adapter: ContinuousAdapter,
  samples: readonly unknown[],
  tolerance: number,
): Promise<void> {
  for (const [index, sample] of samples.entries()) {
    const latent = await adapter.encode(sample);
    const again = await adapter.encode(await adapter.decode({ data: latent.data.slice(), shape: latent.shape }));
    insist(
      isDeepStrictEqual(again.shape, latent.shape),
      `Sample ${index}, encoded, decoded and encoded again, went from shape [${latent.shape.join(', ')}] to [${again.shape.join(', ')}]; the codec keeps sizes.`,
    );
    const wrong = difference(again.data, latent.data, { tolerance });
    insist(
      wrong === undefined,
      `Sample ${index}, encoded, decoded and encoded again, has ${wrong}; the codec loses at most ${tolerance} (the option \`codec\`).`,
    );
  }
}

/** Latents far out of range, as an untrained model makes them, decode to something that can be encoded. */
export async function insistClamped(adapter: ContinuousAdapter, samples: readonly unknown[]): Promise<void> {
  for (const [index, sample] of samples.entries()) {
    const { data, shape } = await adapter.encode(sample);
    const wild = data.map((x, i) => (i % 2 === 0 ? 50 : -50) + x);
    insistLatent(
      await adapter.encode(await adapter.decode({ data: wild, shape })),
      `Sample ${index}, 50 out of range,`,
    );
  }
}

/** What cannot be encoded is refused in words. */
export async function insistRefusals(adapter: ContinuousAdapter, invalid: readonly unknown[]): Promise<void> {
  for (const value of invalid) await insistRefusal(() => adapter.encode(value), `encode(${String(value)})`);
  await insistRefusal(() => adapter.tokenGrid([]), 'tokenGrid([])');
}

/** Values that can be copied to see whether they change: not those with classes of their own. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (ArrayBuffer.isView(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === Object.prototype || prototype === null || Array.isArray(value);
  return plain && Object.values(value).every(isPlain);
}
