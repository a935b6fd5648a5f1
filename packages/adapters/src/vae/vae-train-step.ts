/**
 * One training step of an AutoencoderKL as a tensor function, without and with a discriminator. With one, the gradients
 * of the two kinds of losses are taken in the decoded picture, where they are weighed against each other and added up;
 * from there one pass goes back through the autoencoder. The picture is written twice and computed once: compilers join
 * equal operations.
 */
import { add, keep, mul, type Scalar, sum, type Tensor, valueAndGrad, valueAndGrads } from '@tensorflow/tfjs-core';
import type { NamedTensors, TensorFunction } from '@transfuse/core/contracts';
import { adaptiveWeight, decoderHinge, discriminatorHinge } from './adversarial-loss.ts';
import { paintKl } from './autoencoder-kl.ts';
import type { AutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { discriminatePatches, type PatchDiscriminatorConfig } from './patch-discriminator.ts';
import type { TrainedNetwork } from './trained-network.ts';
import { pictureLoss, reconstruct, vaeLoss, type VaeLossWeights, weightedDivergence } from './vae-loss.ts';

/** What is trained, and on what. */
export interface VaeStepParts {
  readonly config: AutoencoderKlConfig;
  readonly autoencoder: TrainedNetwork;
  readonly weights: VaeLossWeights;
}

/** The discriminator's part. */
export interface AdversarialParts {
  readonly discriminator: TrainedNetwork;
  readonly config: PatchDiscriminatorConfig;
  /** Of the adversarial loss. */
  readonly weight: number;
  /** `adaptive` weighs it by the gradients first; `fixed` takes the weight as it is. */
  readonly weighting: 'adaptive' | 'fixed';
}

/** Gradients of a number by name. @returns the number and the gradients */
function gradientsOf(
  parameters: NamedTensors,
  f: (parameters: NamedTensors) => Tensor,
): { readonly value: Tensor; readonly gradients: NamedTensors } {
  const names = Object.keys(parameters);
  const differentiate = valueAndGrads(
    (...tensors: Tensor[]) => f(Object.fromEntries(names.map((name, index) => [name, tensors[index]!]))) as Scalar,
  );
  const { value, grads } = differentiate(names.map((name) => parameters[name]!));
  return { value, gradients: Object.fromEntries(names.map((name, index) => [name, grads[index]!])) };
}

/** Keeps results of a function under differentiation beyond it. */
function kept<Parts extends object>(parts: Parts): Parts {
  for (const part of Object.values(parts) as Tensor[]) keep(part);
  return parts;
}

/** Hands kept tensors over to whoever called. */
function ownedParts(parts: object): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]: [string, Tensor]) => {
      const copy = part.clone();
      part.dispose();
      return [name, copy];
    }),
  );
}

/** Loss, gradients and update. Stores: the autoencoder's, perhaps `perceptual`; outputs: the parts of `VaeLoss` and `gradientNorm`. */
export function plainStep({ config, autoencoder, weights }: VaeStepParts): TensorFunction {
  return (stores, inputs) => {
    const batch = { pixels: inputs['pixels']!, noise: inputs['noise']! };
    let seen: object = {};
    const { value, gradients } = gradientsOf(autoencoder.parameters(stores), (parameters) => {
      const { loss, ...parts } = vaeLoss(parameters, config, batch, weights, stores['perceptual']);
      seen = kept(parts);
      return loss;
    });
    const { updates, gradientNorm } = autoencoder.update(stores, inputs, gradients);
    return { outputs: { ...ownedParts(seen), loss: value, gradientNorm }, updates };
  };
}

/**
 * The same with a discriminator, which is updated on the same pictures. Further stores: the discriminator's; further
 * outputs: `adversarial` (the decoder's loss), `adversarialWeight` (what it was multiplied with) and `discriminator` (its
 * loss).
 */
export function adversarialStep(parts: VaeStepParts, adversarial: AdversarialParts): TensorFunction {
  const { config, autoencoder, weights } = parts;
  const { discriminator } = adversarial;
  return (stores, inputs) => {
    const batch = { pixels: inputs['pixels']!, noise: inputs['noise']! };
    const own = autoencoder.parameters(stores);
    const judges = discriminator.parameters(stores);
    const judge = (judging: NamedTensors, pixels: Tensor) => discriminatePatches(judging, adversarial.config, pixels);

    const { features, decoded, divergence } = reconstruct(own, config, batch);
    let seen: object = {};
    const plain = valueAndGrad((image: Tensor) => {
      const { loss, ...picture } = pictureLoss(batch.pixels, image, weights, stores['perceptual']);
      seen = kept(picture);
      return loss;
    })(decoded);
    const deceiving = valueAndGrad((image: Tensor) => decoderHinge(judge(judges, image)))(decoded);
    const weight = mul(
      adversarial.weighting === 'fixed'
        ? 1
        : adaptiveWeight(lastLayer(own, features, plain.grad), lastLayer(own, features, deceiving.grad)),
      adversarial.weight,
    );
    const upstream = add(plain.grad, mul(deceiving.grad, weight));
    const { gradients } = gradientsOf(own, (parameters) => {
      const pass = reconstruct(parameters, config, batch);
      return add(sum(mul(pass.decoded, upstream)), weightedDivergence(pass.divergence, weights));
    });
    const judged = gradientsOf(judges, (judging) =>
      discriminatorHinge(judge(judging, batch.pixels), judge(judging, decoded)),
    );

    const updated = autoencoder.update(stores, inputs, gradients);
    const judgement = discriminator.update(stores, inputs, judged.gradients);
    const loss = add(add(plain.value, weightedDivergence(divergence, weights)), mul(deceiving.value, weight));
    return {
      outputs: {
        ...ownedParts(seen),
        divergence,
        loss,
        gradientNorm: updated.gradientNorm,
        adversarial: deceiving.value,
        adversarialWeight: weight,
        discriminator: judged.value,
      },
      updates: { ...updated.updates, ...judgement.updates },
    };
  };
}

/** The gradient of the decoder's last filter, from the gradient of the picture. @returns `[K, K, F, C]` */
function lastLayer(params: NamedTensors, features: Tensor, upstream: Tensor): Tensor {
  const name = 'decoder.conv_out.weight';
  const { gradients } = gradientsOf({ [name]: params[name]! }, (layer) =>
    sum(mul(paintKl({ ...params, ...layer }, features), upstream)),
  );
  return gradients[name]!;
}
