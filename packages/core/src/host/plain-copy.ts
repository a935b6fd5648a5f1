// Copies the plain part of a value: nested object literals and lists. Everything else (functions, class instances,
// typed arrays) is kept by reference, and fields that are undefined are left out, so that a default can take their
// place. Validation works on such a copy and never changes what the caller passed.
import { TransfuseError } from '../errors/index.ts';
import type { ErrorCode } from '../errors/index.ts';

/** A deep copy of lists and object literals. A value that contains itself throws an error with the given code. */
export function plainCopy(value: unknown, where: { readonly code: ErrorCode; readonly place: string }): unknown {
  const parents = new Set<object>();
  const copy = (from: unknown): unknown => {
    if (!isPlain(from)) return from;
    if (parents.has(from)) throw containsItself(where);
    parents.add(from);
    const result: unknown = Array.isArray(from)
      ? from.map(copy)
      : Object.fromEntries(
          Object.entries(from)
            .filter(([, item]) => item !== undefined)
            .map(([key, item]) => [key, copy(item)]),
        );
    parents.delete(from);
    return result;
  };
  return copy(value);
}

/** Whether a value is a list or an object literal (of this realm or another). */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function containsItself(where: { readonly code: ErrorCode; readonly place: string }): TransfuseError {
  return new TransfuseError({
    code: where.code,
    place: where.place === '' ? 'configuration' : where.place,
    found: 'an object that contains itself',
    expected: 'plain data without circles',
    mend: 'Remove the circular reference.',
  });
}
