/** The settings that a created thing reports: plain data, which `config.json` of a checkpoint stores and gives back. */
import { isDeepStrictEqual } from 'node:util';
import { insist } from './broken-contract.ts';

/** What every configurable contract has in common. */
export interface Configured {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Fails the check unless the name is a word and the settings survive JSON. */
export function insistPlainSettings({ name, config }: Configured): void {
  insist(
    typeof name === 'string' && /^[a-z0-9][a-z0-9._-]*$/.test(name),
    `name is ${JSON.stringify(name)}; write lower-case letters, digits, dots, hyphens and underscores.`,
  );
  insist(
    typeof config === 'object' && config !== null && !Array.isArray(config),
    `config is ${JSON.stringify(config)}; it must be an object with the settings, empty where there are none.`,
  );
  const stored: unknown = JSON.parse(JSON.stringify(config));
  for (const [field, value] of Object.entries(config)) {
    insist(
      value === undefined || isDeepStrictEqual((stored as Record<string, unknown>)[field], value),
      `config.${field} does not survive being stored as JSON; keep settings to plain data: numbers, texts, lists.`,
    );
  }
}
