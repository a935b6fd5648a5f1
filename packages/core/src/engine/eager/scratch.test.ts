import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCases } from '../../../../../test/support/engine-all-cases.ts';
import { expectAllClose } from '../../../../../test/support/engine-closeness.ts';
import { runOnce } from '../../../../../test/support/engine-pair.ts';
import { vulkanProblem } from '../../../../../test/support/software-vulkan.ts';
import type { Engine } from '../../contracts/index.ts';
import { createCompiledEngine } from '../compiled-engine.ts';
import { createEagerEngine } from '../eager-engine.ts';
console.log('vulkan', vulkanProblem);
const kind = process.env['KIND'] ?? 'wasm';
describe(kind, () => {
  let reference: Engine, ours: Engine;
  beforeAll(async () => {
    reference = await createEagerEngine();
    ours = kind === 'ort' ? createCompiledEngine({ threads: 1, provider: 'webgpu' } as never) : await createEagerEngine({ backend: kind });
    console.log(ours.description);
  });
  afterAll(async () => { await ours.dispose(); await reference.dispose(); });
  it.each(allCases)('$title', async ({ samples, tolerance }) => {
    await fc.assert(fc.asyncProperty(samples, async ({ inputs, run }) => {
      expectAllClose(await runOnce(ours, run, inputs), await runOnce(reference, run, inputs), tolerance);
    }), { numRuns: Number(process.env['RUNS'] ?? 8), endOnFailure: true, seed: 1 });
  });
});
