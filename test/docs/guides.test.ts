// Runs every TypeScript example of the README and the guides, page by page and in order, as a reader would: one working
// folder per page, and each JSON example that names a file put there first. Then the compiler checks them all.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typeErrorsIn } from './check-blocks.ts';
import { fencesOf } from './code-block.ts';
import { enterEmptyFolder, runBlock, type WrittenBlock, writeBlocks } from './run-block.ts';
import { trainTinyModel } from './tiny-checkpoint.ts';

const root = new URL('../../', import.meta.url);
const guides = (await readdir(new URL('docs/', root)))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const pages = await Promise.all(
  ['README.md', ...guides.toSorted()].map(async (page) => {
    const blocks = fencesOf(await readFile(new URL(page, root), 'utf8'));
    const name = `guides/${page.replace(/^docs\//, '').replace(/\.md$/, '')}`;
    const [code, data] = [
      blocks.filter(({ language }) => language === 'ts'),
      blocks.filter(({ file }) => file?.endsWith('.json')),
    ];
    return { page, name, code, data, everyJson: blocks.filter(({ language }) => language === 'json') };
  }),
);

/** What a page takes for granted: the README loads the checkpoint that the demo leaves. */
const preparations: Readonly<Record<string, () => Promise<void>>> = {
  'README.md': () => trainTinyModel('demo'),
  'docs/sampling.md': () => trainTinyModel('demo'),
  'docs/export.md': () => trainTinyModel('demo'),
};

for (const { page, name, code, data, everyJson } of pages.filter(
  (page) => page.code.length + page.everyJson.length > 0,
)) {
  describe(`the examples of ${page}`, () => {
    let leave: () => Promise<void>;
    let written: readonly WrittenBlock[] = [];
    beforeAll(async () => {
      leave = await enterEmptyFolder();
      written = await writeBlocks(name, code);
      for (const { file, code: content } of data) await writeFile(file!, content);
      await preparations[page]?.();
    }, 120_000);
    afterAll(() => leave());

    for (const [index, { line, file, skip }] of code.entries()) {
      const place = file === undefined ? `line ${line}` : `line ${line}, ${file},`;
      it.skipIf(skip !== undefined)(`${place} runs${skip === undefined ? '' : ` (skipped: ${skip})`}`, async () => {
        await runBlock(written[index]!);
      });
    }

    for (const { line, code: content } of everyJson) {
      it(`line ${line} is JSON`, () => {
        expect(() => JSON.parse(content) as unknown).not.toThrow();
      });
    }
  });
}

describe('the examples together', () => {
  it('pass the compiler', async () => {
    expect(await typeErrorsIn('guides')).toEqual([]);
  });

  it('include those of the guide and the README', () => {
    const examples = (wanted: string) => pages.find(({ page }) => page === wanted)?.code.length ?? 0;
    expect(examples('docs/getting-started.md')).toBeGreaterThan(10);
    expect(examples('README.md')).toBeGreaterThan(1);
  });

  it('link to pages that exist', async () => {
    const missing: string[] = [];
    for (const { page } of pages) {
      const url = new URL(page, root);
      const text = await readFile(url, 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (/^[a-z]+:/.test(target) || target === 'docs/demo.png') continue;
        await readFile(fileURLToPath(new URL(target, url))).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'EISDIR') missing.push(`${page}: ${target}`);
        });
      }
    }
    expect(missing).toEqual([]);
  });
});
