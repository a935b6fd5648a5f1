import { describe, expect, it } from 'vitest';
import { GraphBuilder, hostArray } from './graph-builder.ts';

const output = (name: string, value: string) => ({ name, value, shape: [2], dtype: 'float32' as const });

function started() {
  const graph = new GraphBuilder('test');
  return { graph, x: graph.input('x', [2], 'float32') };
}

describe('GraphBuilder', () => {
  it('gives a result the wanted name directly', () => {
    const { graph, x } = started();
    const built = graph.finish([output('y', graph.op('Neg', [graph.op('Abs', [x])]))]);
    expect(built.nodes.map(({ op, outputs }) => [op, outputs.length])).toEqual([
      ['Abs', 1],
      ['Neg', 1],
    ]);
    expect(built.nodes[1]).toMatchObject({ inputs: built.nodes[0]!.outputs, outputs: ['y'] });
    expect(built.outputs).toEqual([{ name: 'y', shape: [2], dtype: 'float32' }]);
  });

  it('copies a result that is an input or a constant, or wanted under a second name', () => {
    const { graph, x } = started();
    const constant = graph.constant({ data: Float32Array.of(1, 2), shape: [2], dtype: 'float32' });
    const negated = graph.op('Neg', [x]);
    const built = graph.finish([output('a', x), output('b', constant), output('c', negated), output('d', negated)]);
    expect(built.nodes.map(({ op, inputs, outputs }) => [op, ...inputs, ...outputs])).toEqual([
      ['Neg', x, 'c'],
      ['Identity', x, 'a'],
      ['Identity', constant, 'b'],
      ['Identity', 'c', 'd'],
    ]);
  });

  it('leaves out nodes, constants and inputs that no result needs, in any order of use', () => {
    const { graph, x } = started();
    graph.input('unread', [2], 'float32');
    const kept = graph.op('Neg', [x]);
    graph.op('Add', [kept, graph.scalar(7, 'float32')]);
    const built = graph.finish([output('y', kept)]);
    expect(built.nodes.map(({ op }) => op)).toEqual(['Neg']);
    expect(built.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(built.initializers).toEqual([]);
  });

  it('keeps a node of several results where one is needed', () => {
    const { graph, x } = started();
    const [, second] = graph.node('Split', [x], 2);
    const built = graph.finish([output('y', second!)]);
    expect(built.nodes[0]).toMatchObject({ op: 'Split', outputs: [expect.any(String), 'y'] });
  });

  it('stores equal small constants once, and only those of the same type, shape and bits', () => {
    const graph = new GraphBuilder('test');
    const one = graph.scalar(1, 'float32');
    expect(graph.scalar(1, 'float32')).toBe(one);
    const others = [
      graph.scalar(2, 'float32'),
      graph.scalar(1, 'int32'),
      graph.integers([1]),
      graph.integers([1], []),
      graph.constant({ data: Float32Array.of(1), shape: [1], dtype: 'float32' }),
      graph.scalar(0, 'float32'),
      graph.scalar(-0, 'float32'),
    ];
    expect(new Set([one, ...others]).size).toBe(8);
  });

  it('copies constants, so that later changes of the array do not reach the graph', () => {
    const graph = new GraphBuilder('test');
    const data = new Float32Array(100).fill(1);
    const name = graph.constant({ data, shape: [100], dtype: 'float32' });
    data.fill(2);
    const [stored] = graph.finish([{ name: 'y', value: name, shape: [100], dtype: 'float32' }]).initializers;
    expect(new Float32Array(stored!.bytes.buffer)[0]).toBe(1);
  });
});

describe('hostArray', () => {
  it('makes the typed array of each element type', () => {
    expect(hostArray('float32', [1.5, -2])).toEqual(Float32Array.of(1.5, -2));
    expect(hostArray('int32', [1, -2])).toEqual(Int32Array.of(1, -2));
    expect(hostArray('bool', [1, 0])).toEqual(Uint8Array.of(1, 0));
  });
});
