import { readFileSync } from 'node:fs';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, NamedTensors } from '@transfuse/core/contracts';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import {
  gradientDeparture,
  type GradientMarks,
  type PackedArray,
  unpack,
  waveTensor,
  waveWeights,
} from '../../../../test/support/autoencoder-reference.ts';
import { largestDifference } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { autoEncoderParameters } from './autoencoder-parameters.ts';
import { decodeTiny, encodeTiny, latentsFromUnit, latentsToUnit } from './autoencoder-tiny.ts';
import { readAutoencoderTinyConfig } from './autoencoder-tiny-config.ts';
import { weightsToFile } from './weight-layout.ts';

// Against diffusers' AutoencoderTiny in float64: test/reference/autoencoders.py.

interface Case {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly pixels: readonly number[];
  readonly latents: readonly number[];
  readonly encoded: PackedArray;
  readonly decoded: PackedArray;
  readonly unit: PackedArray;
}

const fixture = JSON.parse(readFileSync(new URL('./autoencoder-tiny.fixture.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
  readonly loss: { readonly case: string; readonly loss: number; readonly gradients: GradientMarks };
};

const engines = { eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) };

describe.each(Object.entries(engines))('AutoencoderTiny, %s', (_, engine) => {
  it.each(fixture.cases)('encodes, decodes and stores as diffusers does: $name', async (example) => {
    const config = readAutoencoderTinyConfig(example.config);
    const outputs = await runOnce(
      engine,
      (inputs) => ({
        encoded: encodeTiny(inputs, config, inputs['pixels']!),
        decoded: decodeTiny(inputs, config, inputs['latents']!),
        unit: latentsToUnit(config, inputs['latents']!),
      }),
      {
        ...waveWeights(autoEncoderParameters(config), example.shapes),
        pixels: waveTensor(920, example.pixels),
        latents: waveTensor(921, example.latents, 4),
      },
    );
    for (const name of ['encoded', 'decoded', 'unit'] as const) {
      expect(outputs[name]!.shape).toEqual(example[name].shape);
      expect(largestDifference(outputs[name]!.data, unpack(example[name]))).toBeLessThan(1e-4);
    }
  });

  it('has the gradients of PyTorch', async () => {
    const example = fixture.cases.find(({ name }) => name === fixture.loss.case)!;
    const config = readAutoencoderTinyConfig(example.config);
    const params = waveWeights(autoEncoderParameters(config), example.shapes);
    const names = Object.keys(params);
    const lossOf = (inputs: NamedTensors) => {
      const pixels = inputs['pixels']!;
      const decoded = decodeTiny(inputs, config, encodeTiny(inputs, config, pixels));
      return tf.mean(tf.square(tf.sub(decoded, pixels))) as tf.Scalar;
    };
    const outputs = await runOnce(
      engine,
      (inputs) => {
        const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) =>
          lossOf({ ...inputs, ...Object.fromEntries(names.map((name, index) => [name, tensors[index]!])) }),
        )(names.map((name) => inputs[name]!));
        return { loss: value, ...Object.fromEntries(names.map((name, index) => [name, grads[index]!])) };
      },
      { ...params, pixels: waveTensor(922, [1, 8, 8, 3]) },
    );
    expect(Math.abs(outputs['loss']!.data[0]! - fixture.loss.loss)).toBeLessThan(1e-5);
    const found = Object.fromEntries(names.map((name) => [name, outputs[name] as HostTensor]));
    expect(Object.keys(fixture.loss.gradients).toSorted()).toEqual(names.toSorted());
    expect(gradientDeparture(fixture.loss.gradients, weightsToFile(found))).toBeLessThan(1e-4);
  });

  it('brings latents back from [0, 1], apart from what was clamped', async () => {
    const config = readAutoencoderTinyConfig({ latent_magnitude: 2, latent_shift: 0.25 });
    const latents = Float32Array.of(-1, 0, 2.5, 3, 5, -2);
    const { back } = await runOnce(
      engine,
      ({ latents }) => ({ back: latentsFromUnit(config, latentsToUnit(config, latents!)) }),
      { latents: { shape: [6], dtype: 'float32', data: latents } },
    );
    expect(largestDifference(back!.data, [-1, 0, 2.5, 3, 3, -1])).toBeLessThan(1e-6);
  });
});
