import { readFileSync } from 'node:fs';
import { tensor } from '@tensorflow/tfjs-core';
import type { HostTensor, NamedTensors } from '@transfuse/core/contracts';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import {
  gradientDeparture,
  type GradientMarks,
  waveTensor,
  waveWeights,
} from '../../../../test/support/autoencoder-reference.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { readAutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { autoEncoderParameters } from './autoencoder-parameters.ts';
import { patchDiscriminatorParameters } from './patch-discriminator.ts';
import type { TrainedNetwork } from './trained-network.ts';
import { adversarialStep } from './vae-train-step.ts';
import { weightsToFile } from './weight-layout.ts';

// Against PyTorch and diffusers in float64: test/reference/patch_gan.py.

const { step } = JSON.parse(readFileSync(new URL('./patch-discriminator.fixture.json', import.meta.url), 'utf8')) as {
  readonly step: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly shapes: Readonly<Record<string, readonly number[]>>;
    readonly judge: { readonly channels: number; readonly layers: number; readonly groups: number };
    readonly judgeShapes: Readonly<Record<string, readonly number[]>>;
    readonly weights: { readonly reconstruction: number; readonly squared: number; readonly divergence: number };
    readonly factor: number;
    readonly losses: Readonly<Record<string, number>>;
    readonly gradients: GradientMarks;
    readonly judgeGradients: GradientMarks;
  };
};

const config = readAutoencoderKlConfig(step.config);
const autoencoder = waveWeights(autoEncoderParameters(config), step.shapes);
const judges = waveWeights(patchDiscriminatorParameters(step.judge), step.judgeShapes);

/** A network whose parameters are inputs, and whose update hands the gradients out. */
function bareNetwork(name: string, parameters: (inputs: NamedTensors) => NamedTensors): TrainedNetwork {
  return {
    stores: {},
    inputs: {},
    feed: () => ({}),
    parameters: (stores) => parameters(stores['all']!),
    update: (_stores, _inputs, gradients) => ({ updates: { [name]: gradients }, gradientNorm: tensor(0) }),
    average: async () => ({}),
    dispose: () => {},
  };
}

const isJudge = (name: string) => name.startsWith('main.');
const only = (tensors: NamedTensors, keep: (name: string) => boolean) =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => keep(name)));

describe.each(Object.entries({ eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) }))(
  'a training step against a discriminator, %s',
  (_, engine) => {
    const run = (weighting: 'adaptive' | 'fixed', weight: number) =>
      runOnce(
        engine,
        ({ pixels, noise, ...all }) => {
          const act = adversarialStep(
            {
              config,
              autoencoder: bareNetwork('autoencoder', (inputs) => only(inputs, (name) => !isJudge(name))),
              weights: step.weights,
            },
            {
              discriminator: bareNetwork('judge', (inputs) => only(inputs, isJudge)),
              config: step.judge,
              weight,
              weighting,
            },
          );
          const { outputs, updates } = act({ all }, { pixels: pixels!, noise: noise! });
          return { ...outputs, ...updates!['autoencoder'], ...updates!['judge'] };
        },
        {
          ...autoencoder,
          ...judges,
          pixels: waveTensor(961, [2, 16, 16, 3]),
          noise: waveTensor(962, [2, 8, 8, 2]),
        },
      );
    const gradientsOf = (outputs: Readonly<Record<string, HostTensor>>, names: object) =>
      weightsToFile(Object.fromEntries(Object.keys(names).map((name) => [name, outputs[name]!])));

    it('has the losses, the adaptive weight and all the gradients of PyTorch', async () => {
      const outputs = await run('adaptive', step.factor);
      for (const [name, expected] of Object.entries(step.losses)) {
        expect(Math.abs(outputs[name]!.data[0]! - expected), name).toBeLessThan(1e-5);
      }
      expect(gradientDeparture(step.gradients, gradientsOf(outputs, autoencoder))).toBeLessThan(1e-4);
      expect(gradientDeparture(step.judgeGradients, gradientsOf(outputs, judges))).toBeLessThan(1e-4);
    });

    it('takes the same gradients where the weight is fixed to what was adapted', async () => {
      const outputs = await run('fixed', step.losses['adversarialWeight']!);
      expect(outputs['loss']!.data[0]).toBeCloseTo(step.losses['loss']!, 5);
      expect(gradientDeparture(step.gradients, gradientsOf(outputs, autoencoder))).toBeLessThan(1e-4);
    });
  },
);
