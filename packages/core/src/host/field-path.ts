// Paths to a field inside plain data, and how they are written for people: `modalities.image.patchSize`, `betas[1]`.

/** Field names from the root inwards; list indices are strings of digits. */
export type FieldPath = readonly string[];

/** Reads a JSON pointer (RFC 6901), as ajv reports places. */
export function pathOfPointer(pointer: string): FieldPath {
  const [, ...parts] = pointer.split('/');
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * Writes a path after a prefix, which may be empty.
 *
 * @example
 * ```ts
 * console.assert(writePath('train', ['betas', '1']) === 'train.betas[1]');
 * ```
 */
export function writePath(prefix: string, path: FieldPath): string {
  let text = prefix;
  for (const part of path) {
    if (/^\d+$/.test(part)) text += `[${part}]`;
    else if (!/^[\w$@/-]+$/.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}
