import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createModalityLosses, type ModalityLosses } from './modality-losses.ts';

/** Blocks of two kinds of pictures and one of sounds: weights before they are shared among all blocks, and errors. */
type Blocks = Readonly<Record<'image 2x2x3' | 'image 4x2x3' | 'audio 8x1', readonly (readonly [number, number])[]>>;

/** A batch that has them, with room for two more of each kind, and its errors. */
function measured(blocks: Blocks): Parameters<ModalityLosses['add']> {
  const total = Object.values(blocks).reduce((count, of) => count + of.length, 0);
  const kinds = Object.entries(blocks);
  const padded = (values: readonly number[], rest: number) => Float32Array.from([...values, rest, rest]);
  return [
    {
      packed: {
        shape: { blocks: Object.fromEntries(kinds.map(([kind]) => [kind, { modality: kind.split(' ')[0] }])) },
        blocks: Object.fromEntries(kinds),
      },
      feeds: Object.fromEntries(
        kinds.map(([kind, of]) => [
          `${kind}.weight`,
          padded(
            of.map(([weight]) => weight / total),
            0,
          ),
        ]),
      ),
    },
    Object.fromEntries(
      kinds.map(([kind, of]) => [
        `${kind}.blockErrors`,
        {
          data: padded(
            of.map(([, error]) => error),
            99,
          ),
        },
      ]),
    ),
  ] as unknown as Parameters<ModalityLosses['add']>;
}

const pairs = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 8 })), { maxLength: 3 });
const batches = fc.array(fc.record({ 'image 2x2x3': pairs, 'image 4x2x3': pairs, 'audio 8x1': pairs }), {
  minLength: 1,
  maxLength: 3,
});

describe('the diffusion losses of modalities', () => {
  it('are the means over each one’s own blocks, of all shapes and batches, and leave out what there is none of', () => {
    fc.assert(
      fc.property(batches, (all) => {
        const losses = createModalityLosses();
        for (const blocks of all) losses.add(...measured(blocks));
        const found = losses.means();
        const of = (kinds: readonly (keyof Blocks)[]) => all.flatMap((blocks) => kinds.flatMap((kind) => blocks[kind]));
        for (const [modality, own] of [
          ['image', of(['image 2x2x3', 'image 4x2x3'])],
          ['audio', of(['audio 8x1'])],
        ] as const) {
          const expected = own.reduce((sum, [weight, error]) => sum + weight * error, 0) / own.length;
          if (own.length === 0) expect(found).not.toHaveProperty(modality);
          else expect(found[modality]).toBeCloseTo(expected, 4);
        }
      }),
    );
  });
});
