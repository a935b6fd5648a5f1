/**
 * A look at JSON text for what `JSON.parse` hides: a key that stands twice in one object (the later value silently
 * wins), and nesting so deep that only an attack would want it. It checks nothing else; `JSON.parse` does the rest.
 */

/** What was found in the text, if anything. */
export type JsonObjection =
  | { readonly kind: 'duplicate-key'; readonly key: string }
  | { readonly kind: 'too-deep'; readonly limit: number };

/**
 * The first duplicate key, or the first nesting beyond `depth` levels; undefined where there is neither. Keys are
 * compared after their escapes are resolved.
 *
 * @throws SyntaxError where a key is not a JSON string
 */
export function findJsonObjection(text: string, options: { readonly depth: number }): JsonObjection | undefined {
  const open: (Set<string> | undefined)[] = []; // the keys seen in each open object, undefined for an open array
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '{' || character === '[') {
      if (open.length === options.depth) return { kind: 'too-deep', limit: options.depth };
      open.push(character === '{' ? new Set() : undefined);
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys !== undefined && isFollowedByColon(text, end)) {
        const key = JSON.parse(text.slice(at, end)) as string;
        if (keys.has(key)) return { kind: 'duplicate-key', key };
        keys.add(key);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** The index after the closing quote of the string that opens at `start`, or the text's end if it never closes. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function isFollowedByColon(text: string, start: number): boolean {
  let at = start;
  while (' \t\n\r'.includes(text[at] ?? '.')) at++;
  return text[at] === ':';
}
