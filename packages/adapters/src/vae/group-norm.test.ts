import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import { wave } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { groupNorm } from './group-norm.ts';

const [batch, height, width, channels] = [2, 3, 5, 6];

/** The definition, in 64 bits, number by number. */
function expected(x: Float32Array, gain: Float32Array, bias: Float32Array, groups: number): number[] {
  const [positions, size] = [height * width, channels / groups];
  return Array.from(x, (value, index) => {
    const [picture, channel] = [Math.floor(index / (positions * channels)), index % channels];
    const group = Math.floor(channel / size);
    const members = Array.from(
      { length: positions * size },
      (_, n) => x[(picture * positions + Math.floor(n / size)) * channels + group * size + (n % size)]!,
    );
    const mean = members.reduce((sum, member) => sum + member, 0) / members.length;
    const variance = members.reduce((sum, member) => sum + (member - mean) ** 2, 0) / members.length;
    return ((value - mean) / Math.sqrt(variance + 1e-6)) * gain[channel]! + bias[channel]!;
  });
}

describe.each(Object.entries({ eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) }))(
  'group normalization, %s',
  (_, engine) => {
    it.each([
      { title: 'numbers around 0', groups: 3, amplitude: 1, offset: 0 },
      { title: 'one group', groups: 1, amplitude: 2, offset: 1 },
      { title: 'a group per channel', groups: channels, amplitude: 1, offset: -3 },
      { title: 'differences so small that epsilon counts', groups: 2, amplitude: 1e-3, offset: 0 },
      { title: 'small differences of large numbers', groups: 2, amplitude: 1, offset: 1000 },
    ])('follows its definition for $title', async ({ groups, amplitude, offset }) => {
      const x = wave(3, batch * height * width * channels, amplitude).map((value) => value + offset);
      const [gain, bias] = [wave(1, channels), wave(2, channels)];
      const { y } = await runOnce(engine, (inputs) => ({ y: groupNorm(inputs, 'n', inputs['x']!, groups) }), {
        x: { dtype: 'float32', shape: [batch, height, width, channels], data: x },
        'n.weight': { dtype: 'float32', shape: [channels], data: gain },
        'n.bias': { dtype: 'float32', shape: [channels], data: bias },
      });
      expected(x, gain, bias, groups).forEach((value, index) =>
        expect(Math.abs(y!.data[index]! - value)).toBeLessThan(3e-4),
      );
    });
  },
);
