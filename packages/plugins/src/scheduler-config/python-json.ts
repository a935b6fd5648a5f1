import { TransfuseError } from '@transfuse/core/contracts';
import { realFields } from './library-fields.ts';

// JSON as Python's standard library reads and writes it, which is how configuration files of the diffusers library look:
// keys sorted, an indent of two spaces, only ASCII characters, numbers as `3.0` and `1e-05`, and beyond the standard
// `-Infinity`, `Infinity` and `NaN`.

const beyond = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;
const mark = '\u0000number:';

/**
 * Parses the text of a `scheduler_config.json`. It is what `JSON.parse` makes of it, save that infinities are read as
 * well (`"lambda_min_clipped": -Infinity` is common). Throws `config.unreadable`.
 *
 * @example
 * ```ts
 * import { parseSchedulerConfig } from '@transfuse/plugins/scheduler-config';
 * const { lambda_min_clipped } = parseSchedulerConfig('{ "lambda_min_clipped": -Infinity }') as Record<string, unknown>;
 * console.assert(lambda_min_clipped === -Infinity);
 * ```
 */
export function parseSchedulerConfig(text: string): unknown {
  try {
    const standard = text.replace(beyond, (token) => (token.startsWith('"') ? token : JSON.stringify(mark + token)));
    return JSON.parse(standard, (_, value: unknown) =>
      typeof value === 'string' && value.startsWith(mark) ? Number(value.slice(mark.length)) : value,
    );
  } catch (error) {
    throw new TransfuseError({
      code: 'config.unreadable',
      place: 'scheduler_config.json',
      found: error instanceof Error ? error.message : String(error),
      expected: 'JSON',
      mend: 'Correct the file, or download it again.',
      cause: error,
    });
  }
}

/** Writes a value as `json.dumps(value, indent=2, sort_keys=True)` does; fields of real numbers by their name. */
export function pythonJson(
  value: unknown,
  options: { readonly numbers?: 'whole' | 'real'; readonly indent?: string } = {},
): string {
  const { numbers = 'whole', indent = '' } = options;
  const inner = `${indent}  `;
  if (typeof value === 'number') return pythonNumber(value, numbers);
  if (typeof value === 'string') return pythonString(value);
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => inner + pythonJson(item, { numbers, indent: inner }));
    return items.length === 0 ? '[]' : `[\n${items.join(',\n')}\n${indent}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const sorted = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
    const items = sorted.map(([name, item]: [string, unknown]) => {
      const kind = realFields.has(name) ? 'real' : 'whole';
      return `${inner}${pythonString(name)}: ${pythonJson(item, { numbers: kind, indent: inner })}`;
    });
    return items.length === 0 ? '{}' : `{\n${items.join(',\n')}\n${indent}}`;
  }
  return value === true ? 'true' : value === false ? 'false' : 'null';
}

function pythonNumber(value: number, numbers: 'whole' | 'real'): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && numbers === 'whole') return BigInt(value).toString();
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function pythonString(value: string): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
