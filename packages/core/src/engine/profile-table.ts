/** Shows an engine's profile as text: one table of operators and one of source lines for each function. */
import type { EngineProfile, FunctionProfile, ProfileRow } from './engine-profile.ts';

/** Settings of {@link profileTable}. */
export interface ProfileTableOptions {
  /** Rows of one table at most; the rest is summed up in one more. Default 20. */
  readonly rows?: number;
  /** Functions at most, those with the most time. Default 5. */
  readonly functions?: number;
}

/** The profile as lines of text, with a line break at the end. */
export function profileTable(
  { functions }: EngineProfile,
  { rows = 20, functions: shown = 5 }: ProfileTableOptions = {},
): string {
  if (functions.length === 0) return 'No compiled function ran while the profile was recorded.\n';
  const tables = functions.slice(0, shown).map((profile) => functionTable(profile, rows));
  const rest = functions.slice(shown);
  const time = rest.reduce((sum, { runs, milliseconds }) => sum + runs * milliseconds, 0);
  if (rest.length > 0) tables.push(`… and ${rest.length} more functions, ${time.toFixed(1)} ms in all their runs\n`);
  return tables.join('\n');
}

function functionTable({ name, runs, milliseconds, operators, lines }: FunctionProfile, rows: number): string {
  const inNodes = operators.reduce((sum, row) => sum + row.milliseconds, 0);
  const title = `${name}: ${runs} ${runs === 1 ? 'run' : 'runs'} of ${milliseconds.toFixed(2)} ms, ${inNodes.toFixed(2)} ms of it in nodes (medians)`;
  return `${[title, ...rowsTable('operator', operators, rows), ...rowsTable('source line', lines, rows)].join('\n')}\n`;
}

function rowsTable(heading: string, all: readonly ProfileRow[], limit: number): readonly string[] {
  const shown = all.slice(0, limit);
  const rest = all.slice(limit);
  const sum = (key: 'nodes' | 'milliseconds' | 'share') => rest.reduce((total, row) => total + row[key], 0);
  const other = {
    name: `${rest.length} more`,
    nodes: sum('nodes'),
    milliseconds: sum('milliseconds'),
    share: sum('share'),
  };
  const listed = rest.length === 0 ? shown : [...shown, other];
  const width = Math.max(heading.length, ...listed.map(({ name }) => name.length));
  return [
    '',
    `  ${heading.padEnd(width)}  nodes        ms    share`,
    ...listed.map(
      ({ name, nodes, milliseconds, share }) =>
        `  ${name.padEnd(width)}  ${String(nodes).padStart(5)}  ${milliseconds.toFixed(3).padStart(8)}  ${(100 * share).toFixed(1).padStart(5)} %`,
    ),
  ];
}
