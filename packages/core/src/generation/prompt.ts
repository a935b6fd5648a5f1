/**
 * What a caller asks for: known segments first, then, optionally, what is wanted next. A text alone is a text segment.
 */
import type { Segment } from '../contracts/segment.ts';
import { TransfuseError } from '../errors/index.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';

/** Asks for a segment of a modality. */
export interface Want {
  readonly want: string;
}

/** One item of a prompt. */
export type PromptItem = string | Segment | Want;

/** A prompt taken apart. */
export interface ParsedPrompt {
  readonly segments: readonly Segment[];
  /** Modalities wanted, in order; empty means: go on freely until the end of the document. */
  readonly wants: readonly string[];
}

/** Checks a prompt against a model; throws `generation.invalid-option` or `sequence.invalid`. */
export function parsePrompt(prompt: string | readonly PromptItem[], model: TransfusionModel): ParsedPrompt {
  const items = typeof prompt === 'string' ? [prompt] : prompt;
  checkItems(items);
  const segments: Segment[] = [];
  const wants: string[] = [];
  const known = [...Object.keys(model.discrete), ...Object.keys(model.continuous)];
  items.forEach((item, index) => {
    const place = `prompt[${index}]`;
    if (typeof item === 'string') segments.push({ modality: 'text', value: item });
    else if ('want' in item) wants.push(item.want);
    else segments.push(item);
    if (wants.length > 0 && (typeof item === 'string' || !('want' in item))) {
      throw new TransfuseError({
        code: 'generation.invalid-option',
        place,
        found: 'a given segment after a wanted one',
        expected: 'given segments first, wanted ones last',
        mend: 'Generate what is wanted, then start again with the result in the prompt.',
      });
    }
    const modality = typeof item === 'string' ? 'text' : 'want' in item ? item.want : item.modality;
    if (known.includes(modality)) return;
    throw new TransfuseError({
      code: 'sequence.invalid',
      place,
      found: `modality ${modality}`,
      expected: `one of ${known.join(', ')}`,
      mend: 'Use a modality the model was made with.',
    });
  });
  return { segments, wants };
}

/** Callers without a type checker get a sentence too. */
function checkItems(items: unknown): void {
  const isItem = (item: unknown) =>
    typeof item === 'string' ||
    (typeof item === 'object' && item !== null && ('want' in item || ('modality' in item && 'value' in item)));
  const wrong = Array.isArray(items) ? items.findIndex((item) => !isItem(item)) : -1;
  if (Array.isArray(items) && wrong < 0) return;
  throw new TransfuseError({
    code: 'generation.invalid-option',
    place: Array.isArray(items) ? `prompt[${wrong}]` : 'prompt',
    found: Array.isArray(items) ? describe(items[wrong]) : describe(items),
    expected: Array.isArray(items) ? 'a text, { modality, value } or { want }' : 'a text or a list of prompt items',
    mend: 'Write, for example, ["a red heart", { want: "image" }].',
  });
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? `an object with ${Object.keys(value).join(', ') || 'nothing'}`
    : String(value);
}
