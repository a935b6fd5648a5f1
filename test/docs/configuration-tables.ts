// Makes the tables of docs/configuration.md: fields with type and range, default and meaning, from the schemas that
// check a configuration and from the docstrings of the configuration's types, which say more than the schemas do.
import { readFileSync } from 'node:fs';
import { configSchema, type ContributionDescription, modelPresets } from '@transfuse/core';
import { describeSchema, isSchema } from '../../packages/core/src/host/schema-description.ts';

type Schema = Readonly<Record<string, unknown>>;

const typesFile = new URL('../../packages/core/src/host/config-types.ts', import.meta.url);

/** The docstring of each field of each interface in config-types.ts, by `Interface.field`. */
function fieldMeanings(): ReadonlyMap<string, string> {
  const meanings = new Map<string, string>();
  for (const [, name, body = ''] of readFileSync(typesFile, 'utf8').matchAll(
    /export interface (\w+)[^{]*\{\n(.*?)\n\}/gs,
  )) {
    for (const [, text = '', field] of body.matchAll(/\/\*\* (.*?) \*\/\n {2}readonly (\w+)/g))
      meanings.set(`${name}.${field}`, text);
  }
  return meanings;
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (value: unknown) => `\`${JSON.stringify(value)}\``;
const sentence = (text: string) =>
  text === '' ? '' : `${text[0]?.toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** The rows of a schema's fields, nested objects with their own fields below them. */
function rowsOf(schema: Schema, meanings: (path: string) => string | undefined, prefix = ''): string[] {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const required = (schema['required'] ?? []) as readonly string[];
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const nested = isSchema(field['properties']) && field['additionalProperties'] === false;
    if (nested) return rowsOf(field, meanings, `${path}.`);
    const named = isSchema(field['properties']);
    const nameField = named ? (field['properties'] as Readonly<Record<string, Schema>>)['name'] : undefined;
    const fallback = named
      ? nameField?.['default'] === undefined
        ? undefined
        : { name: nameField['default'] }
      : field['default'];
    const missing = required.includes(name) ? 'required' : '';
    const limits = named ? `an object: ${String(nameField?.['description'])}, and its settings` : rangeOf(field);
    const words = meanings(path) ?? sentence(String(field['description'] ?? ''));
    const said =
      fallback === undefined
        ? ''
        : ` Default ${typeof fallback === 'string' ? `\`${fallback}\`` : JSON.stringify(fallback)}.`;
    const meaning = said !== '' && words.endsWith(said) ? words.slice(0, -said.length) : words;
    return [
      `| \`${path}\` | ${cell(limits)} | ${fallback === undefined ? missing : code(fallback)} | ${cell(meaning)} |`,
    ];
  });
}

function rangeOf(field: Schema): string {
  const { maximum, ...open } = field;
  const words = describeSchema(maximum === Number.MAX_SAFE_INTEGER ? open : field);
  return isSchema(field['items']) ? `${words}, each ${describeSchema(field['items'])}` : words;
}

const table = (rows: readonly string[]) =>
  ['| field | type and range | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');

const interfaces: Readonly<Record<string, string>> = {
  engine: 'EngineConfig',
  model: 'ModelConfig',
  objective: 'ObjectiveConfig',
  sampling: 'SamplingConfig',
  train: 'TrainConfig',
};

function sectionTable(section: string): string {
  const meanings = fieldMeanings();
  const find = (path: string) =>
    path.startsWith('ema.')
      ? meanings.get(`EmaConfig.${path.slice(4)}`)
      : meanings.get(`${interfaces[section]}.${path}`);
  return table(rowsOf((configSchema.properties as unknown as Readonly<Record<string, Schema>>)[section]!, find));
}

function presetTable(): string {
  const rows = Object.entries(modelPresets).map(
    ([name, { width, depth, heads, sequenceLength }]) =>
      `| \`${name}\` | ${width} | ${depth} | ${heads} | ${sequenceLength} |`,
  );
  return ['| preset | width | depth | heads | sequenceLength |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function contributionTables(contributions: readonly ContributionDescription[]): string {
  return contributions
    .map(({ name, description, configSchema: schema }) => {
      const rows = rowsOf(schema, () => undefined);
      return [`**\`${name}\`**: ${description}`, rows.length === 0 ? 'It has no settings.' : table(rows)].join('\n\n');
    })
    .join('\n\n');
}

/** The page with every table between `<!-- table: … -->` and `<!-- end -->` made afresh. */
export function withFreshTables(page: string, contributions: readonly ContributionDescription[]): string {
  return page.replaceAll(
    /(<!-- table: ([^\n]+) -->\n).*?(<!-- end -->)/gs,
    (_, begin: string, wanted: string, end: string) => {
      const kinds = wanted.split(', ');
      const tables =
        wanted === 'presets'
          ? presetTable()
          : wanted in interfaces
            ? sectionTable(wanted)
            : contributionTables(contributions.filter(({ kind }) => kinds.includes(kind)));
      return `${begin}\n${tables}\n\n${end}`;
    },
  );
}
