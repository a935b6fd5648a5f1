import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { TensorFunction } from '../../contracts/engine.ts';
import { traceFunction } from '../trace/trace-function.ts';
import { formulaKey } from './element-formulas.ts';
import { splitUpdates } from './split-updates.ts';

const shape = [3, 4];
const matrix = { shape, dtype: 'float32' as const };
const single = { shape: [], dtype: 'float32' as const };

/** A function of stores `w` and `m` (tensors `a` and `b`), and inputs `x` and `rate`, split. */
function split(run: TensorFunction, inMemory = (_: { readonly store: string }) => true) {
  const specs = { a: matrix, b: matrix };
  const graph = traceFunction(run, {
    name: 'test',
    inputs: { x: matrix, rate: single },
    stores: { w: specs, m: specs },
    constants: {},
  });
  return splitUpdates(graph, inMemory);
}

const names = (values: readonly { readonly name: string }[]) => values.map(({ name }) => name);
const momentum = (m: tf.Tensor, gradient: tf.Tensor) => tf.add(tf.mul(m, 0.9), tf.mul(gradient, 0.1));

describe('splitUpdates', () => {
  it('leaves of an optimizer’s step the gradients and the numbers', () => {
    const { graph, updates } = split(({ w, m }, { x, rate }) => {
      const gradient = tf.matMul(tf.matMul(w!['a']!, x!, false, true), x!) as tf.Tensor;
      const next = momentum(m!['a']!, gradient);
      return { outputs: {}, updates: { m: { a: next }, w: { a: tf.sub(w!['a']!, tf.mul(next, tf.sqrt(rate!))) } } };
    });
    expect(graph.nodes.map(({ op }) => op).toSorted()).toEqual(['FusedMatMul', 'MatMul', 'Sqrt']);
    expect(names(graph.inputs)).toEqual(['input/x', 'input/rate', 'w/a']);
    const [{ arrays, numbers, targets, length }] = updates as [(typeof updates)[number]];
    expect(length).toBe(12);
    expect(targets).toEqual([
      { store: 'm', tensor: 'a' },
      { store: 'w', tensor: 'a' },
    ]);
    expect(arrays.filter(({ from }) => from === 'store')).toEqual([
      { from: 'store', store: 'm', tensor: 'a' },
      { from: 'store', store: 'w', tensor: 'a' },
    ]);
    expect(arrays.filter(({ from }) => from === 'graph')).toHaveLength(1);
    expect(numbers.map(({ from }) => from)).toEqual(['graph']);
    expect(names(graph.outputs)).toEqual(
      [...arrays, ...numbers].flatMap((operand) => (operand.from === 'graph' ? operand.name : [])),
    );
  });

  it('computes updates together that read what another writes, and others apart, with the same formulas', () => {
    const { updates } = split(({ w, m }, { x }) => {
      const step = (values: tf.Tensor, by: tf.Tensor) =>
        tf.sub(values, tf.mul(tf.add(tf.mul(values, 0.1), by), tf.square(by)));
      return {
        outputs: {},
        updates: {
          w: { a: step(w!['a']!, m!['a']!), b: step(w!['b']!, x!) },
          m: { a: step(m!['a']!, w!['a']!), b: step(m!['b']!, x!) },
        },
      };
    });
    expect(updates.map(({ targets }) => targets.map(({ store, tensor }) => `${store}/${tensor}`))).toEqual([
      ['w/a', 'm/a'],
      ['w/b'],
      ['m/b'],
    ]);
    const [together, one, another] = updates.map(({ formulas }) => formulaKey(formulas));
    expect(one).toBe(another);
    expect(one).not.toBe(together);
  });

  it('takes the sum of two gradients as one value of the graph', () => {
    const { graph, updates } = split(({ w, m }, { x }) => {
      const gradient = tf.add(tf.relu(x!), tf.sin(x!));
      const next = momentum(m!['a']!, gradient);
      return { outputs: {}, updates: { m: { a: next }, w: { a: tf.sub(w!['a']!, next) } } };
    });
    expect(graph.nodes.map(({ op }) => op).toSorted()).toEqual(['Add', 'Relu', 'Sin']);
    expect(updates[0]!.arrays.filter(({ from }) => from === 'graph')).toHaveLength(1);
  });

  it('keeps in the graph what other results need', () => {
    const { graph, updates } = split(({ m }, { x }) => {
      const next = momentum(m!['a']!, tf.square(x!));
      return { outputs: { total: tf.sum(next) }, updates: { m: { a: next } } };
    });
    expect(names(graph.outputs)).toEqual(['output/total']);
    expect(updates).toHaveLength(1);
    expect(updates[0]!.arrays).toEqual([
      { from: 'store', store: 'm', tensor: 'a' },
      { from: 'input', input: 'x' },
    ]);
  });

  it.each<[string, TensorFunction]>([
    [
      'of a few operations',
      ({ w }, { x }) => ({ outputs: {}, updates: { w: { a: tf.add(w!['a']!, tf.mul(x!, 2)) } } }),
    ],
    [
      'that depend on no store',
      (_, { x }) => ({ outputs: {}, updates: { w: { a: tf.mul(tf.mul(tf.square(x!), x!), tf.sub(x!, 1)) } } }),
    ],
    [
      'of an operation that formulas have not',
      ({ w }, { x }) => ({ outputs: {}, updates: { w: { a: tf.tanh(momentum(w!['a']!, tf.square(x!))) } } }),
    ],
    [
      'with rows that go for all',
      ({ w }) => {
        const row = tf.slice(w!['b']!, [0, 0], [1, 4]);
        return { outputs: {}, updates: { w: { a: tf.mul(row, tf.mul(row, tf.mul(row, tf.add(row, w!['a']!)))) } } };
      },
    ],
  ])('leaves updates alone %s', (_, run) => {
    const { graph, updates } = split(run);
    expect(updates).toEqual([]);
    expect(names(graph.outputs)).toEqual(['update/w/a']);
  });

  it('leaves updates alone of tensors that lie elsewhere, and those that read such', () => {
    const run: TensorFunction = ({ w, m }, { x }) => {
      const next = momentum(m!['a']!, tf.square(x!));
      return { outputs: {}, updates: { m: { a: next }, w: { a: tf.sub(w!['a']!, next) } } };
    };
    expect(split(run, ({ store }) => store === 'm').updates).toEqual([]);
    expect(split(run).updates).toHaveLength(1);
  });
});
