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
import { decodeKl, encodeKl } from './autoencoder-kl.ts';
import { readAutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { autoEncoderParameters } from './autoencoder-parameters.ts';
import { posterior } from './posterior.ts';
import { vaeLoss } from './vae-loss.ts';
import { weightsToFile } from './weight-layout.ts';

// Against diffusers' AutoencoderKL in float64: test/reference/autoencoders.py.

interface Case {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly pixels: readonly number[];
  readonly latents: readonly number[];
  readonly mean: PackedArray;
  readonly logVariance: PackedArray;
  readonly decoded: PackedArray;
}

const fixture = JSON.parse(readFileSync(new URL('./autoencoder-kl.fixture.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
  readonly loss: {
    readonly case: string;
    readonly weights: { readonly reconstruction: number; readonly divergence: number };
    readonly loss: number;
    readonly reconstruction: number;
    readonly divergence: number;
    readonly gradients: GradientMarks;
  };
};

const engines = { eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) };

describe.each(Object.entries(engines))('AutoencoderKL, %s', (_, engine) => {
  it.each(fixture.cases)('encodes and decodes as diffusers does: $name', async (example) => {
    const config = readAutoencoderKlConfig(example.config);
    const weights = waveWeights(autoEncoderParameters(config), example.shapes);
    const { mean, logVariance, decoded } = await runOnce(
      engine,
      (inputs) => {
        const encoded = posterior(encodeKl(inputs, config, inputs['pixels']!));
        return { ...encoded, decoded: decodeKl(inputs, config, inputs['latents']!) };
      },
      { ...weights, pixels: waveTensor(900, example.pixels), latents: waveTensor(901, example.latents) },
    );
    for (const [actual, expected] of [
      [mean, example.mean],
      [logVariance, example.logVariance],
      [decoded, example.decoded],
    ] as const) {
      expect(actual!.shape).toEqual(expected.shape);
      expect(largestDifference(actual!.data, unpack(expected))).toBeLessThan(1e-4);
    }
  });

  it('has the training loss and all the gradients of PyTorch', async () => {
    const { case: name, weights, gradients, ...expected } = fixture.loss;
    const example = fixture.cases.find((one) => one.name === name)!;
    const config = readAutoencoderKlConfig(example.config);
    const params = waveWeights(autoEncoderParameters(config), example.shapes);
    const names = Object.keys(params);
    const lossOf = ({ pixels, noise, ...inputs }: NamedTensors) =>
      vaeLoss(inputs, config, { pixels: pixels!, noise: noise! }, weights);
    const outputs = await runOnce(
      engine,
      (inputs) => {
        const { grads } = tf.valueAndGrads(
          (...tensors: Tensor[]) =>
            lossOf({ ...inputs, ...Object.fromEntries(names.map((name, index) => [name, tensors[index]!])) })
              .loss as tf.Scalar,
        )(names.map((name) => inputs[name]!));
        const parts = { ...lossOf(inputs) };
        return { ...parts, ...Object.fromEntries(names.map((name, index) => [name, grads[index]!])) };
      },
      { ...params, pixels: waveTensor(910, [2, 8, 8, 3]), noise: waveTensor(911, [2, 4, 4, 4]) },
    );
    for (const part of ['loss', 'reconstruction', 'divergence'] as const) {
      expect(Math.abs(outputs[part]!.data[0]! - expected[part])).toBeLessThan(1e-5);
    }
    const found = Object.fromEntries(names.map((name) => [name, outputs[name] as HostTensor]));
    expect(Object.keys(gradients).toSorted()).toEqual(names.toSorted());
    expect(gradientDeparture(gradients, weightsToFile(found))).toBeLessThan(1e-4);
  });
});
