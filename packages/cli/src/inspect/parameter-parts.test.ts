import { expect, it } from 'vitest';
import { parameterParts } from './parameter-parts.ts';

const declare = (shape: readonly number[]) => ({ shape, initializer: { kind: 'zeros' as const }, decay: false });

it('every parameter is counted in the part its name says', () => {
  const parts = parameterParts({
    'embedding.weight': declare([5, 2]),
    'blocks.0.attention.norm.weight': declare([2]),
    'blocks.0.attention.query.weight': declare([2, 2]),
    'blocks.0.attention.query_norm.weight': declare([1]),
    'blocks.0.feed_forward.norm.weight': declare([2]),
    'blocks.0.feed_forward.gate.weight': declare([2, 3]),
    'norm.weight': declare([2]),
    'head.weight': declare([2, 5]),
    'adapters.image.norm.weight': declare([7]),
    'adapters.image.encoder.weight': declare([2, 4]),
    'adapters.audio.encoder.weight': declare([3]),
    scale: declare([]),
  });
  expect(Object.fromEntries(parts.map(({ part, parameters }) => [part, parameters]))).toEqual({
    embedding: 10,
    attention: 4,
    'feed-forward': 6,
    norms: 2 + 1 + 2 + 2,
    head: 10,
    'adapter image': 7 + 8,
    'adapter audio': 3,
    other: 1,
  });
});
