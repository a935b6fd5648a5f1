// Checks that the README and the guides name commands and options that the command line has.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../packages/cli/src/program.ts';

const root = new URL('../../', import.meta.url);
const guides = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));
const mentions = ['README.md', ...guides.map((name) => `docs/${name}`)].flatMap((page) =>
  [...readFileSync(new URL(page, root), 'utf8').matchAll(/npx transfuse ([\w-]+)([^`#\n]*)/g)].map(
    ([text, command = '', rest = '']) => ({ page, text: text.trim(), command, options: rest.match(/--[\w-]+/g) ?? [] }),
  ),
);

describe('the commands in the documentation', () => {
  const { commands } = createProgram();

  it('are there', () => {
    expect(new Set(mentions.map(({ command }) => command)).size).toBeGreaterThanOrEqual(7);
  });

  it('exist in the command line', () => {
    const names = commands.map((command) => command.name());
    expect(mentions.filter(({ command }) => !names.includes(command))).toEqual([]);
  });

  it('have the options they are shown with', () => {
    const unknown = mentions.filter(({ command: name, options }) => {
      const command = commands.find((item) => item.name() === name);
      const known = command?.options.map(({ long }) => long) ?? [];
      // The demo is a program of its own, with options of its own.
      return name !== 'demo' && options.some((option) => !known.includes(option));
    });
    expect(unknown).toEqual([]);
  });
});
