import { grad, tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { weighted, worstGradientMismatch } from '../../../../test/support/tiny-gradient-check.ts';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { largestDifference, wave, waveParameters } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import type { HostTensor, NamedTensors } from '../contracts/tensors.ts';
import { createCompiledEngine } from '../engine/compiled-engine.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { attentionMask } from '../sequence/attention-mask.ts';
import { transformer } from './transformer.ts';
import type { TransformerConfig } from './transformer-config.ts';
import { transformerParameters } from './transformer-parameters.ts';

const eager = await createEagerEngine();
const compiled = createCompiledEngine({ threads: 1 });
const length = 5;

function read(config: TransformerConfig, inputs: NamedTensors, firstPosition = 0) {
  const row = (value: (index: number) => number) =>
    tensor(
      Int32Array.from({ length }, (_, index) => value(index)),
      [1, length],
      'int32',
    );
  return transformer(inputs, config, inputs['x']!, {
    positions: row((index) => firstPosition + index),
    mask: attentionMask(
      row(() => 1),
      row((index) => (index === 1 || index === 2 ? 1 : 0)),
    ),
  });
}

function inputsOf(config: TransformerConfig): Record<string, HostTensor> {
  const { 'embedding.weight': _, 'head.weight': __, ...params } = waveParameters(transformerParameters(config, 3));
  return {
    ...params,
    x: { shape: [1, length, config.width], dtype: 'float32', data: wave(50, length * config.width) },
  };
}

describe('the transformer', () => {
  const config = tinyTransformer();

  it.each([
    ['eager', eager],
    ['compiled', compiled],
  ])('has the gradients that finite differences show, %s', async (_, engine) => {
    const worst = await worstGradientMismatch(
      engine,
      (inputs) => weighted(read(config, inputs).hidden),
      inputsOf(config),
      {
        directions: 1,
        values: compiled,
      },
    );
    expect(worst.mismatch, worst.name).toBeLessThan(0.01);
  });

  it.each([
    ['eager', eager],
    ['compiled', compiled],
  ])('reads a long row in runs as it reads it whole, blocks across the borders of runs too, %s', async (_, engine) => {
    const [rowLength, tokens] = [300, 20];
    const long = tinyTransformer({ sequenceLength: rowLength });
    const row = (value: (index: number) => number) =>
      tensor(
        Int32Array.from({ length: rowLength }, (_, index) => value(index)),
        [1, rowLength],
        'int32',
      );
    const loss = (inputs: NamedTensors, lookahead?: number) => {
      const { hidden } = transformer(inputs, long, inputs['x']!, {
        positions: row((index) => index),
        mask: attentionMask(
          row((index) => (index < 170 ? 1 : 2)),
          row((index) => ((index + 1) % 50 < tokens ? 1 + Math.floor((index + 1) / 50) : 0)), // 149 to 168 is a block
        ),
        ...(lookahead !== undefined && { lookahead }),
      });
      return weighted(hidden);
    };
    const x: HostTensor = {
      shape: [1, rowLength, config.width],
      dtype: 'float32',
      data: wave(50, rowLength * config.width),
    };
    const gradients = (lookahead?: number) =>
      runOnce(engine, (all) => ({ gradient: grad((varied) => loss({ ...all, x: varied }, lookahead))(all['x']!) }), {
        ...inputsOf(config),
        x,
      });
    const [whole, inRuns] = [await gradients(), await gradients(tokens - 1)];
    expect(largestDifference(inRuns['gradient']!.data, whole['gradient']!.data)).toBeLessThan(1e-5);
  });

  it('gives hidden states of unit mean square, times the final gain', async () => {
    const inputs = inputsOf(config);
    const { hidden } = await runOnce(eager, (all) => ({ hidden: read(config, all).hidden }), inputs);
    const gain = inputs['norm.weight']!.data;
    for (let row = 0; row < length; row++) {
      const squares = Array.from(gain, (by, index) => (hidden!.data[row * 16 + index]! / by) ** 2);
      expect(squares.reduce((sum, square) => sum + square, 0) / 16).toBeCloseTo(1, 4);
    }
  });

  it('sees distances, not positions: moving all of them by one amount changes nothing', async () => {
    const states = async (first: number) =>
      (await runOnce(eager, (all) => ({ hidden: read(config, all, first).hidden }), inputsOf(config)))['hidden']!.data;
    const [start, later] = [await states(0), await states(40)];
    expect(largestDifference(start, later)).toBeLessThan(2e-5);
  });

  it('but does see distances', async () => {
    const stretched = (inputs: NamedTensors) => {
      const row = (values: number[]) => tensor(values, [1, length], 'int32');
      const mask = attentionMask(row([1, 1, 1, 1, 1]), row([0, 1, 1, 0, 0]));
      const { hidden } = transformer(inputs, config, inputs['x']!, { positions: row([0, 2, 4, 6, 8]), mask });
      return { hidden, plain: read(config, inputs).hidden };
    };
    const { hidden, plain } = await runOnce(eager, stretched, inputsOf(config));
    expect(largestDifference(hidden!.data, plain!.data)).toBeGreaterThan(1e-3);
  });

  it('returns keys and values of every layer in the shapes a cache keeps', async () => {
    const { keys, values } = await runOnce(
      eager,
      (all) => {
        const { layers } = read(config, all);
        return { keys: layers[1]!.keys, values: layers[0]!.values };
      },
      inputsOf(config),
    );
    expect([keys!.shape, values!.shape]).toEqual([
      [1, 2, length, 4],
      [1, 2, length, 4],
    ]);
  });
});

describe('the parameters of a transformer', () => {
  it('are named and shaped by its configuration, and decay where they are matrices of linear layers', () => {
    const spec = transformerParameters(tinyTransformer({ depth: 1 }), 25);
    const written = Object.entries(spec).map(
      ([name, { shape, decay }]) => `${name} ${shape.join('x')}${decay ? ' decays' : ''}`,
    );
    expect(written).toEqual([
      'embedding.weight 25x16',
      'blocks.0.attention.norm.weight 16',
      'blocks.0.attention.query.weight 16x16 decays',
      'blocks.0.attention.key.weight 16x8 decays',
      'blocks.0.attention.value.weight 16x8 decays',
      'blocks.0.attention.query_norm.weight 4',
      'blocks.0.attention.key_norm.weight 4',
      'blocks.0.attention.output.weight 16x16 decays',
      'blocks.0.feed_forward.norm.weight 16',
      'blocks.0.feed_forward.gate.weight 16x32 decays',
      'blocks.0.feed_forward.up.weight 16x32 decays',
      'blocks.0.feed_forward.down.weight 32x16 decays',
      'norm.weight 16',
      'head.weight 16x25 decays',
    ]);
  });

  it('leave out the head where it is tied and the gains of queries and keys where they are not normalized', () => {
    const names = Object.keys(transformerParameters(tinyTransformer({ head: 'tied', queryKeyNorm: 'none' }), 25));
    expect(names.filter((name) => name.startsWith('head') || name.includes('_norm'))).toEqual([]);
    expect(names).toContain('blocks.1.attention.norm.weight');
  });

  it('start residual projections smaller the deeper the model is', () => {
    const deviation = (depth: number) => {
      const { initializer } = transformerParameters(tinyTransformer({ depth }), 25)[
        'blocks.0.feed_forward.down.weight'
      ]!;
      return initializer.kind === 'normal' ? initializer.standardDeviation : Number.NaN;
    };
    expect(deviation(8)).toBeCloseTo(0.02 / 4, 12);
    expect(deviation(2)).toBeCloseTo(0.02 / 2, 12);
  });
});
