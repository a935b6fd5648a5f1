import type { HostTensor, ParameterSpec } from '@transfuse/core/contracts';
import { createEagerEngine } from '@transfuse/core/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { packParameters } from './parameter-pack.ts';

const engine = await createEagerEngine({ backend: 'cpu' });

const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 0, maxLength: 4 });
const specs = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,3}\.[a-z]{1,3}$/), fc.record({ shape: shapes, decay: fc.boolean() }), {
    minKeys: 1,
    maxKeys: 6,
  })
  .map((declared): ParameterSpec =>
    Object.fromEntries(
      Object.entries(declared).map(([name, one]) => [name, { ...one, initializer: { kind: 'zeros' } }]),
    ),
  );

/** Every number is another. */
function counted(spec: ParameterSpec): Record<string, HostTensor> {
  let next = 0;
  return Object.fromEntries(
    Object.entries(spec).map(([name, { shape }]) => {
      const size = shape.reduce((product, side) => product * side, 1);
      return [name, { dtype: 'float32', shape, data: Float32Array.from({ length: size }, () => next++) }];
    }),
  );
}

describe('packed parameters', () => {
  it('are cut into what was joined, in the order of the spec, with weight decay apart', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const pack = packParameters(spec);
        const parameters = counted(spec);
        const vectors = pack.join(parameters);
        expect(pack.cut(vectors)).toEqual(parameters);
        expect(Object.keys(pack.cut(vectors))).toEqual(Object.keys(spec));
        for (const [vector, { shape, decay }] of Object.entries(pack.spec)) {
          expect(vectors[vector]!.shape).toEqual(shape);
          const members = Object.keys(spec).filter((name) => spec[name]!.decay === decay);
          expect([...vectors[vector]!.data]).toEqual(members.flatMap((name) => [...parameters[name]!.data]));
        }
      }),
    );
  });

  it('are cut and joined as tensors in the same way', async () => {
    await fc.assert(
      fc.asyncProperty(specs, async (spec) => {
        const pack = packParameters(spec);
        const parameters = counted(spec);
        const vectors = pack.join(parameters);
        expect(await runOnce(engine, (inputs) => pack.joinTensors(inputs), parameters)).toEqual(vectors);
        expect(await runOnce(engine, (inputs) => pack.cutTensors(inputs), vectors)).toEqual(parameters);
      }),
      { numRuns: 20 },
    );
  });
});
