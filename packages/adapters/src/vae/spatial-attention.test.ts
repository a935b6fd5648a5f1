import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import { largestDifference, wave } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { spatialAttention } from './spatial-attention.ts';

const channels = 4;
const tensor = (stream: number, ...shape: readonly number[]) => ({
  dtype: 'float32' as const,
  shape,
  data: wave(
    stream,
    shape.reduce((product, size) => product * size, 1),
  ),
});
const parts = ['to_q', 'to_k', 'to_v', 'to_out.0'];
const params = Object.fromEntries([
  ...parts.flatMap((part, index) => [
    [`a.${part}.weight`, tensor(index, channels, channels)],
    [`a.${part}.bias`, tensor(10 + index, channels)],
  ]),
  ['a.group_norm.weight', tensor(20, channels)],
  ['a.group_norm.bias', tensor(21, channels)],
]) as Record<string, ReturnType<typeof tensor>>;

describe.each(Object.entries({ eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) }))(
  'attention over the positions of an image, %s',
  (_, engine) => {
    it('gives the same whether queries are taken all at once or in portions', async () => {
      const run = async (table?: number) => {
        const { y } = await runOnce(
          engine,
          (inputs) => ({
            y: spatialAttention(inputs, 'a', inputs['x']!, { groups: 2, ...(table !== undefined && { table }) }),
          }),
          { ...params, x: tensor(30, 2, 3, 5, channels) },
        );
        expect(y!.shape).toEqual([2, 3, 5, channels]);
        return y!.data.slice();
      };
      const whole = await run();
      for (const table of [1, 15, 60, 75, 15 * 15])
        expect(largestDifference(await run(table), whole)).toBeLessThan(1e-5);
    });
  },
);
