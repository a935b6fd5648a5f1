// Tells the files of a prompt from its texts. An argument `image:PATH`, `audio:PATH` or `video:PATH` is a file of that
// medium; so is one that ends as such files do and names a file that exists. All others are text; neighbouring texts
// become one, joined by a space, so that a prompt need not be quoted.
import { existsSync } from 'node:fs';
import { type MediumFile, mediumOfFile, prefixedFile } from '../media/media.ts';

/** One item of a prompt, files not yet read. */
export type PromptArgument = { readonly text: string } | MediumFile;

/** What decides what a word is. */
export interface PromptArgumentOptions {
  /** The model's modalities, for files that may be of several; default: none known. */
  readonly modalities?: readonly string[] | undefined;
  /** Whether a path names something; default: asks the file system. */
  readonly exists?: (path: string) => boolean;
}

/** Reads prompt arguments: the items, and a line for every argument that looks like a file but is taken as text. */
export function readPromptArguments(
  words: readonly string[],
  { modalities, exists = existsSync }: PromptArgumentOptions = {},
): { readonly items: readonly PromptArgument[]; readonly warnings: readonly string[] } {
  const items: PromptArgument[] = [];
  const warnings: string[] = [];
  for (const word of words) {
    const prefixed = prefixedFile(word);
    const medium = prefixed === undefined ? mediumOfFile(word, modalities) : undefined;
    if (prefixed !== undefined) items.push(prefixed);
    else if (medium !== undefined && exists(word)) items.push({ file: word, medium });
    else {
      if (medium !== undefined) {
        const { modality, noun } = medium;
        warnings.push(`There is no file ${word}, so it is taken as text; write ${modality}:${word} for a ${noun.one}.`);
      }
      const last = items.at(-1);
      if (last !== undefined && 'text' in last) items[items.length - 1] = { text: `${last.text} ${word}` };
      else items.push({ text: word });
    }
  }
  return { items, warnings };
}
