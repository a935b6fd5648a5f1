/**
 * Weights that follow a script: the next token depends on the present one alone, as the script says. Token vectors are
 * one-hot, all layers add nothing, and the language head is the table of transitions; so what a generation does is
 * known beforehand. The model's vocabulary must not be larger than its width.
 */
import type { HostTensor } from '@transfuse/core/contracts';
import type { TransfusionModel } from '../../packages/core/src/model/transfusion-model.ts';
import { sizeOf } from './tiny-numbers.ts';

/** Which token follows which, by id. Where nothing is said, every token is as likely. */
export function scriptedWeights(
  model: TransfusionModel,
  next: ReadonlyMap<number, number>,
): Record<string, HostTensor> {
  const { size } = model.vocabulary;
  const { width } = model.transformer;
  if (size > width) throw new Error(`a vocabulary of ${size} does not fit a width of ${width}`);
  return Object.fromEntries(
    Object.entries(model.parameters).map(([name, { shape }]) => {
      const data = new Float32Array(sizeOf(shape));
      if (name.endsWith('norm.weight')) data.fill(1);
      if (name === 'embedding.weight') for (let id = 0; id < size; id++) data[id * width + id] = 1;
      if (name === 'head.weight') for (const [id, follower] of next) data[id * size + follower] = 10;
      return [name, { shape, dtype: 'float32' as const, data }];
    }),
  );
}
