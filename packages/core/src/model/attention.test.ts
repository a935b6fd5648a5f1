import { pad, slice, tensor, type Tensor, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { weighted, worstGradientMismatch } from '../../../../test/support/tiny-gradient-check.ts';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { largestDifference, wave, waveParameters } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import type { HostTensor, NamedTensors } from '../contracts/tensors.ts';
import { createCompiledEngine } from '../engine/compiled-engine.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { attentionMask } from '../sequence/attention-mask.ts';
import { attention, type CachedPrefix } from './attention.ts';
import { scoped } from './scoped.ts';
import { rowLayout } from './head-layout.ts';
import { queryRuns } from './query-runs.ts';
import { rotaryAngles } from './rotary-angles.ts';
import type { TransformerConfig } from './transformer-config.ts';
import { transformerParameters } from './transformer-parameters.ts';

const eager = await createEagerEngine();
const engines = { eager, compiled: createCompiledEngine({ threads: 1 }) };
const length = 6;
const documents = [1, 1, 1, 1, 2, 2];
const blocks = [0, 1, 1, 1, 0, 0];
const layer = 'blocks.0.attention';

function parametersOf(config: TransformerConfig): Record<string, HostTensor> {
  const all = waveParameters(transformerParameters({ ...config, depth: 1 }, 3));
  return Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(layer)));
}

const inputOf = (stream: number, { width }: TransformerConfig, count = length): HostTensor => ({
  shape: [1, count, width],
  dtype: 'float32',
  data: wave(stream, count * width),
});

/** Attention over one row of two documents, the first with a block. */
function attend(config: TransformerConfig, params: NamedTensors, x: Tensor) {
  const row = (values: readonly number[]) => tensor([...values], [1, length], 'int32');
  const mask = attentionMask(row(documents), row(blocks));
  const angles = rotaryAngles(config, row([0, 1, 2, 3, 0, 1]));
  return attention(scoped(params, layer), config, x, {
    ...angles,
    layout: rowLayout,
    mask,
    runs: queryRuns(mask, length),
  });
}

const kinds = {
  'as many key heads as query heads': { keyValueHeads: 4, queryKeyNorm: 'none' },
  'two key heads for four query heads': { keyValueHeads: 2, queryKeyNorm: 'none' },
  'one key head for all': { keyValueHeads: 1, queryKeyNorm: 'none' },
  'normalized queries and keys': { keyValueHeads: 4, queryKeyNorm: 'rms' },
  both: { keyValueHeads: 2, queryKeyNorm: 'rms' },
} as const;

describe.each(Object.entries(kinds))('attention with %s', (_, kind) => {
  const config = tinyTransformer(kind);

  it.each(Object.entries(engines))('has the gradients that finite differences show, %s', async (_, engine) => {
    const params = { ...parametersOf(config), x: inputOf(50, config) };
    const worst = await worstGradientMismatch(engine, (all) => weighted(attend(config, all, all['x']!).output), params);
    expect(worst.mismatch, worst.name).toBeLessThan(0.01);
  });

  it('reads the same from a cached prefix as from the whole sequence', async () => {
    const split = 2;
    const rest = length - split;
    const positions = (values: readonly number[]) => tensor([...values], [1, values.length], 'int32');
    const outputs = await runOnce(
      eager,
      (all) => {
        const params = scoped(all, layer);
        const rotary = rotaryAngles(config, positions([0])).rotary;
        const part = (begin: number, count: number) => slice(all['x']!, [0, begin, 0], [1, count, config.width]);
        const read = (x: Tensor, at: readonly number[], mask: Tensor, prefix?: CachedPrefix) =>
          attention(
            params,
            config,
            x,
            { positions: positions(at), layout: rowLayout, mask, runs: queryRuns(mask, length), rotary },
            prefix,
          );
        const causal = attentionMask(positions([1, 1, 1, 1, 1, 1]), positions([0, 0, 1, 1, 1, 1]));
        const together = read(all['x']!, [0, 1, 2, 3, 4, 5], causal);
        const first = read(part(0, split), [0, 1], attentionMask(positions([1, 1]), positions([0, 0])));
        // A cache with room for three more entries, which the mask hides and which hold anything.
        const room = (x: Tensor) =>
          pad(
            x,
            [
              [0, 0],
              [0, 0],
              [0, 3],
              [0, 0],
            ],
            9,
          );
        const mask = tensor([0, 0, -1e9, -1e9, -1e9], [1, 1, 1, 5]);
        const prefix = { keys: room(first.keys), values: room(first.values), mask };
        const second = read(part(split, rest), [2, 3, 4, 5], zeros([1, 1, rest, rest]), prefix);
        return {
          whole: slice(together.output, [0, split, 0], [1, rest, config.width]),
          parts: second.output,
          wholeKeys: slice(together.keys, [0, 0, split, 0], [1, config.keyValueHeads, rest, 4]),
          partKeys: second.keys,
        };
      },
      { ...parametersOf(config), x: inputOf(50, config) },
    );
    expect(largestDifference(outputs['parts']!.data, outputs['whole']!.data)).toBeLessThan(2e-6);
    expect(largestDifference(outputs['partKeys']!.data, outputs['wholeKeys']!.data)).toBeLessThan(2e-6);
  });
});

async function outputOf(
  config: TransformerConfig,
  params: Readonly<Record<string, HostTensor>>,
): Promise<Float32Array> {
  const { y } = await runOnce(eager, (all) => ({ y: attend(config, all, all['x']!).output }), params);
  return y!.data as Float32Array;
}

it('shared key heads are full attention whose key and value heads repeat in groups', async () => {
  const grouped = tinyTransformer({ keyValueHeads: 2 });
  const full = tinyTransformer({ keyValueHeads: 4 });
  const params: Record<string, HostTensor> = { ...parametersOf(grouped), x: inputOf(50, grouped) };
  const size = 4;
  const repeated = (name: string): HostTensor => {
    const { data } = params[name]!;
    const wide = new Float32Array(16 * 16);
    for (let row = 0; row < 16; row++) {
      for (let column = 0; column < 16; column++) {
        const head = Math.floor(column / size / 2); // heads 0 and 1 read from 0, heads 2 and 3 from 1
        wide[row * 16 + column] = data[row * 8 + head * size + (column % size)]!;
      }
    }
    return { shape: [16, 16], dtype: 'float32', data: wide };
  };
  const wide = {
    ...params,
    [`${layer}.key.weight`]: repeated(`${layer}.key.weight`),
    [`${layer}.value.weight`]: repeated(`${layer}.value.weight`),
  };
  expect(largestDifference(await outputOf(grouped, params), await outputOf(full, wide))).toBeLessThan(2e-6);
});

it('each position’s output moves with exactly the positions it may see', async () => {
  const config = tinyTransformer();
  const params = { ...parametersOf(config), x: inputOf(50, config) };
  const before = await outputOf(config, params);
  const rowOf = (data: Float32Array, row: number) => data.subarray(row * 16, (row + 1) * 16);
  const moved: string[] = [];
  for (let key = 0; key < length; key++) {
    const x = params.x.data.slice() as Float32Array;
    rowOf(x, key).set(wave(90 + key, 16));
    const after = await outputOf(config, { ...params, x: { ...params.x, data: x } });
    moved.push(
      Array.from({ length }, (_, query) =>
        largestDifference(rowOf(before, query), rowOf(after, query)) > 0 ? 'x' : '.',
      ).join(''),
    );
  }
  // One line per changed position: which outputs moved. The block is positions 1 to 3, the second document 4 and 5.
  expect(moved).toEqual(['xxxx..', '.xxx..', '.xxx..', '.xxx..', '....xx', '.....x']);
});
