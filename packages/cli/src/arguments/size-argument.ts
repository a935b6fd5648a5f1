// Sizes on the command line, in the words that modalities know: `48x32` is a picture's width and height in pixels,
// `1.5s` a sound's seconds, `8x32x32` a clip's frames, width and height; a JSON object of numbers says anything else.
import { InvalidArgumentError } from 'commander';

/** A size by the words of its modality, for example `{ width: 48, height: 32 }`. */
export type SizeArgument = Readonly<Record<string, number>>;

const words: Readonly<Record<number, readonly string[]>> = {
  2: ['width', 'height'],
  3: ['frames', 'width', 'height'],
};

/** Reads a size; every number is above 0. */
export function parseSize(text: string): SizeArgument {
  const written = text.trim();
  const size = written.startsWith('{') ? parseObject(written) : (parseSeconds(written) ?? parseSides(written));
  if (size !== undefined && isSize(size)) return size;
  throw new InvalidArgumentError(
    'Write 48x32 (width and height of a picture), 1.5s (of a sound), 8x32x32 (frames, width and height of a clip), or, for any other modality, a JSON object of positive numbers in its own words, for example {"points":512}.',
  );
}

function parseSeconds(text: string): SizeArgument | undefined {
  const match = /^(\d+(?:\.\d*)?|\.\d+)\s*s$/iu.exec(text);
  return match === null ? undefined : { seconds: Number(match[1]) };
}

function parseSides(text: string): SizeArgument | undefined {
  const sides = text.split(/\s*[x×]\s*/iu);
  const names = words[sides.length];
  if (names === undefined || !sides.every((side) => /^\d+$/u.test(side))) return undefined;
  return Object.fromEntries(names.map((name, index) => [name, Number(sides[index])]));
}

function parseObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidArgumentError(`This is not JSON: ${cause instanceof Error ? cause.message : String(cause)}.`);
  }
}

function isSize(value: unknown): value is SizeArgument {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const numbers: readonly unknown[] = Object.values(value);
  return numbers.length > 0 && numbers.every((one) => typeof one === 'number' && Number.isFinite(one) && one > 0);
}
