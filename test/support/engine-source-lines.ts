/**
 * Tensor functions whose lines are known, for tests of source lines. They stand outside of the engine's folder, whose
 * own frames are passed over.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorFunction } from '../../packages/core/src/contracts/index.ts';
import { callHelper } from './engine-source-helper.ts';
import { sourceLine } from '../../packages/core/src/engine/trace/source-line.ts';

/** The line of the caller in this file. */
function callersLine(): number {
  return Number(/engine-source-lines\.ts:(\d+)/.exec(new Error('here').stack!.split('\n')[2]!)![1]);
}

/** What `sourceLine` names when it is called here, and the line that it should name. */
export function lineHere(): { readonly named: string | undefined; readonly line: number } {
  const line = callersLine() + 1;
  return { named: sourceLine(), line };
}

/** Lines of this file by what stands there; filled in when the functions below run. */
export const lines: Record<'root' | 'negation' | 'sine' | 'exponential' | 'tripling' | 'helped' | 'update', number> = {
  root: 0,
  negation: 0,
  sine: 0,
  exponential: 0,
  tripling: 0,
  helped: 0,
  update: 0,
};

/** `-sqrt(x)`: two operations on two lines. */
export const negatedRoot: TensorFunction = (_, { x }) => {
  lines.root = callersLine() + 1;
  const root = tf.sqrt(x!);
  lines.negation = callersLine() + 1;
  const y = tf.neg(root);
  return { outputs: { y } };
};

/** The gradient of `exp(sin(x))`. */
export const slope: TensorFunction = (_, { x }) => {
  const differentiate = tf.grad((at: tf.Tensor) => {
    lines.sine = callersLine() + 1;
    const root = tf.sin(at);
    lines.exponential = callersLine() + 1;
    return tf.exp(root);
  });
  return { outputs: { y: differentiate(x!) } };
};

/** A gradient written by hand, which takes absolute values. */
export const handWrittenSlope: TensorFunction = (_, { x }) => {
  const triple = tf.customGrad((given) => ({
    value: tf.mul(given as tf.Tensor, 3),
    gradFunc: (upstream: tf.Tensor) => tf.abs(upstream),
  }));
  const differentiate = tf.grad((at: tf.Tensor) => {
    lines.tripling = callersLine() + 1;
    return triple(at);
  });
  return { outputs: { y: differentiate(x!) } };
};

/** `|x|`, by a helper in another file. */
export const helped: TensorFunction = (_, { x }) => {
  lines.helped = callersLine() + 1;
  const y = callHelper(x!);
  return { outputs: { y } };
};

/** Of `store/x` a step along `sin(x)`: one operation in the graph, four apart from it. */
export const sineStep: TensorFunction = ({ store }, { x }) => {
  const slope = tf.sin(x!);
  const halves = tf.add(tf.mul(store!['x']!, 0.5), tf.mul(slope, 0.5));
  lines.update = callersLine() + 1;
  const next = tf.sub(store!['x']!, halves);
  return { outputs: {}, updates: { store: { x: next } } };
};
