// Runs the examples in the docstrings of every package. An example without an import gets one for what it documents.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typeErrorsIn } from './check-blocks.ts';
import { type CodeBlock, docstringFencesOf } from './code-block.ts';
import { blocksFolder, enterEmptyFolder, runBlock, type WrittenBlock, writeBlocks } from './run-block.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const group = 'docstrings';

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => join(folder, name));
}

const examples = ['core', 'adapters', 'plugins', 'cli']
  .flatMap((name) => sourceFiles(join(root, 'packages', name, 'src')))
  .toSorted()
  .map((file) => ({ file, name: relative(root, file), blocks: docstringFencesOf(readFileSync(file, 'utf8')) }))
  .filter(({ blocks }) => blocks.length > 0);

/** Imports what the example documents, in the line before the code, where the fence stood. */
function withSubject(block: CodeBlock, page: string, file: string): CodeBlock {
  if (/^import /m.test(block.code) || block.subject === undefined) return block;
  const specifier = relative(join(blocksFolder, page), file).replaceAll('\\', '/');
  const code = `import { ${block.subject} } from '${specifier}';\n${block.code}`;
  return { ...block, code, line: block.line - 1 };
}

describe('examples in docstrings', () => {
  let leave: () => Promise<void>;
  beforeAll(async () => {
    leave = await enterEmptyFolder();
  });
  afterAll(() => leave());

  it('are there', () => {
    expect(examples.length).toBeGreaterThan(20);
  });

  for (const { file, name, blocks } of examples) {
    const page = join(group, name.replace(/^packages\//, '').replace(/\.ts$/, ''));
    const prepared = blocks.map((block) => withSubject(block, page, file));
    let written: WrittenBlock[] = [];
    beforeAll(async () => {
      written = await writeBlocks(page, prepared);
    });
    for (const [index, block] of prepared.entries()) {
      it.skipIf(block.skip !== undefined)(`${name}:${blocks[index]?.line} runs`, async () => {
        await runBlock(written[index]!);
      });
    }
  }

  it('pass the compiler', async () => {
    expect(await typeErrorsIn(group)).toEqual([]);
  });
});
