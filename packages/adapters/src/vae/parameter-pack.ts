/**
 * Many parameters as a few long vectors. An optimizer works number by number, so it may as well update all parameters
 * that share its settings at once: for a small network with hundreds of arrays most of its time would otherwise go into
 * starting operations. The vectors are cut into parameters for the network, and its gradients are joined again.
 */
import { concat1d, reshape, slice, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import type { HostTensor, NamedTensors, ParameterSpec } from '@transfuse/core/contracts';

/** Between parameters by name and the vectors `decayed` and `plain`, of which one may be missing. */
export interface ParameterPack {
  /** The vectors, as an optimizer wants to know them. */
  readonly spec: ParameterSpec;
  /** Joins parameters in JavaScript memory. */
  join(parameters: Readonly<Record<string, HostTensor>>): Record<string, HostTensor>;
  /** Cuts vectors in JavaScript memory, into copies. */
  cut(vectors: Readonly<Record<string, HostTensor>>): Record<string, HostTensor>;
  /** Joins tensors, for example gradients. */
  joinTensors(parameters: NamedTensors): NamedTensors;
  /** Cuts tensors. */
  cutTensors(vectors: NamedTensors): NamedTensors;
}

interface Place {
  readonly name: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly size: number;
}

/** Lays out the parameters of a spec in their order, those with weight decay apart from those without. */
export function packParameters(spec: ParameterSpec): ParameterPack {
  const groups = Object.entries({ decayed: true, plain: false })
    .map(([vector, decay]) => ({ vector, decay, ...layOut(spec, decay) }))
    .filter(({ size }) => size > 0);
  const zeros = { kind: 'zeros' } as const;
  return {
    spec: Object.fromEntries(
      groups.map(({ vector, size, decay }) => [vector, { shape: [size], initializer: zeros, decay }]),
    ),
    join: (parameters) =>
      Object.fromEntries(
        groups.map(({ vector, places, size }) => {
          const data = new Float32Array(size);
          for (const { name, begin } of places) data.set(parameters[name]!.data, begin);
          return [vector, { dtype: 'float32', shape: [size], data }];
        }),
      ),
    cut: (vectors) =>
      inOrder(
        spec,
        groups.flatMap(({ vector, places }) =>
          places.map(({ name, shape, begin, size }) => {
            const data = vectors[vector]!.data.slice(begin, begin + size);
            return [name, { dtype: 'float32', shape, data }] as const;
          }),
        ),
      ),
    joinTensors: (parameters) =>
      Object.fromEntries(
        groups.map(({ vector, places }) => [
          vector,
          concat1d(places.map(({ name, size }) => reshape(parameters[name]!, [size]) as Tensor1D)),
        ]),
      ),
    cutTensors: (vectors) =>
      inOrder(
        spec,
        groups.flatMap(({ vector, places }) =>
          places.map(({ name, shape, begin, size }): readonly [string, Tensor] => [
            name,
            reshape(slice(vectors[vector]!, [begin], [size]), [...shape]),
          ]),
        ),
      ),
  };
}

function layOut(spec: ParameterSpec, decay: boolean): { readonly places: readonly Place[]; readonly size: number } {
  let end = 0;
  const places = Object.entries(spec)
    .filter(([, declaration]) => declaration.decay === decay)
    .map(([name, { shape }]) => {
      const size = shape.reduce((product, side) => product * side, 1);
      const begin = end;
      end += size;
      return { name, shape, begin, size };
    });
  return { places, size: end };
}

function inOrder<Value>(spec: ParameterSpec, entries: readonly (readonly [string, Value])[]): Record<string, Value> {
  const byName = new Map(entries);
  return Object.fromEntries(Object.keys(spec).map((name) => [name, byName.get(name)!]));
}
