// Runs examples of the documentation as the programs they are. They are written under `test/docs/.blocks`, each padded
// to the line it stands on in its page, and imported; a page's examples share one working folder, in their order.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { vi } from 'vitest';
import type { CodeBlock } from './code-block.ts';

/** Where all examples are written; ignored by git. */
export const blocksFolder = join(dirname(fileURLToPath(import.meta.url)), '.blocks');

/** An example as a file. */
export interface WrittenBlock extends CodeBlock {
  readonly path: string;
}

/** Writes examples of one page or source file, in place of what an earlier run wrote. */
export async function writeBlocks(page: string, blocks: readonly CodeBlock[]): Promise<WrittenBlock[]> {
  const folder = join(blocksFolder, page);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return Promise.all(
    blocks.map(async (block) => {
      const path = join(folder, block.file ?? `line-${block.line}.ts`);
      const module = /^(import|export) /m.test(block.code) ? '' : '\nexport {};';
      await writeFile(path, `${'\n'.repeat(block.line - 1)}${block.code}${module}\n`);
      return { ...block, path };
    }),
  );
}

/** Imports a written example; `console.assert` throws, and what it prints is kept back and returned. */
export async function runBlock({ path }: WrittenBlock): Promise<string> {
  const printed: string[] = [];
  const print = (...values: unknown[]) => void printed.push(values.map(String).join(' '));
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(print),
    vi.spyOn(console, 'info').mockImplementation(print),
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => (print(text), true)),
    vi.spyOn(console, 'assert').mockImplementation((condition?: boolean, ...message: unknown[]) => {
      if (!condition) throw new Error(`console.assert failed${message.length > 0 ? `: ${message.join(' ')}` : ''}`);
    }),
  ];
  try {
    await import(/* @vite-ignore */ pathToFileURL(path).href);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return printed.join('\n');
}

/** Works in an empty folder until the returned function is called, which goes back and deletes it. */
export async function enterEmptyFolder(): Promise<() => Promise<void>> {
  const before = process.cwd();
  const folder = await mkdtemp(join(tmpdir(), 'transfuse-docs-'));
  process.chdir(folder);
  return async () => {
    process.chdir(before);
    await rm(folder, { recursive: true, force: true });
  };
}
