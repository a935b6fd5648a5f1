import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { image, text } from '@transfuse/adapters';
import { createHost } from '@transfuse/core';
import type { RawImage } from '@transfuse/core/contracts';
import { diffusion } from '@transfuse/plugins';
import { emoji } from '@transfuse/plugins/data/emoji';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainTinyModel } from '../docs/tiny-checkpoint.ts';
import { testPart } from '../support/missing-part-test.ts';
import { largestDifference } from '../support/tiny-numbers.ts';
import { chromiumPart, chromiumPath } from './chromium.ts';
import { openPage, type PageDriver } from './page-driver.ts';

// docs/browser.md as a reader would follow it: a checkpoint trained in Node.js, served over HTTP, read by a page.

testPart(chromiumPart, () => chromiumPath !== undefined);

describe.skipIf(chromiumPart.problem !== undefined)('the guide to browsers', () => {
  const prompt = 'a red heart';
  let folder: string;
  let page: PageDriver;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'transfuse-browser-'));
    await trainTinyModel(folder);
    page = await openPage({ folders: { checkpoints: folder } });
  }, 120_000);
  afterAll(async () => {
    await page?.close();
    await rm(folder, { recursive: true });
  });

  it('generates from a served checkpoint what Node.js generates from the folder', async () => {
    const host = await createHost({ plugins: [text, image, diffusion, emoji], config: { engine: { threads: 1 } } });
    const model = await host.load(join(folder, 'checkpoint'));
    let wanted = '';
    let drawn: RawImage | undefined;
    const order = [prompt, { want: 'image' }, { want: 'text' }];
    for await (const event of model.generate(order, { seed: 7, guidance: 3, maximumTokens: 16 })) {
      if (event.type === 'text') wanted += event.delta;
      if (event.type === 'segment' && event.modality === 'image') drawn = event.value as RawImage;
    }
    await host.dispose();
    const found = await page.call(
      'runGuide',
      { provider: 'wasm', threads: 2 },
      `${page.address}/checkpoints/checkpoint`,
      prompt,
    );
    expect(found.text).toBe(wanted);
    expect(found.text.length).toBeGreaterThan(0);
    expect(found.picture).toHaveLength(16 * 16 * 3);
    expect(largestDifference(found.picture, drawn!.data)).toBeLessThanOrEqual(1); // a byte may be rounded either way
  });

  it('gives one thread to a page without the headers, and says so', async () => {
    const plain = await openPage({ isolated: false });
    const found = await plain.call('describe', { provider: 'wasm', threads: 2 });
    await plain.close();
    expect(found).toEqual({
      description: expect.stringMatching(/, wasm, 1 thread \(2 need a page that is cross-origin isolated\)$/),
      told: [
        expect.stringMatching(/^engine: compiled \(ONNX Runtime /),
        expect.stringContaining('one thread only, because 2 need a page that is cross-origin isolated'),
      ],
    });
  });

  it('says what is missing where the runtime’s files are not served', async () => {
    const other = await openPage();
    const found = await other.call('describe', { provider: 'wasm', wasmPaths: `${other.address}/nowhere/` });
    await other.close();
    expect(found).toMatchObject({ code: 'engine.unavailable', message: expect.stringContaining('wasmPaths') });
  });
});
