/**
 * A network under AdamW: its parameters, the optimizer's moments and the moving average of the weights, each packed into
 * long vectors in stores of the engine, and the update that a training step makes of gradients.
 */
import type {
  Engine,
  HostTensor,
  NamedTensors,
  ParameterSpec,
  TensorSpec,
  TensorStore,
} from '@transfuse/core/contracts';
import { adamW, type OptimizerConfig } from '@transfuse/core/training';
import type { Tensor } from '@tensorflow/tfjs-core';
import { packParameters } from './parameter-pack.ts';

const parts = ['parameters', 'first', 'second', 'average'] as const;
const scalarNames = ['learningRate', 'firstCorrection', 'secondCorrection', 'averageDecay'] as const;

/** The numbers of one update. */
interface UpdateNumbers {
  /** Counted from 1 for this network. */
  readonly step: number;
  readonly learningRate: number;
  readonly averageDecay: number;
}

/** What a network under training offers the step that trains it. */
export interface TrainedNetwork {
  /** By the names under which a compiled step sees them. */
  readonly stores: Readonly<Record<string, TensorStore>>;
  /** Of the numbers that an update takes as inputs. */
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** Those inputs. */
  feed(numbers: UpdateNumbers): Record<string, Float32Array>;
  /** Inside a step: the parameters by name. */
  parameters(stores: Readonly<Record<string, NamedTensors>>): NamedTensors;
  /** Inside a step: what becomes of the stores, and the length of the gradient before it is clipped. */
  update(
    stores: Readonly<Record<string, NamedTensors>>,
    inputs: NamedTensors,
    gradients: NamedTensors,
  ): { readonly updates: Record<string, NamedTensors>; readonly gradientNorm: Tensor };
  /** The moving average of the weights, copied. */
  average(): Promise<Record<string, HostTensor>>;
  /** Releases the stores. */
  dispose(): void;
}

/** Takes a network up with its first weights. @param name begins the names of its stores and inputs */
export function createTrainedNetwork(
  engine: Engine,
  name: string,
  {
    spec,
    first,
    settings,
  }: {
    readonly spec: ParameterSpec;
    readonly first: Readonly<Record<string, HostTensor>>;
    readonly settings: OptimizerConfig;
  },
): TrainedNetwork {
  const pack = packParameters(spec);
  const weights = pack.join(first);
  const zeros = Object.fromEntries(
    Object.entries(weights).map(([vector, tensor]) => [
      vector,
      { ...tensor, data: new Float32Array(tensor.data.length) },
    ]),
  );
  const initial = { parameters: weights, first: zeros, second: zeros, average: weights };
  const storeName = (part: (typeof parts)[number]) => `${name}.${part}`;
  const inputName = (scalar: (typeof scalarNames)[number]) => `${name}.${scalar}`;
  const stores = Object.fromEntries(parts.map((part) => [storeName(part), engine.createStore(initial[part])]));
  const [beta1, beta2] = settings.betas;
  return {
    stores,
    inputs: Object.fromEntries(scalarNames.map((scalar) => [inputName(scalar), { shape: [], dtype: 'float32' }])),
    feed({ step, learningRate, averageDecay }) {
      const numbers = {
        learningRate,
        firstCorrection: 1 / (1 - beta1 ** step),
        secondCorrection: 1 / (1 - beta2 ** step),
        averageDecay,
      };
      return Object.fromEntries(scalarNames.map((scalar) => [inputName(scalar), Float32Array.of(numbers[scalar])]));
    },
    parameters: (seen) => pack.cutTensors(seen[storeName('parameters')]!),
    update(seen, inputs, gradients) {
      const state = {
        parameters: seen[storeName('parameters')]!,
        first: seen[storeName('first')]!,
        second: seen[storeName('second')]!,
        average: seen[storeName('average')]!,
      };
      const { gradientNorm, ...next } = adamW(pack.spec, settings, state, pack.joinTensors(gradients), {
        learningRate: inputs[inputName('learningRate')]!,
        firstCorrection: inputs[inputName('firstCorrection')]!,
        secondCorrection: inputs[inputName('secondCorrection')]!,
        averageDecay: inputs[inputName('averageDecay')]!,
      });
      return { updates: Object.fromEntries(parts.map((part) => [storeName(part), next[part]])), gradientNorm };
    },
    async average() {
      const store = stores[storeName('average')]!;
      const vectors = await Promise.all(
        Object.keys(pack.spec).map(async (vector) => [vector, await store.read(vector)] as const),
      );
      return pack.cut(Object.fromEntries(vectors));
    },
    dispose: () => Object.values(stores).forEach((store) => store.dispose()),
  };
}
