/**
 * Rotary position embedding (Su et al. 2021) in the half-split layout of Llama: the first half of each head is paired
 * with the second. The gradient of a rotation is the rotation by the opposite angle.
 */
import { add, concat, customGrad, gather, mul, neg, reshape, slice, sub, type Tensor } from '@tensorflow/tfjs-core';
import { onnxElementType } from '../onnx/element-type.ts';
import { activeTrace } from './active-trace.ts';

/** Cosines and sines of every position's angles. */
export interface RotaryTable {
  /** `[P, hd / 2]` */
  readonly cosine: Tensor;
  /** `[P, hd / 2]` */
  readonly sine: Tensor;
}

/**
 * @param x `[B, T, H, hd]` queries or keys
 * @param positions `[B, T]` int32, each below P
 * @returns `[B, T, H, hd]`
 */
export function rotate(x: Tensor, positions: Tensor, { cosine, sine }: RotaryTable): Tensor {
  const turn = customGrad((input, save) => {
    (save as (tensors: Tensor[]) => void)([positions, cosine, sine]);
    return {
      value: rotateBy(input as Tensor, positions, cosine, sine),
      gradFunc: (upstream: Tensor, saved: Tensor[]) => rotateBy(upstream, saved[0]!, saved[1]!, neg(saved[2]!)),
    };
  });
  return turn(x);
}

function rotateBy(x: Tensor, positions: Tensor, cosine: Tensor, sine: Tensor): Tensor {
  const [batch, length, heads, size] = x.shape as [number, number, number, number];
  const trace = activeTrace();
  if (trace !== undefined) {
    // Every position as a row of one: the runtime refuses rows longer than its table of angles.
    const flat = trace.reshape(x, [batch * length, 1, heads * size]);
    const wide = trace.graph.op('Cast', [trace.nameOf(positions)], {
      attributes: { to: { int: onnxElementType('int64') } },
    });
    const ids = trace.graph.op('Reshape', [wide, trace.graph.integers([batch * length, 1])]);
    const rotated = trace.op('RotaryEmbedding', [flat, ids, cosine, sine], flat, {
      domain: 'com.microsoft',
      attributes: {
        interleaved: { int: 0 },
        num_heads: { int: heads },
        rotary_embedding_dim: { int: 0 },
      },
    });
    return reshape(trace.tensor(trace.nameOf(rotated), rotated.shape, 'float32'), x.shape);
  }
  const half = size / 2;
  const angles = (table: Tensor) => reshape(gather(table, positions), [batch, length, 1, half]);
  const [c, s] = [angles(cosine), angles(sine)];
  const first = slice(x, [0, 0, 0, 0], [-1, -1, -1, half]);
  const second = slice(x, [0, 0, 0, half], [-1, -1, -1, half]);
  return concat([sub(mul(first, c), mul(second, s)), add(mul(first, s), mul(second, c))], -1);
}
