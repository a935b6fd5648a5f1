/** Checks of the frozen half of a continuous adapter: values to latents and back. */
import { isDeepStrictEqual } from 'node:util';
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';
import type { Latent } from '../contracts/tensors.ts';
import { sizeOf } from './adapter-trial.ts';
import { brokenContract, insist, insistRefusal } from './broken-contract.ts';
import { difference, notFinite } from './number-arrays.ts';

/** Every latent shape an adapter declares. */
export function declaredShapes({
  latentShapes,
  defaultLatentShape,
}: ContinuousAdapter): readonly (readonly number[])[] {
  return latentShapes ?? [defaultLatentShape];
}

/** Kind, modality, default shape, and all shapes where they are listed. */
export function insistDescription({ kind, modality, defaultLatentShape, latentShapes }: ContinuousAdapter): void {
  insist(kind === 'continuous', `kind is ${JSON.stringify(kind)}; a continuous adapter says 'continuous'.`);
  insist(
    typeof modality === 'string' && modality !== '',
    `modality is ${JSON.stringify(modality)}; write the name that segments carry, for example 'image'.`,
  );
  insistShape(defaultLatentShape, 'defaultLatentShape');
  if (latentShapes === undefined) return;
  insist(
    Array.isArray(latentShapes) && latentShapes.length > 0,
    `latentShapes is ${JSON.stringify(latentShapes)}; list every shape there can be, or leave it out.`,
  );
  for (const [index, shape] of latentShapes.entries()) insistShape(shape, `latentShapes[${index}]`);
  insist(
    latentShapes.some((shape) => isDeepStrictEqual([...shape], [...defaultLatentShape])),
    `latentShapes does not have defaultLatentShape [${defaultLatentShape.join(', ')}] among them; it lists every shape there can be.`,
  );
}

/** No two shapes have one grid of tokens: blocks are told apart by their grids. */
export function insistDistinctGrids(adapter: ContinuousAdapter): void {
  const seen = new Map<string, string>();
  for (const shape of declaredShapes(adapter)) {
    const [written, grid] = [shape.join(', '), adapter.tokenGrid(shape).join(', ')];
    const other = seen.get(grid);
    insist(
      other === undefined,
      `The latent shapes [${other}] and [${written}] have one grid of tokens, [${grid}]; a grid says which shape it is.`,
    );
    seen.set(grid, written);
  }
}

/** `latentShape` answers sizes with shapes of `latentShapes`, and refuses words it does not know. */
export async function insistSizes(
  adapter: ContinuousAdapter,
  sizes: readonly Readonly<Record<string, number>>[],
): Promise<void> {
  const { latentShape } = adapter;
  insist(
    latentShape !== undefined || sizes.length === 0,
    `It has no latentShape, but the suite was given sizes; write latentShape, or leave \`sizes\` out.`,
  );
  if (latentShape === undefined) return;
  for (const size of sizes) {
    const shape = adapter.latentShape!(structuredClone(size));
    insist(
      isDeclared(adapter, shape),
      `latentShape(${JSON.stringify(size)}) is ${JSON.stringify(shape)}; answer with one of ${listed(adapter)}.`,
    );
  }
  for (const size of [{}, { 'no such word': 1 }]) {
    const what = `latentShape(${JSON.stringify(size)})`;
    await insistRefusal(() => adapter.latentShape!(size), what, ['generation.invalid-option']);
  }
}

function isDeclared(adapter: ContinuousAdapter, shape: readonly number[]): boolean {
  return declaredShapes(adapter).some((one) => isDeepStrictEqual([...one], [...shape]));
}

function listed(adapter: ContinuousAdapter): string {
  return declaredShapes(adapter)
    .map((shape) => `[${shape.join(', ')}]`)
    .join(', ');
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
      isDeclared(adapter, latent.shape),
      `Sample ${index} gave a latent of shape [${latent.shape.join(', ')}], which is not declared; encode gives shapes of latentShapes only, here ${listed(adapter)}.`,
    );
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

function insistLatent({ data, shape }: Latent, what: string, advice?: string): void {
  insistShape(shape, `${what}: the latent's shape`);
  insist(
    data instanceof Float32Array && data.length === sizeOf(shape),
    `${what} gave ${data?.length ?? 'no'} values for the shape [${shape.join(', ')}]; data is a Float32Array of as many values as the shape says.`,
  );
  const wrong = notFinite(data);
  insist(wrong === undefined, `${what} gave a latent with ${wrong}; ${advice ?? 'latents are finite'}.`);
  const size = Math.sqrt(data.reduce((total, x) => total + x * x, 0) / data.length);
  insist(
    size <= 10,
    `${what} gave a latent of root mean square ${size}; ${advice ?? 'scale latents to about [-1, 1] or unit variance, the noise has variance 1'}.`,
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

/**
 * Latents of every shape, far out of range as an untrained model makes them, decode to something that encodes to a latent
 * of that shape.
 */
export async function insistClamped(adapter: ContinuousAdapter): Promise<void> {
  for (const shape of declaredShapes(adapter)) {
    const wild = Float32Array.from({ length: sizeOf(shape) }, (_, i) => (i % 2 === 0 ? 50 : -50));
    const what = `A latent of shape [${shape.join(', ')}], 50 out of range,`;
    const decoded = await insistClamping(() => adapter.decode({ data: wild, shape }), `${what} was refused by decode`);
    const again = await insistClamping(
      () => adapter.encode(decoded),
      `${what} was decoded to a value that encode refuses`,
    );
    insistLatent(again, what, clampAdvice);
    insist(
      isDeepStrictEqual([...again.shape], [...shape]),
      `${what} came back as one of shape [${again.shape.join(', ')}]; what decode gives is of the latent's own size.`,
    );
  }
}

const clampAdvice = 'clamp in decode, an untrained model knows no bounds';

/** Runs half of the codec on what is out of range; a refusal is decode's doing. */
async function insistClamping<Result>(action: () => Promise<Result>, sentence: string): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    brokenContract(`${sentence} (${reason.replace(/\.$/, '')}); ${clampAdvice}.`, error);
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
