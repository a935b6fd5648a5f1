// Tells the pictures of a prompt from its texts. An argument `image:PATH` is a picture; so is one that ends as picture
// files do and names a file that exists. All others are text; neighbouring texts become one, joined by a space, so that
// a prompt need not be quoted.
import { existsSync } from 'node:fs';

/** One item of a prompt, pictures not yet read. */
export type PromptArgument = { readonly text: string } | { readonly file: string };

const pictureName = /\.(?:png|jpe?g|webp|avif|gif|tiff?|svg)$/i;
const prefix = 'image:';

/**
 * Reads prompt arguments.
 *
 * @param exists whether a path names something; default: asks the file system
 * @returns the items, and a line for every argument that looks like a picture but is taken as text
 */
export function readPromptArguments(
  words: readonly string[],
  exists: (path: string) => boolean = existsSync,
): { readonly items: readonly PromptArgument[]; readonly warnings: readonly string[] } {
  const items: PromptArgument[] = [];
  const warnings: string[] = [];
  for (const word of words) {
    const isNamed = word.startsWith(prefix);
    if (isNamed || (pictureName.test(word) && exists(word))) {
      items.push({ file: isNamed ? word.slice(prefix.length) : word });
      continue;
    }
    if (pictureName.test(word)) {
      warnings.push(`There is no file ${word}, so it is taken as text; write image:${word} for a picture.`);
    }
    const last = items.at(-1);
    if (last !== undefined && 'text' in last) items[items.length - 1] = { text: `${last.text} ${word}` };
    else items.push({ text: word });
  }
  return { items, warnings };
}
