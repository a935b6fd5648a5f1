/**
 * What a caller asks for: known segments first, then, optionally, what is wanted next. A text alone is a text segment.
 */
import type { Segment } from '../contracts/segment.ts';
import { TransfuseError } from '../errors/index.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import type { DenoisingState } from './denoising-state.ts';
import type { EditMask } from './edit-mask.ts';

/** Asks for a segment of a modality; all but `want` is for continuous ones. */
export interface Want {
  readonly want: string;
  /**
   * How large it shall be, in the modality's own words: `{ width, height }`, `{ seconds }`. Default: the size of `from`;
   * else that of `resume`; else what the model writes, where it decides shapes; else the adapter's default.
   */
  readonly size?: Readonly<Record<string, number>>;
  /** Begins from this value instead of from noise alone: image to image. */
  readonly from?: unknown;
  /** How far back towards noise `from` is taken: above 0, 1 is all the way. Default 0.6, with a mask 1. */
  readonly strength?: number;
  /** Which part of `from` is made anew; the rest stays. */
  readonly mask?: EditMask;
  /** Turns the noise it begins with towards that of another seed: `amount` 0 is none, 1 is wholly the other. */
  readonly variation?: { readonly seed: number; readonly amount: number };
  /** Goes on from a state that a `step` event saved. */
  readonly resume?: DenoisingState;
}

/** One item of a prompt. */
export type PromptItem = string | Segment | Want;

/** A prompt taken apart. */
export interface ParsedPrompt {
  readonly segments: readonly Segment[];
  /** What is wanted, in order; empty means: go on freely until the end of the document. */
  readonly wants: readonly Want[];
}

/** Checks a prompt against a model; throws `generation.invalid-option` or `sequence.invalid`. */
export function parsePrompt(prompt: string | readonly PromptItem[], model: TransfusionModel): ParsedPrompt {
  const items = typeof prompt === 'string' ? [prompt] : prompt;
  checkItems(items);
  const segments: Segment[] = [];
  const wants: Want[] = [];
  const known = [...Object.keys(model.discrete), ...Object.keys(model.continuous)];
  items.forEach((item, index) => {
    const place = `prompt[${index}]`;
    if (typeof item === 'string') segments.push({ modality: 'text', value: item });
    else if ('want' in item) wants.push(checkWant(item, model, place));
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

const wantFields = [
  'want',
  'size',
  'from',
  'strength',
  'mask',
  'variation',
  'resume',
] as const satisfies readonly (keyof Want)[];

/** What a want adds must be known, belong together, and be of a continuous modality. */
function checkWant(want: Want, model: TransfusionModel, place: string): Want {
  const { size, from, strength, mask, variation, resume } = want;
  const given = Object.keys(want).filter((name) => name !== 'want');
  const quoted = JSON.stringify(want.want);
  const stranger = given.find((name) => !(wantFields as readonly string[]).includes(name));
  if (stranger !== undefined) throw invalidWant(`${place}.${stranger}`, 'an unknown field', wantFields.join(', '));
  if (given.length > 0 && want.want in model.discrete) {
    throw invalidWant(place, `${given.join(', ')} with ${want.want}`, 'these fields with a continuous modality only');
  }
  if (from === undefined && (strength !== undefined || mask !== undefined)) {
    throw invalidWant(place, `${mask === undefined ? 'strength' : 'mask'} without from`, 'a value to begin from');
  }
  if (strength !== undefined && !(typeof strength === 'number' && strength > 0 && strength <= 1)) {
    throw invalidWant(`${place}.strength`, String(strength), 'a number above 0 and up to 1');
  }
  const nothing = given.find((name) => want[name as keyof Want] === null);
  if (nothing !== undefined) {
    const example = nothing === 'size' ? `{ want: ${quoted}, size: { ... } }` : `{ want: ${quoted} }`;
    throw invalidWant(`${place}.${nothing}`, 'null', 'a value, or the field left out', example);
  }
  const isSize = (value: object) => Object.values(value).every((one) => typeof one === 'number' && one > 0);
  if (size !== undefined && !(typeof size === 'object' && isSize(size))) {
    const expected = `an object of positive numbers, in the words of ${want.want}`;
    throw invalidWant(`${place}.size`, JSON.stringify(size), expected, `{ want: ${quoted}, size: { ... } }`);
  }
  const isVariation = ({ seed, amount }: NonNullable<Want['variation']>) =>
    Number.isFinite(seed) && typeof amount === 'number' && amount >= 0 && amount <= 1;
  if (variation !== undefined && !isVariation(variation)) {
    throw invalidWant(`${place}.variation`, JSON.stringify(variation), '{ seed, amount } with an amount from 0 to 1');
  }
  const isState = ({ sampler, latentShape }: DenoisingState) =>
    sampler?.latent instanceof Float32Array && Array.isArray(latentShape);
  if (resume !== undefined && !isState(resume)) {
    throw invalidWant(
      `${place}.resume`,
      'something else',
      'the state of a step event, or what denoisingFromFiles read',
    );
  }
  if (resume !== undefined && variation !== undefined) {
    throw invalidWant(place, 'resume and variation together', 'one of them: a stored state has its noise');
  }
  return want;
}

function invalidWant(
  place: string,
  found: string,
  expected: string,
  example = '{ want: "image", from: picture, strength: 0.5 }',
): TransfuseError {
  return new TransfuseError({
    code: 'generation.invalid-option',
    place,
    found,
    expected,
    mend: `Write, for example, ${example}.`,
  });
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
