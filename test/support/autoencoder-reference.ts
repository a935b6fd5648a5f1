/**
 * The TypeScript half of `test/reference/autoencoders.py`: the same weights and inputs from `wave`, and the arrays of
 * its fixtures. Neither file is changed alone.
 */
import { weightsFromFile } from '../../packages/adapters/src/vae/weight-layout.ts';
import type { HostTensor, ParameterSpec } from '../../packages/core/src/contracts/index.ts';
import { sizeOf, wave } from './tiny-numbers.ts';

/** An array of a fixture: base64 of little-endian float32. */
export interface PackedArray {
  readonly shape: readonly number[];
  readonly base64: string;
}

/** The numbers of a fixture's array. */
export function unpack({ base64 }: PackedArray): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);
}

/** The numbers of a stream in a shape. */
export function waveTensor(stream: number, shape: readonly number[], amplitude = 1): HostTensor {
  return { dtype: 'float32', shape, data: wave(stream, sizeOf(shape)).map((value) => value * amplitude) };
}

/** The tensors of a weights file, by the shapes it has: one stream per name in alphabetical order. */
function waveFile(shapes: Readonly<Record<string, readonly number[]>>): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.keys(shapes)
      .toSorted()
      .map((name, stream) => {
        const shape = shapes[name]!;
        const values = wave(stream, sizeOf(shape));
        if (shape.length > 1) {
          const amplitude = Math.sqrt(2 / sizeOf(shape.slice(1)));
          return [name, { dtype: 'float32', shape, data: values.map((value) => value * amplitude) }];
        }
        const turn = name.endsWith('.bias') ? (value: number) => value * 0.1 : (value: number) => 1 + 0.2 * value;
        return [name, { dtype: 'float32', shape, data: values.map(turn) }];
      }),
  );
}

/** The same as the parameters that tensor functions take. */
export function waveWeights(
  spec: ParameterSpec,
  shapes: Readonly<Record<string, readonly number[]>>,
): Record<string, HostTensor> {
  return weightsFromFile(spec, waveFile(shapes), 'reference');
}

/** What a reference says of one gradient: its product with a stream of its own, and its length. */
export type GradientMarks = Readonly<Record<string, readonly [along: number, norm: number]>>;

/**
 * The largest departure of gradients, as a file holds them, from their marks: relative to each gradient's length, or to
 * a thousandth of the longest where a gradient is shorter than that (some are zero).
 */
export function gradientDeparture(marks: GradientMarks, gradients: Readonly<Record<string, HostTensor>>): number {
  const longest = Math.max(...Object.values(marks).map(([, norm]) => norm));
  return Math.max(
    ...Object.keys(marks)
      .toSorted()
      .map((name, stream) => {
        const data = gradients[name]!.data as Float32Array;
        const along = wave(500 + stream, data.length).reduce((sum, value, index) => sum + value * data[index]!, 0);
        const [expected, norm] = marks[name]!;
        return (
          Math.max(Math.abs(along - expected), Math.abs(Math.hypot(...data) - norm)) / Math.max(norm, longest / 1000)
        );
      }),
  );
}
