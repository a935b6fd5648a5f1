// Tells the files of a prompt from its texts. An argument `image:PATH`, `audio:PATH` or `video:PATH` is a file of that
// medium, `points:PATH` one of the model's modality of that name where the file exists; so is one that ends as files of a
// medium do and names a file that exists. All others are text; neighbouring texts become one, joined by a space, so that
// a prompt need not be quoted.
import { type MediumFile, mediumOfFile, mediumOfModality } from '../media/media.ts';
import { isFile, namedFile, type NamedFileOptions } from '../media/named-file.ts';

/** One item of a prompt, files not yet read. */
export type PromptArgument = { readonly text: string } | MediumFile;

/**
 * Reads prompt arguments: the items, and a line for every argument that looks like a file but is taken as text.
 *
 * @throws TransfuseError `generation.invalid-option` for `NAME:PATH` with a file that exists and no such modality
 */
export function readPromptArguments(
  words: readonly string[],
  { modalities, exists = isFile }: NamedFileOptions = {},
): { readonly items: readonly PromptArgument[]; readonly warnings: readonly string[] } {
  const items: PromptArgument[] = [];
  const warnings: string[] = [];
  for (const word of words) {
    const named = namedFile(word, { modalities, exists });
    const medium = named === undefined ? mediumOfFile(word, modalities) : undefined;
    if (named !== undefined && (mediumOfModality(named.medium.modality) !== undefined || exists(named.file))) {
      items.push(named);
    } else if (medium !== undefined && exists(word)) items.push({ file: word, medium });
    else {
      if (named !== undefined) warnings.push(`There is no file ${named.file}, so ${word} is taken as text.`);
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
