/**
 * Bundles a page with vite as an application would, without anything in place of Node.js modules, and says which of them
 * the result still asks for. The guide's example (docs/browser.md) is a module of the bundle, by the name `virtual:guide`.
 */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import { fencesOf } from '../docs/code-block.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What was bundled. */
export interface PageBundle {
  /** A temporary folder with `index.html`; whoever asked for it removes it. */
  readonly folder: string;
  /** Modules of Node.js that code in the bundle asks for, and where: `node:fs from packages/core/src/training/checkpoint.ts`. */
  readonly nodeModules: readonly string[];
  /** The same of all files that were read, whether anything of them is in the bundle or not. */
  readonly readNodeModules: readonly string[];
  /** Bytes of scripts, by file name. */
  readonly scripts: Readonly<Record<string, number>>;
}

/** Bundles a page of `test/browser/page`. */
export async function bundlePage(entry: URL): Promise<PageBundle> {
  const folder = await mkdtemp(join(tmpdir(), 'transfuse-page-'));
  const asked: Asked[] = [];
  const result = await build({
    root,
    configFile: false,
    base: './',
    logLevel: 'error',
    plugins: [guideModule, nodeModuleWatch(asked)],
    resolve: { conditions: ['@transfuse/source', 'module', 'browser', 'production'] },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      minify: false,
      modulePreload: false,
      rolldownOptions: { input: fileURLToPath(entry), output: { entryFileNames: 'page.js' } },
    },
  });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((each) => ('output' in each ? each.output : []));
  const chunks = outputs.filter((output) => output.type === 'chunk');
  const kept = new Set(
    chunks.flatMap(({ modules }) => Object.keys(modules).filter((id) => modules[id]!.renderedLength > 0)),
  );
  const needed = asked.filter(({ name, importer }) => !doesWithout(importer, name));
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><script type="module" src="page.js"></script>',
  );
  return {
    folder,
    nodeModules: needed.filter(({ importer }) => kept.has(importer)).map(inWords),
    readNodeModules: needed.map(inWords),
    scripts: Object.fromEntries(chunks.map(({ fileName, code }) => [fileName, code.length])),
  };
}

interface Asked {
  readonly name: string;
  readonly importer: string;
}

const inWords = ({ name, importer }: Asked): string => `${name} from ${relative(root, importer)}`;

/** Writes down who asks for a module of Node.js; what is made of it is the bundler's business. */
function nodeModuleWatch(asked: Asked[]): Plugin {
  return {
    name: 'node-module-watch',
    enforce: 'pre',
    resolveId(name, importer) {
      if (importer !== undefined && isBuiltin(name)) asked.push({ name, importer });
    },
  };
}

/** Whether the package that a file belongs to declares that it does without the module in browsers (field `browser`). */
function doesWithout(file: string, name: string): boolean {
  let folder = dirname(file);
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  const { browser } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly browser?: Readonly<Record<string, unknown>>;
  };
  return browser?.[name] === false;
}

const guideModule: Plugin = {
  name: 'guide',
  resolveId: (id) => (id === 'virtual:guide' ? join(root, 'test', 'browser', 'page', 'guide-example.ts') : undefined),
  async load(id) {
    if (!id.endsWith('guide-example.ts')) return undefined;
    const page = await readFile(join(root, 'docs', 'browser.md'), 'utf8');
    return fencesOf(page).find(({ file }) => file === 'generate.ts')!.code;
  },
};
