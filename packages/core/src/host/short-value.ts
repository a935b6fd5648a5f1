// Prints any value in a few characters, for the "found …" part of an error sentence. It never throws: the values it
// meets are wrong by definition and may come from somebody else's code.

const longest = 60;

/**
 * A value in at most about 60 characters: `"wide"`, `12`, `{"a":1}`, `a function`, `nothing` for undefined.
 *
 * @example
 * ```ts
 * console.assert(printShort([1, 'two']) === '[1,"two"]');
 * ```
 */
export function printShort(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' && typeof value !== 'string') return String(value);
  try {
    return shorten(JSON.stringify(value) ?? 'an object');
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
}

function shorten(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
