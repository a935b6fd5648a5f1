/**
 * Between the weights of a PyTorch file and those the tensor functions take. The names are the file's; convolutions lie
 * `[outputs, inputs, height, width]` there and `[height, width, inputs, outputs]` here, matrices `[outputs, inputs]`
 * there and `[inputs, outputs]` here. Done once, when a file is read or written.
 */
import { type HostTensor, type ParameterSpec, TransfuseError } from '@transfuse/core/contracts';

/** Names of the attention's layers in files of diffusers before 0.17, by their names since. */
const formerNames: readonly (readonly [now: string, former: string])[] = [
  ['.to_q.', '.query.'],
  ['.to_k.', '.key.'],
  ['.to_v.', '.value.'],
  ['.to_out.0.', '.proj_attn.'],
];

/**
 * The declared parameters, from the tensors of a file.
 *
 * @param place how messages name the file
 * @returns exactly the tensors of the spec, in its order and shapes
 * @throws `checkpoint.invalid` where a tensor is missing, has another shape, or belongs to nothing declared
 */
export function weightsFromFile(
  spec: ParameterSpec,
  file: Readonly<Record<string, HostTensor>>,
  place: string,
): Record<string, HostTensor> {
  const used = new Set<string>();
  const weights = Object.entries(spec).map(([name, { shape }]) => {
    const stored = nameInFile(name, file);
    const tensor = file[stored];
    const expected = shapeInFile(shape);
    if (tensor === undefined) throw wrong(place, name, 'no such tensor', describeShape(expected));
    used.add(stored);
    if (!fits(tensor, expected)) {
      throw wrong(place, stored, `${tensor.dtype} ${describeShape(tensor.shape)}`, describeShape(expected));
    }
    return [name, { dtype: 'float32' as const, shape, data: fromFile(tensor.data as Float32Array, expected) }] as const;
  });
  const stray = Object.keys(file).find((name) => !used.has(name));
  if (stray !== undefined) throw wrong(place, stray, describeShape(file[stray]!.shape), 'no such tensor');
  return Object.fromEntries(weights);
}

/** The inverse: tensors as a file holds them, under the names of diffusers today. */
export function weightsToFile(weights: Readonly<Record<string, HostTensor>>): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => {
      const stored = shapeInFile(shape);
      return [name, { dtype: 'float32', shape: stored, data: toFile(data as Float32Array, stored) }];
    }),
  );
}

function nameInFile(name: string, file: Readonly<Record<string, HostTensor>>): string {
  if (file[name] !== undefined) return name;
  const former = formerNames.reduce((text, [now, before]) => text.replace(now, before), name);
  return file[former] === undefined ? name : former;
}

/** `[height, width, inputs, outputs]` to `[outputs, inputs, height, width]`, `[inputs, outputs]` to `[outputs, inputs]`. */
function shapeInFile(shape: readonly number[]): readonly number[] {
  return [...shape.slice(-2).toReversed(), ...shape.slice(0, -2)];
}

/** Whether a tensor has that shape; a matrix may be a convolution with windows of one pixel. */
function fits({ shape, dtype }: HostTensor, expected: readonly number[]): boolean {
  const plain =
    shape.length === 4 && expected.length === 2 ? shape.filter((size, axis) => axis < 2 || size !== 1) : shape;
  return dtype === 'float32' && plain.join() === expected.join();
}

/** Numbers `[outputs, inputs, ...window]` to `[...window, inputs, outputs]`; a vector stays. */
function fromFile(data: Float32Array, [outputs = 1, inputs = 1, ...window]: readonly number[]): Float32Array {
  const size = product(window);
  const turned = new Float32Array(data.length);
  for (let input = 0; input < inputs; input++) {
    for (let place = 0; place < size; place++) {
      const here = (place * inputs + input) * outputs;
      for (let output = 0; output < outputs; output++) {
        turned[here + output] = data[(output * inputs + input) * size + place]!;
      }
    }
  }
  return turned;
}

/** The inverse of {@link fromFile}. */
function toFile(data: Float32Array, [outputs = 1, inputs = 1, ...window]: readonly number[]): Float32Array {
  const size = product(window);
  const turned = new Float32Array(data.length);
  for (let input = 0; input < inputs; input++) {
    for (let place = 0; place < size; place++) {
      const here = (place * inputs + input) * outputs;
      for (let output = 0; output < outputs; output++) {
        turned[(output * inputs + input) * size + place] = data[here + output]!;
      }
    }
  }
  return turned;
}

const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);
const describeShape = (shape: readonly number[]) => `shape [${shape.join(', ')}]`;

function wrong(place: string, name: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'checkpoint.invalid',
    place: `${place}, tensor ${name}`,
    found,
    expected,
    mend: 'Use the config.json that belongs to these weights.',
  });
}
