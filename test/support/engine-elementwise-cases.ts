/** Samples for every elementwise kernel: arithmetic, comparison, logic, unary functions, choice and casts. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { anyTensors, booleans, broadcastPairs, floats, integers, shapes } from './engine-arbitraries.ts';
import { all, allWithGradients, type KernelCase, tracedKernel } from './engine-kernel-case.ts';

const onFloats = {
  Abs: tf.abs,
  Ceil: tf.ceil,
  ClipByValue: (x: tf.Tensor) => tf.clipByValue(x, -1.5, 2),
  Cos: tf.cos,
  Erf: tf.erf,
  Exp: tf.exp,
  Expm1: tf.expm1,
  Floor: tf.floor,
  Identity: tf.clone,
  Neg: tf.neg,
  Relu: tf.relu,
  Round: tf.round,
  Sigmoid: tf.sigmoid,
  Sign: tf.sign,
  Sin: tf.sin,
  Softplus: tf.softplus,
  Square: tf.square,
  Step: (x: tf.Tensor) => tf.step(x, 0.25),
  Tanh: tf.tanh,
} as unknown as Record<string, (x: tf.Tensor) => tf.Tensor>;

const onPositives = {
  Log: tf.log,
  Log1p: tf.log1p,
  Reciprocal: tf.reciprocal,
  Rsqrt: tf.rsqrt,
  Sqrt: tf.sqrt,
} as unknown as Record<string, (x: tf.Tensor) => tf.Tensor>;

const nearZero: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  Expm1: (x) => tf.expm1(x),
  Log1p: (x) => tf.log1p(x),
  Sin: (x) => tf.sin(x),
  Tanh: (x) => tf.tanh(x),
};

const farFromZero: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  Expm1: (x) => tf.expm1(x),
  Log1p: (x) => tf.log1p(tf.abs(x)),
  Sigmoid: (x) => tf.sigmoid(x),
  Softplus: (x) => tf.softplus(x),
  Tanh: (x) => tf.tanh(x),
};

const onIntegers: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  Abs: (x) => tf.abs(x),
  ClipByValue: (x) => tf.clipByValue(x, -2, 3),
  Neg: (x) => tf.neg(x),
  Relu: (x) => tf.relu(x),
  Sign: (x) => tf.sign(x),
  Square: (x) => tf.square(x),
  Step: (x) => tf.step(x, 2),
};

type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
const smooth: Record<string, Binary> = { Add: tf.add, Sub: tf.sub, Multiply: tf.mul, RealDiv: tf.div, Pow: tf.pow };
/** TensorFlow.js does not sum these gradients over broadcast axes, so they are taken on equal shapes. */
const sameShape: Record<string, Binary> = {
  Maximum: tf.maximum,
  Minimum: tf.minimum,
  SquaredDifference: tf.squaredDifference,
};
const comparisons: Record<string, Binary> = {
  Equal: tf.equal,
  Greater: tf.greater,
  GreaterEqual: tf.greaterEqual,
  Less: tf.less,
  LessEqual: tf.lessEqual,
  NotEqual: tf.notEqual,
};
const onIntegerPairs: Record<string, Binary> = {
  ...sameShape,
  ...comparisons,
  Add: tf.add,
  FloorDiv: tf.floorDiv,
  Multiply: tf.mul,
  Sub: tf.sub,
};

export const elementwiseCases: readonly KernelCase[] = [
  {
    title: 'functions of one float tensor, and their gradients',
    kernels: Object.keys(onFloats),
    samples: shapes()
      .chain((shape) => floats(shape))
      .map((x) => ({ inputs: { x }, run: (given) => allWithGradients(onFloats, [given['x']!]) })),
  },
  {
    title: 'functions of one positive tensor, and their gradients',
    kernels: Object.keys(onPositives),
    samples: shapes()
      .chain((shape) => floats(shape, { min: 1 / 16, max: 8 }))
      .map((x) => ({ inputs: { x }, run: (given) => allWithGradients(onPositives, [given['x']!]) })),
  },
  {
    title: 'functions that keep their precision near zero',
    kernels: ['Expm1', 'Log1p', 'Sin', 'Tanh'],
    tolerance: { absolute: 1e-12 },
    samples: shapes()
      .chain((shape) => floats(shape, { min: -(2 ** -10), max: 2 ** -10, step: 2 ** -20 }))
      .map((x) => ({ inputs: { x }, run: (given) => all(nearZero, [given['x']!]) })),
  },
  {
    title: 'functions that stay finite far from zero',
    kernels: ['Expm1', 'Sigmoid', 'Softplus', 'Tanh'],
    samples: shapes()
      .chain((shape) => floats(shape, { min: -100, max: 80, step: 1 / 4 }))
      .map((x) => ({ inputs: { x }, run: (given) => all(farFromZero, [given['x']!]) })),
  },
  {
    title: 'functions of one integer tensor',
    kernels: Object.keys(onIntegers),
    samples: shapes()
      .chain((shape) => integers(shape))
      .map((x) => ({ inputs: { x }, run: (given) => all(onIntegers, [given['x']!]) })),
  },
  {
    title: 'arithmetic on broadcast pairs of float tensors, and its gradients',
    kernels: Object.keys(smooth),
    samples: broadcastPairs
      .chain(([left, right]) => fc.tuple(floats(left, { min: 1 / 8 }), floats(right, { min: 1 / 8, max: 3 })))
      .map(([a, b]) => ({ inputs: { a, b }, run: (given) => allWithGradients(smooth, [given['a']!, given['b']!]) })),
  },
  {
    title: 'extrema and squared differences of two float tensors, and their gradients',
    kernels: Object.keys(sameShape),
    samples: shapes()
      .chain((shape) => fc.tuple(floats(shape, { step: 0.5 }), floats(shape, { step: 0.5 })))
      .map(([a, b]) => ({ inputs: { a, b }, run: (given) => allWithGradients(sameShape, [given['a']!, given['b']!]) })),
  },
  {
    title: 'division of floats rounded down',
    kernels: ['FloorDiv'],
    samples: broadcastPairs
      .chain(([left, right]) => fc.tuple(floats(left, { step: 0.25 }), integers(right, { min: 1, max: 4 })))
      .map(([a, b]) => ({
        inputs: { a, b },
        run: ({ a: x, b: y }) => {
          const divisor = tf.cast(y!, 'float32');
          return { up: tf.floorDiv(x!, divisor), down: tf.floorDiv(x!, tf.neg(divisor)) };
        },
      })),
  },
  {
    title: 'arithmetic and comparison of integers, of either sign',
    kernels: [...Object.keys(onIntegerPairs), 'Pow'],
    samples: broadcastPairs
      .chain(([left, right]) => fc.tuple(integers(left), integers(right, { min: 1 }), fc.constantFrom(1, -1)))
      .map(([a, b, sign]) => ({
        inputs: { a, b: { ...b, data: b.data.map((value) => value * sign) as Int32Array } },
        run: (given) => ({
          ...all(onIntegerPairs, [given['a']!, given['b']!]),
          Pow: tf.pow(given['a']!, tf.abs(given['b']!)),
        }),
      })),
  },
  {
    title: 'comparisons of broadcast pairs of float tensors with ties',
    kernels: Object.keys(comparisons),
    samples: broadcastPairs
      .chain(([left, right]) => fc.tuple(floats(left, { step: 2 }), floats(right, { step: 2 })))
      .map(([a, b]) => ({ inputs: { a, b }, run: (given) => all(comparisons, [given['a']!, given['b']!]) })),
  },
  {
    title: 'logic on broadcast pairs of booleans',
    kernels: ['LogicalAnd', 'LogicalOr', 'LogicalNot', 'Equal', 'NotEqual'],
    samples: broadcastPairs
      .chain(([left, right]) => fc.tuple(booleans(left), booleans(right)))
      .map(([a, b]) => ({
        inputs: { a, b },
        run: ({ a: p, b: q }) => ({
          and: tf.logicalAnd(p!, q!),
          or: tf.logicalOr(p!, q!),
          not: tf.logicalNot(p!),
          equal: tf.equal(p!, q!),
          different: tf.notEqual(p!, q!),
        }),
      })),
  },
  {
    title: 'sums of several tensors, and their gradients',
    kernels: ['AddN'],
    samples: fc
      .tuple(shapes(), fc.integer({ min: 1, max: 4 }))
      .chain(([shape, terms]) => fc.array(floats(shape), { minLength: terms, maxLength: terms }))
      .map((terms) => ({
        inputs: Object.fromEntries(terms.map((term, index) => [`x${index}`, term])),
        run: (given) => allWithGradients({ sum: (...xs) => tf.addN(xs) }, Object.values(given)),
      })),
  },
  {
    title: 'a choice between two tensors by a broadcast condition, and its gradients',
    kernels: ['Select'],
    samples: broadcastPairs
      .chain(([left, right]) => fc.tuple(booleans(right), floats(left), floats(left), integers(left)))
      .map(([condition, t, e, whole]) => ({
        inputs: { condition, t, e, whole },
        run: (given) => {
          const flags = given['condition']!;
          return {
            integers: tf.where(flags, given['whole']!, tf.zerosLike(given['whole']!)),
            ...(condition.shape.join() === t.shape.join()
              ? allWithGradients({ floats: (x, y) => tf.where(flags, x!, y!) }, [given['t']!, given['e']!])
              : { floats: tf.where(flags, given['t']!, given['e']!) }),
          };
        },
      })),
  },
  {
    title: 'a choice of whole rows by a condition of rank 1',
    kernels: ['Select'],
    samples: shapes({ minRank: 2 })
      .chain((shape) => fc.tuple(booleans(shape.slice(0, 1)), floats(shape), floats(shape)))
      .map(([condition, t, e]) => ({
        inputs: { condition, t, e },
        run: (given) => ({
          chosen: tracedKernel('Select', given as tf.NamedTensorMap, {}, () => {
            const column = [condition.data.length, ...t.shape.slice(1).map(() => 1)];
            return tf.where(tf.reshape(given['condition']!, column), given['t']!, given['e']!);
          }),
        }),
      })),
  },
  {
    title: 'casts between all element types',
    kernels: ['Cast'],
    samples: shapes()
      .chain((shape) => anyTensors(shape))
      .map((x) => ({
        inputs: { x },
        run: (given) =>
          Object.fromEntries(
            (['float32', 'int32', 'bool'] as const).map((dtype) => [dtype, tf.cast(given['x']!, dtype)]),
          ),
      })),
  },
];
