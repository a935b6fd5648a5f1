/**
 * One tensor function of an image, compiled per size on demand. Compiled functions have fixed shapes and hold a copy of
 * the weights each, so only the sizes used last are kept. Runs go one after another: none is let go while it runs.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import {
  type CompiledFunction,
  type Engine,
  type NamedTensors,
  type TensorStore,
  TransfuseError,
} from '@transfuse/core/contracts';
import type { ImagePlane } from './image-planes.ts';

/** How many sizes stay compiled: a tiled picture has up to four kinds of tiles. */
const keptSizes = 4;

/** A function from images to images, for any size. */
export interface SizedFunction {
  /** Runs for one image; the first run of a size compiles. */
  run(image: ImagePlane): Promise<ImagePlane>;
  /** Releases what was compiled and the weights; a run that was asked for before is finished first, a later one is refused with `host.disposed`. */
  dispose(): Promise<void>;
}

/**
 * Prepares a function of constant weights, which it disposes of in the end.
 *
 * @param act `[1, H, W, I]` to `[1, H', W', O]`
 */
export function createSizedFunction(
  engine: Engine,
  name: string,
  weights: TensorStore,
  act: (params: NamedTensors, image: Tensor) => Tensor,
): SizedFunction {
  const compiled = new Map<string, CompiledFunction>(); // the size used last comes last
  let disposed = false;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(step: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(step);
    last = mine.catch(() => undefined);
    return mine;
  };

  const functionFor = async ({ height, width, channels }: ImagePlane): Promise<CompiledFunction> => {
    const key = `${height}x${width}x${channels}`;
    const known = compiled.get(key);
    compiled.delete(key);
    if (known === undefined && compiled.size >= keptSizes) {
      const [oldest, unused] = compiled.entries().next().value!;
      compiled.delete(oldest);
      await unused.dispose();
    }
    const ready =
      known ??
      (await engine.compile((stores, inputs) => ({ outputs: { image: act(stores['weights']!, inputs['image']!) } }), {
        name: `${name} ${height} x ${width}`,
        inputs: { image: { shape: [1, height, width, channels], dtype: 'float32' } },
        stores: { weights },
        frozen: ['weights'],
      }));
    compiled.set(key, ready);
    return ready;
  };

  return {
    run: (image) =>
      inTurn(async () => {
        if (disposed) throw disposedCodec(name);
        const outputs = await (await functionFor(image)).run({ image: image.data });
        const { data, shape } = outputs['image']!;
        const [, height, width, channels] = shape as [number, number, number, number];
        return { height, width, channels, data: Float32Array.from(data) };
      }),
    dispose: () =>
      inTurn(async () => {
        if (disposed) return;
        disposed = true;
        await Promise.all([...compiled.values()].map((unused) => unused.dispose()));
        compiled.clear();
        weights.dispose();
      }),
  };
}

function disposedCodec(name: string): TransfuseError {
  return new TransfuseError({
    code: 'host.disposed',
    place: name,
    found: 'a call after dispose()',
    expected: 'a live codec',
    mend: 'Open the codec again.',
  });
}
