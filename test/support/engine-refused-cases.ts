/**
 * What a function must not do while it is compiled. Each example lies in this file, so the refusal must name a line of
 * it: that is what stands for a user's own line.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../../packages/core/src/contracts/index.ts';
import type { ErrorCode } from '../../packages/core/src/errors/index.ts';

/** A function that is refused, of an input `x` `[4, 4]`. */
export interface RefusedCase {
  readonly title: string;
  readonly code: ErrorCode;
  /** What the message must say besides the line. */
  readonly says: readonly string[];
  run(x: tf.Tensor2D): unknown;
}

const untraceable = 'engine.untraceable';
const random = (title: string, run: (x: tf.Tensor2D) => unknown): RefusedCase => ({
  title,
  code: untraceable,
  says: ['random', 'pass them in as an input'],
  run,
});
const read = (title: string, run: (x: tf.Tensor2D) => unknown): RefusedCase => ({
  title,
  code: untraceable,
  says: ['read of tensor values', 'Pass the values in as inputs'],
  run,
});
const kernel = (
  title: string,
  code: ErrorCode,
  says: readonly string[],
  run: (x: tf.Tensor2D) => unknown,
): RefusedCase => ({
  title,
  code,
  says: [...says, 'eager'],
  run,
});
/** Operands that do not fit together, of which ONNX Runtime would say less, or nothing. */
const unfit = (title: string, says: string, run: (x: tf.Tensor2D) => unknown): RefusedCase => ({
  title: `${title} with operands that do not fit`,
  code: untraceable,
  says: [says, 'Correct the operation at this line'],
  run,
});

export const refusedCases: readonly RefusedCase[] = [
  random('tf.randomNormal', (x) => tf.add(x, tf.randomNormal([4, 4]))),
  random('tf.randomNormal with a seed', (x) => tf.add(x, tf.randomNormal([4, 4], 0, 1, 'float32', 7))),
  random('tf.randomStandardNormal with a seed', (x) => tf.add(x, tf.randomStandardNormal([4, 4], 'float32', 7))),
  random('tf.randomUniform', (x) => tf.add(x, tf.randomUniform([4, 4]))),
  random('tf.randomUniform with a seed', (x) => tf.add(x, tf.randomUniform([4, 4], 0, 1, 'float32', 7))),
  random('tf.randomUniformInt with a seed', (x) => tf.add(x, tf.cast(tf.randomUniformInt([4, 4], 0, 9, 7), 'float32'))),
  random('tf.truncatedNormal', (x) => tf.add(x, tf.truncatedNormal([4, 4]))),
  random('tf.truncatedNormal with a seed', (x) => tf.add(x, tf.truncatedNormal([4, 4], 0, 1, 'float32', 7))),
  random('tf.randomGamma', (x) => tf.add(x, tf.randomGamma([4, 4], 1))),
  random('tf.randomGamma with a seed', (x) => tf.add(x, tf.randomGamma([4, 4], 1, 1, 'float32', 7))),
  random('tf.rand with a generator of its own', (x) =>
    tf.add(
      x,
      tf.rand([4, 4], () => 0.5),
    ),
  ),
  random('tf.dropout', (x) => tf.dropout(x, 0.5)),
  random('tf.dropout with a seed', (x) => tf.dropout(x, 0.5, undefined, 7)),
  random('tf.multinomial', (x) => tf.multinomial(x, 2)),
  random('Math.random', (x) => tf.mul(x, Math.random())),
  random('Math.random, where the function swallows the refusal', (x) => {
    try {
      return tf.mul(x, Math.random());
    } catch {
      return x;
    }
  }),
  {
    title: 'tf.multinomial with a seed',
    code: untraceable,
    says: ['Multinomial', 'random numbers', 'Gumbel'],
    run: (x) => tf.multinomial(x, 2, 7),
  },

  read('dataSync', (x) => tf.scalar(x.dataSync()[0]!)),
  read('arraySync', (x) => tf.tensor(x.arraySync())),
  read('printing', (x) => tf.scalar(String(x).length)),
  read('data in an async function', async (x) => tf.scalar((await x.data())[0]!)),
  read('tf.whereAsync', (x) => {
    void tf.whereAsync(tf.greater(x, 0));
    return x;
  }),
  read('tf.booleanMaskAsync, awaited', async (x) => tf.booleanMaskAsync(x, tf.greater(x, 0))),

  kernel('tf.unique', untraceable, ['Unique', 'shape of its result depends on the values'], (x) => tf.unique(x).values),
  kernel('tf.image.nonMaxSuppression', untraceable, ['NonMaxSuppressionV3', 'nonMaxSuppressionPadded'], (x) =>
    tf.image.nonMaxSuppression(x, tf.reshape(tf.slice(x, [0, 0], [4, 1]), [4]) as tf.Tensor1D, 2),
  ),
  kernel('tf.fft', 'engine.unsupported-op', ['Complex', 'complex numbers'], (x) => tf.fft(tf.complex(x, x))),
  kernel('tf.image.transform', 'engine.unsupported-op', ['Transform', 'rotateWithOffset'], (x) =>
    tf.image.transform(tf.reshape(x, [1, 4, 4, 1]) as tf.Tensor4D, tf.ones([1, 8]) as tf.Tensor2D),
  ),
  kernel('an operation in a gradient', 'engine.unsupported-op', ['Dilation2D', 'tf.maxPool'], (x) =>
    tf.grad((t) =>
      tf.dilation2d(tf.reshape(t, [1, 4, 4, 1]) as tf.Tensor4D, tf.ones([2, 2, 1]) as tf.Tensor3D, 1, 'same'),
    )(x),
  ),

  unfit('tf.matMul', 'inner shapes of [4,4] and [3,4]', (x) => tf.sum(tf.matMul(x, tf.ones([3, 4])))),
  unfit('tf.add', 'broadcast', (x) => tf.sum(tf.add(x, tf.ones([3, 4])))),
  unfit('tf.reshape', 'must match', (x) => tf.sum(tf.reshape(x, [15]))),
  unfit('tf.concat', 'does not match the shape of the rest', (x) => tf.sum(tf.concat([x, tf.ones([3, 5])], 0))),
  unfit('tf.slice', 'overflow', (x) => tf.sum(tf.slice(x, [3, 0], [4, 4]))),
  unfit('the gradient of tf.slice', 'overflow', (x) => tf.grad((v) => tf.sum(tf.slice(v, [3, 0], [4, 4])))(x)),
  unfit('tf.stack', 'must match', (x) => tf.sum(tf.stack([x, tf.ones([2, 8])]))),
  unfit('tf.einsum', 'Expected dimension 4', (x) => tf.sum(tf.einsum('ij,jk->ik', x, tf.ones([3, 4])))),
  unfit('tf.unsortedSegmentSum', 'must match', (x) =>
    tf.sum(tf.unsortedSegmentSum(x, tf.tensor1d([0, 1, 0, 1, 1], 'int32'), 2)),
  ),
  unfit('tf.batchNorm', 'broadcast', (x) => tf.sum(tf.batchNorm(x, tf.ones([3]), tf.ones([3])))),
  unfit('tf.pad', '1 paddings for 2 axes', (x) => tf.sum(tf.pad(x, [[1, 1]]))),
  unfit('tf.cast to complex64', 'complex64', (x) => tf.real(tf.cast(x, 'complex64'))),
  unfit('the gradient of tf.prod, which TensorFlow.js cannot take,', 'is not a function', (x) =>
    tf.grad((v) => tf.prod(v))(x),
  ),
];

/** The tensor function of a case. */
export const refusedFunction = ({ run }: RefusedCase) =>
  ((_: unknown, { x }: NamedTensors) => {
    const y = run(x as tf.Tensor2D);
    return y instanceof Promise
      ? y.then((value) => ({ outputs: { y: value as tf.Tensor } }))
      : { outputs: { y: y as tf.Tensor } };
  }) as never;
