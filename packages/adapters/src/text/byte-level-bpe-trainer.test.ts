import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortedAlphabet } from './byte-alphabet.ts';
import { type ByteLevelBpeFile, trainByteLevelBpe } from './byte-level-bpe-trainer.ts';
import { huggingFaceText } from './hugging-face-text.ts';

const shakespeare = new URL('../../../../../shared/data/text/tinyshakespeare.txt', import.meta.url);
const hasShakespeare = existsSync(shakespeare);
if (!hasShakespeare) console.log('Skipped: training on tinyshakespeare.txt, for want of ../shared/data.');

/** Only letters a to c and spaces, so that words are easy to cut and ties, runs and re-joined tokens are frequent. */
const plainText = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 60 });

describe('what is learned', () => {
  it('is the most frequent pair first, as counted by hand', async () => {
    // "low" x 2, " lower" x 1: pairs lo 3, ow 3, Ġl 1, we 1, er 1. In id order "lo" comes before "ow".
    const { model } = await trainByteLevelBpe(['low', 'low lower'], { vocabularySize: 300, minimumFrequency: 3 });
    expect(model.merges).toEqual(['l o', 'lo w']);
    expect(model.vocab['lo']).toBe(256);
    expect(model.vocab['low']).toBe(257);
  });

  it('equals a trainer that recounts everything for each token', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(plainText, { maxLength: 4 }), fc.constantFrom(1, 2, 3), async (texts, minimum) => {
        const options = { vocabularySize: 275, minimumFrequency: minimum };
        const { model } = await trainByteLevelBpe(texts, options);
        const naive = trainNaively(texts, options);
        expect(model.merges).toEqual(naive.merges);
        expect(byId(model.vocab)).toEqual(naive.tokens);
      }),
      { numRuns: 200 },
    );
  });

  it('stops when no pair occurs often enough', async () => {
    const { model } = await trainByteLevelBpe(['abc'], { vocabularySize: 1000 });
    expect(byId(model.vocab)).toEqual(sortedAlphabet);
  });

  it('never joins across words', async () => {
    const { model } = await trainByteLevelBpe(['ab! '.repeat(50)], { vocabularySize: 300 });
    expect(Object.keys(model.vocab).filter((token) => token.includes('b!') || token.includes('!Ġ'))).toEqual([]);
  });

  it('holds tokens named like an object’s inner properties', async () => {
    const text = 'constructor valueOf\nconstructor\nvalueOf\nconstructor\nvalueOf';
    const file = await trainByteLevelBpe([text], { vocabularySize: 300 });
    const stored = JSON.parse(JSON.stringify(file)) as ByteLevelBpeFile;
    const adapter = huggingFaceText({ tokenizer: stored });
    expect(adapter.decode(adapter.encode(text))).toBe(text);
    expect([...adapter.encode('constructor')]).toEqual([stored.model.vocab['constructor']]);
    expect([...adapter.encode('valueOf')]).toEqual([stored.model.vocab['valueOf']]);
  });
});

describe('the file', () => {
  it('is a byte-level BPE tokenizer in every field that decides on ids', async () => {
    const file = await trainByteLevelBpe(['aa aa'], { vocabularySize: 257 });
    expect(file).toMatchObject({
      version: '1.0',
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
      post_processor: null,
      decoder: { type: 'ByteLevel' },
      model: {
        type: 'BPE',
        unk_token: null,
        byte_fallback: false,
        ignore_merges: false,
        merges: ['a a'],
      },
    });
  });

  it('is encoded by the library with the ids that the merges prescribe', async () => {
    const file = await trainByteLevelBpe(['abcabc abab cacaca bcbc aabbcc '.repeat(3)], { vocabularySize: 280 });
    const adapter = huggingFaceText({ tokenizer: file });
    fc.assert(
      fc.property(plainText, (text) => {
        const expected = cut(text).flatMap((word) => encodeNaively(word, file));
        expect([...adapter.encode(text)]).toEqual(expected);
      }),
    );
  });

  it('writes every well-formed text and reads it back, whatever it was trained on', async () => {
    const adapter = huggingFaceText({
      tokenizer: await trainByteLevelBpe(['naïve 😀😀 日本日本'], { vocabularySize: 270 }),
    });
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(adapter.decode(adapter.encode(text))).toBe(text);
      }),
      { numRuns: 1000, examples: [['\uFEFFmark \uFEFF'], ['\0\r\n\u0085 \u2028'], [' don’t  we’ll\n\n ']] },
    );
  });
});

describe('how it runs', () => {
  it('gives the same file for the same texts, each read once', async () => {
    let reads = 0;
    function* texts(): Iterable<string> {
      reads++;
      yield* ['to be or not', 'to be that is', 'the question'];
    }
    const first = await trainByteLevelBpe(texts(), { vocabularySize: 300 });
    const second = await trainByteLevelBpe(texts(), { vocabularySize: 300 });
    expect(JSON.stringify(first)).toBe(JSON.stringify(second));
    expect(reads).toBe(2);
  });

  it('reports the end with the number of tokens there are', async () => {
    const reports: { done: number; total: number }[] = [];
    await trainByteLevelBpe(['ababab'], { vocabularySize: 300, progress: (report) => reports.push(report) });
    expect(reports.at(0)).toMatchObject({ done: 256, total: 300 });
    expect(reports.at(-1)).toMatchObject({ done: 258, total: 258 }); // "ab" and "abab", which occurs twice by overlap
  });

  it('stops at an aborted signal', async () => {
    const controller = new AbortController();
    function* texts(): Iterable<string> {
      yield 'aa';
      controller.abort(new Error('enough'));
      yield 'bb';
    }
    const training = trainByteLevelBpe(texts(), { vocabularySize: 300, signal: controller.signal });
    await expect(training).rejects.toMatchObject({ code: 'training.aborted', cause: new Error('enough') });
  });

  it.each([{ vocabularySize: 256 }, { vocabularySize: 300.5 }, { vocabularySize: 300, minimumFrequency: 0 }])(
    'refuses %o',
    async (options) => {
      await expect(trainByteLevelBpe(['a'], options)).rejects.toMatchObject({ code: 'config.invalid' });
    },
  );
});

describe.skipIf(!hasShakespeare)('a megabyte of Shakespeare', () => {
  it('gives 2,048 tokens in seconds, and text that returns from them in far fewer tokens than bytes', async () => {
    const text = readFileSync(shakespeare, 'utf8');
    const started = performance.now();
    const tokenizer = await trainByteLevelBpe([text], { vocabularySize: 2048 });
    expect(performance.now() - started).toBeLessThan(10_000);
    const adapter = huggingFaceText({ tokenizer });
    expect(adapter.vocabularySize).toBe(2048);
    const part = text.slice(0, 200_000);
    const ids = adapter.encode(part);
    expect(adapter.decode(ids)).toBe(part);
    expect(ids.length).toBeLessThan(part.length / 2.5);
  });
});

/** Tokens in the order of their ids. */
function byId(vocabulary: Readonly<Record<string, number>>): string[] {
  const entries = Object.entries(vocabulary).toSorted((a, b) => a[1] - b[1]);
  entries.forEach(([, id], index) => expect(id).toBe(index));
  return entries.map(([token]) => token);
}

/** The pattern of the byte-level pre-tokenizer for text of letters and spaces: words take one space before them. */
function cut(text: string): string[] {
  const words = text.match(/ ?[a-c]+|\s+(?!\S)|\s+/g) ?? [];
  return words.map((word) => word.replaceAll(' ', 'Ġ'));
}

function trainNaively(texts: readonly string[], options: { vocabularySize: number; minimumFrequency: number }) {
  const tokens = [...sortedAlphabet];
  const merges: string[] = [];
  let words = texts.flatMap(cut).map((word) => Array.from(word, (character) => tokens.indexOf(character)));
  while (tokens.length < options.vocabularySize) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let index = 1; index < word.length; index++) {
        const pair = `${word[index - 1]} ${word[index]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const ranked = [...counts].map(([pair, count]) => {
      const [left, right] = pair.split(' ').map(Number) as [number, number];
      return { left, right, count };
    });
    ranked.sort((a, b) => b.count - a.count || a.left - b.left || a.right - b.right);
    const best = ranked[0];
    if (!best || best.count < options.minimumFrequency) break;
    const joined = tokens[best.left]! + tokens[best.right]!;
    if (!tokens.includes(joined)) tokens.push(joined);
    const merge = `${tokens[best.left]} ${tokens[best.right]}`;
    if (!merges.includes(merge)) merges.push(merge);
    const id = tokens.indexOf(joined);
    words = words.map((word) => joinPair(word, (left, right) => left === best.left && right === best.right, id));
  }
  return { tokens, merges };
}

function joinPair<Item>(word: readonly Item[], matches: (left: Item, right: Item) => boolean, joined: Item): Item[] {
  const result: Item[] = [];
  for (let index = 0; index < word.length; index++) {
    const right = word[index + 1];
    if (right !== undefined && matches(word[index]!, right)) {
      result.push(joined);
      index++;
    } else result.push(word[index]!);
  }
  return result;
}

/** Joins the pair that was learned first, everywhere, until no pair is known. */
function encodeNaively(word: string, { model }: ByteLevelBpeFile): number[] {
  let parts = [...word];
  for (;;) {
    const ranks = parts.slice(1).map((right, index) => model.merges.indexOf(`${parts[index]} ${right}`));
    const known = ranks.filter((rank) => rank >= 0);
    if (known.length === 0) return parts.map((part) => model.vocab[part]!);
    const [first, second] = model.merges[Math.min(...known)]!.split(' ') as [string, string];
    parts = joinPair(parts, (left, right) => left === first && right === second, first + second);
  }
}
