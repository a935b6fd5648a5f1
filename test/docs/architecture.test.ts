// Keeps the floor plan and the direction of imports in docs/architecture.md true.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/architecture.md', root), 'utf8');

function foldersIn(path: string): string[] {
  return readdirSync(new URL(path, root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

describe('docs/architecture.md', () => {
  it('has every folder of core in its floor plan, and no other', () => {
    const planned = [...page.matchAll(/^ {6}(\w+)\/ /gm)].map(([, name]) => name);
    expect(planned.toSorted()).toEqual(foldersIn('packages/core/src').toSorted());
  });

  it('names every package', () => {
    for (const name of foldersIn('packages')) expect(page).toMatch(new RegExp(`^ {2}${name}/ `, 'm'));
  });

  it('gives the direction of imports in the words of the lint rule', () => {
    const configuration = readFileSync(new URL('.oxlintrc.json', root), 'utf8');
    const rule = /Imports run one way: ([^;"]+);/.exec(configuration)?.[1];
    expect(rule).toBeDefined();
    expect(page).toContain(`\n${rule}\n`);
  });

  it('names every contract that a plugin can contribute', async () => {
    const { contributionKinds } = await import('../../packages/core/src/host/contribution-kinds.ts');
    const contracts = contributionKinds.map((kind) =>
      kind.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase()),
    );
    for (const contract of contracts) expect(page).toContain(`\`${contract}\``);
  });
});
