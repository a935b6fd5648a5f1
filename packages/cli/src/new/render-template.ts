// Reads a template's files and puts a name in the place of `template-name` and its other forms. Templates are real files
// that compile as they stand; nothing but these words is replaced. Files all kinds have in common are in `shared`.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PackageName } from './package-name.ts';
import type { TemplateKind } from './template-kind.ts';

const templates = fileURLToPath(new URL('../../templates/', import.meta.url));

/** The files of a new package, text by path with `/` between folders. `core` is the version of @transfuse/core it will need. */
export async function renderTemplate(
  kind: TemplateKind,
  name: PackageName,
  { core }: { readonly core: string },
): Promise<ReadonlyMap<string, string>> {
  const replacements: readonly (readonly [string, string])[] = [
    ['template-package', name.full],
    ['template-name', name.words],
    ['TemplateName', name.pascal],
    ['templateName', name.camel],
    ['0.0.0-template', core],
  ];
  const filled = (text: string) => replacements.reduce((part, [word, by]) => part.replaceAll(word, by), text);
  const files = new Map<string, string>();
  for (const folder of ['shared', kind]) {
    const root = join(templates, folder);
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      // npm leaves files called .gitignore out of packages, so the template's has no dot.
      const place = filled(relative(root, path).split(sep).join('/')).replace(/^gitignore$/, '.gitignore');
      files.set(place, filled(await readFile(path, 'utf8')));
    }
  }
  return files;
}
