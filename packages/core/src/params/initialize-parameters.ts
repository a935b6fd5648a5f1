/** Draws a model's first weights. Each array has a random stream of its own, so adding one changes no other. */
import type { ParameterSpec } from '../contracts/parameters.ts';
import type { RandomSource } from '../contracts/random-source.ts';
import type { HostTensor } from '../contracts/tensors.ts';

/** @returns float32 arrays by the spec's names. */
export function initializeParameters(spec: ParameterSpec, random: RandomSource): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(spec).map(([name, { shape, initializer }]) => {
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
      if (initializer.kind === 'ones') data.fill(1);
      if (initializer.kind === 'normal') {
        random.fork(name).fillNormal(data);
        for (let index = 0; index < data.length; index++) data[index]! *= initializer.standardDeviation;
      }
      return [name, { data, shape, dtype: 'float32' as const }];
    }),
  );
}

/** Arrays of zeros by the spec's names. */
export function zeroParameters(spec: ParameterSpec): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(spec).map(([name, { shape }]) => [
      name,
      { shape, dtype: 'float32' as const, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) },
    ]),
  );
}

/** How many numbers a spec declares. */
export function countParameters(spec: ParameterSpec): number {
  return Object.values(spec).reduce(
    (total, { shape }) => total + shape.reduce((product, size) => product * size, 1),
    0,
  );
}
