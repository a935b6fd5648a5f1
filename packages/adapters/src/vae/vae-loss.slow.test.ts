import * as tf from '@tensorflow/tfjs-core';
import { createRandom } from '@transfuse/core';
import { createCompiledEngine } from '@transfuse/core/engine';
import { initializeParameters } from '@transfuse/core/params';
import { describe, expect, it } from 'vitest';
import { readAutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { autoEncoderParameters } from './autoencoder-parameters.ts';
import { vaeLoss } from './vae-loss.ts';

/** Discs and bars in plain colours on plain ground, `[4, 8, 8, 3]`. */
function pictures(): Float32Array {
  const inside: ((x: number, y: number) => boolean)[] = [
    (x, y) => (x - 3) ** 2 + (y - 4) ** 2 < 8,
    (x) => x > 1 && x < 5,
    (_, y) => y > 4,
    (x, y) => x > y,
  ];
  const colours = [
    [0.9, -0.8, -0.8],
    [-0.8, 0.9, -0.5],
    [-0.9, -0.6, 0.9],
    [0.9, 0.8, -0.9],
  ];
  return Float32Array.from({ length: 4 * 8 * 8 * 3 }, (_, index) => {
    const [picture, y, x, channel] = [index / 192, (index / 24) % 8, (index / 3) % 8, index % 3].map(Math.floor);
    return inside[picture!]!(x!, y!) ? colours[picture!]![channel!]! : -colours[(picture! + 1) % 4]![channel!]!;
  });
}

describe('training an AutoencoderKL from nothing', () => {
  it('halves the loss within 200 steps of momentum descent, in one compiled step', async () => {
    const config = readAutoencoderKlConfig({
      block_out_channels: [8, 16],
      down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
      up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
      norm_num_groups: 4,
    });
    const random = createRandom(1);
    const engine = createCompiledEngine({ threads: 1 });
    const first = initializeParameters(autoEncoderParameters(config), random);
    const names = Object.keys(first);
    const zeros = Object.entries(first).map(
      ([name, tensor]) => [name, { ...tensor, data: new Float32Array(tensor.data.length) }] as const,
    );
    const step = await engine.compile(
      ({ weights, velocity }, { pixels, noise }) => {
        const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
          const params = Object.fromEntries(names.map((name, index) => [name, tensors[index]!]));
          return vaeLoss(params, config, { pixels: pixels!, noise: noise! }).loss as tf.Scalar;
        })(names.map((name) => weights![name]!));
        const length = tf.sqrt(tf.addN(grads.map((gradient) => tf.sum(tf.square(gradient)))));
        const rate = tf.div(0.05, tf.maximum(length, 1));
        const moved = names.map((name, index) => tf.sub(tf.mul(velocity![name]!, 0.9), tf.mul(grads[index]!, rate)));
        return {
          outputs: { loss: value },
          updates: {
            velocity: Object.fromEntries(names.map((name, index) => [name, moved[index]!])),
            weights: Object.fromEntries(names.map((name, index) => [name, tf.add(weights![name]!, moved[index]!)])),
          },
        };
      },
      {
        name: 'train autoencoder',
        inputs: {
          pixels: { shape: [4, 8, 8, 3], dtype: 'float32' },
          noise: { shape: [4, 4, 4, 4], dtype: 'float32' },
        },
        stores: { weights: engine.createStore(first), velocity: engine.createStore(Object.fromEntries(zeros)) },
      },
    );
    const losses: number[] = [];
    for (let index = 0; index < 200; index++) {
      const noise = random.fillNormal(new Float32Array(4 * 4 * 4 * 4));
      losses.push((await step.run({ pixels: pictures(), noise }))['loss']!.data[0]!);
    }
    const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(average(losses.slice(-10))).toBeLessThan(losses[0]! / 2);
    await engine.dispose();
  });
});
