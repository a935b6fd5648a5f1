import type { HostTensor } from '@transfuse/core/contracts';
import { createEagerEngine } from '@transfuse/core/engine';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCases } from '../support/engine-all-cases.ts';
import { expectAllClose } from '../support/engine-closeness.ts';
import type { KernelCase } from '../support/engine-kernel-case.ts';
import { runOnce } from '../support/engine-pair.ts';
import { testPart } from '../support/missing-part-test.ts';
import { expectSameTold } from '../support/told-events.ts';
import { trainingDistance } from '../support/tiny-training.ts';
import { chromiumPart, chromiumPath } from './chromium.ts';
import type { PageEngine } from './page/page-calls.ts';
import { generateInTurn, trainTinyScene } from './page/tiny-scene.ts';
import { openPage, type PageDriver } from './page-driver.ts';

// The compiled engine on a page in Chromium, against the CPU backend in Node.js: the tables of kernel cases with their
// gradients, a training and a generation. A provider without a device is skipped in one line.

const samples = 3;

/** By provider and the beginning of a case's title: how it is known to fail. */
const known: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  wasm: {},
  webgpu: {
    'functions that keep their precision': /Expm1|Tanh/, // 24 bits of 1, not of a small result
  },
};

testPart(chromiumPart, () => chromiumPath !== undefined);

describe.skipIf(chromiumPart.problem !== undefined).each<PageEngine & { readonly provider: string }>([
  { provider: 'wasm', threads: 2 },
  { provider: 'webgpu', threads: 2 },
])('the compiled engine in Chromium on $provider', (engine) => {
  let page: PageDriver;
  let problem: string | undefined;
  let description: string | undefined;
  const reference = createEagerEngine();
  beforeAll(async () => {
    page = await openPage();
    const found = await page.call('describe', engine);
    if ('message' in found) problem = found.message;
    else ({ description } = found);
  }, 120_000);
  afterAll(async () => {
    await page?.close();
    await (await reference).dispose();
  });

  const compare = async ({ title, samples: drawn, tolerance }: KernelCase) => {
    const found = await page.call('runCase', engine, title, samples);
    if ('message' in found) throw new Error(found.message);
    const wanted: Readonly<Record<string, HostTensor>>[] = [];
    for (const { inputs, run } of fc.sample(drawn, { numRuns: samples, seed: 1 })) {
      wanted.push(await runOnce(await reference, run, inputs));
    }
    expect(found).toHaveLength(samples);
    found.forEach((outputs, index) => expectAllClose(outputs, wanted[index]!, tolerance));
  };
  const failureOf = (title: string) =>
    Object.entries(known[engine.provider]!).find(([start]) => title.startsWith(start))?.[1];

  it('says what it is, with both its threads', ({ skip, task }) => {
    if (engine.provider === 'webgpu' && problem !== undefined) {
      task.meta.missing = { what: 'WebGPU in Chromium', problem, mend: 'see docs/browser.md' };
      skip(problem);
    }
    expect({ problem, description }).toEqual({
      problem: undefined,
      description: expect.stringMatching(/^ONNX Runtime \d[\d.]+, (wasm|webgpu, .+), 2 threads$/),
    });
  });

  it.for(allCases)('computes $title as the CPU backend does', async (given, { skip }) => {
    if (problem !== undefined) skip(problem);
    const expected = failureOf(given.title);
    if (expected === undefined) return compare(given);
    await expect(compare(given)).rejects.toThrow(expected); // and no longer, once that is mended
  });

  it('trains as the CPU backend does, after a step and after twenty', async ({ skip }) => {
    if (problem !== undefined) skip(problem);
    const found = await page.call('train', engine);
    expect(found.steps).toHaveLength(20);
    expect(trainingDistance(found, await trainTinyScene(await reference))).toBeLessThan(1e-4);
  });

  it('writes and draws what the CPU backend does', async ({ skip }) => {
    if (problem !== undefined) skip(problem);
    const found = await page.call('generate', engine);
    expect(found.filter(({ words }) => words === 'image')).toHaveLength(1);
    expectSameTold(found, await generateInTurn(await reference), 1e-4);
  });

  it('leaves nothing on the console that a developer would have to look into', ({ skip }) => {
    if (problem !== undefined) skip(problem);
    expect(page.complaints).toEqual([]);
  });
});
