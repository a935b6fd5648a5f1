/*
 * Learns a byte-level byte-pair vocabulary (Sennrich et al. 2016; over bytes: Radford et al. 2019, section 2.2) and writes
 * it as a Hugging Face `tokenizer.json`. Text is cut into words by the pattern that the encoder uses, words into bytes, and
 * the most frequent pair of neighbours becomes a new token until the vocabulary is full. Of equally frequent pairs the one
 * with the lower left id, then the lower right id, is merged first, as the Hugging Face trainer does.
 */
import { type Progress, TransfuseError } from '@transfuse/core/contracts';
import { characterOfByte, sortedAlphabet } from './byte-alphabet.ts';
import { PairCorpus } from './pair-corpus.ts';
import { PairQueue } from './pair-queue.ts';
import type { TokenizerFile } from './tokenizer-file.ts';
import { byteLevelPattern } from './tokenizers-library.ts';

/** How {@link trainByteLevelBpe} learns. */
export interface ByteLevelBpeOptions {
  /** How many tokens to end with, the 256 bytes included; at least 257. Fewer are learned where the texts have no more pairs. */
  readonly vocabularySize: number;
  /** A pair must occur at least this often to become a token; at least 1. Default: 2. */
  readonly minimumFrequency?: number;
  /** Told of each token learned, at most about 20 times a second, and of the end. */
  readonly progress?: Progress;
  /** Stops the training with `training.aborted`. */
  readonly signal?: AbortSignal;
}

/** The `tokenizer.json` of a byte-level BPE tokenizer. */
export interface ByteLevelBpeFile extends TokenizerFile {
  readonly model: {
    readonly type: 'BPE';
    /** Id by token, tokens written in the byte-level alphabet. */
    readonly vocab: Readonly<Record<string, number>>;
    /** In the order in which they apply: two tokens with a space between. */
    readonly merges: readonly string[];
    readonly [field: string]: unknown;
  };
}

/**
 * Learns a byte-level BPE tokenizer from texts. The same texts in the same order give the same file; any well-formed text
 * can be encoded with it. It lets other work run every 50 milliseconds.
 *
 * @throws TransfuseError `config.invalid` for options out of range, `training.aborted` when the signal says so
 *
 * @example
 * ```ts
 * import { trainByteLevelBpe } from '@transfuse/adapters/text';
 * const { model } = await trainByteLevelBpe(['abab abab'], { vocabularySize: 300 });
 * console.assert(model.merges[0] === 'a b' && model.merges[1] === 'ab ab');
 * ```
 */
export async function trainByteLevelBpe(
  texts: Iterable<string>,
  options: ByteLevelBpeOptions,
): Promise<ByteLevelBpeFile> {
  const { vocabularySize, minimumFrequency = 2, progress } = options;
  checkInteger('vocabularySize', vocabularySize, 257);
  checkInteger('minimumFrequency', minimumFrequency, 1);
  const report = (done: number, total = vocabularySize): void =>
    progress?.({ task: 'learning the vocabulary', done, total });
  const breathe = breather(options.signal);

  const tokens = [...sortedAlphabet];
  const idOfToken = new Map(tokens.map((token, id) => [token, id]));
  report(tokens.length);
  const corpus = buildCorpus(await countWords(texts, breathe), idOfToken);

  const queue = new PairQueue();
  const enqueue = (left: number, right: number): void => {
    const count = corpus.count(left, right);
    if (count >= minimumFrequency) queue.push({ count, left, right });
  };
  for (const [left, right] of corpus.pairs()) enqueue(left, right);

  const merges = new Set<string>();
  while (tokens.length < vocabularySize) {
    const pair = queue.pop();
    if (pair === undefined) break;
    const { left, right, count } = pair;
    if (count !== corpus.count(left, right)) {
      enqueue(left, right); // the count has changed since this entry was made
      continue;
    }
    const text = tokens[left]! + tokens[right]!;
    let id = idOfToken.get(text); // already there if the same text was joined from other parts
    if (id === undefined) {
      id = tokens.push(text) - 1;
      idOfToken.set(text, id);
    }
    merges.add(`${tokens[left]} ${tokens[right]}`);
    for (const [grownLeft, grownRight] of corpus.merge(left, right, id)) enqueue(grownLeft, grownRight);
    if (await breathe()) report(tokens.length);
  }
  report(tokens.length, tokens.length);
  return writeFile(idOfToken, merges);
}

/** How often each word occurs, in order of first appearance; a word is what the encoder's pattern cuts off. */
async function countWords(texts: Iterable<string>, breathe: () => Promise<boolean>): Promise<Map<string, number>> {
  const pattern = byteLevelPattern();
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of text.matchAll(pattern)) counts.set(word, (counts.get(word) ?? 0) + 1);
    await breathe();
  }
  return counts;
}

function buildCorpus(words: ReadonlyMap<string, number>, idOfToken: ReadonlyMap<string, number>): PairCorpus {
  const encoder = new TextEncoder();
  const idOfByte = characterOfByte.map((character) => idOfToken.get(character)!);
  const corpus = new PairCorpus();
  for (const [word, count] of words)
    corpus.add(
      Int32Array.from(encoder.encode(word), (byte) => idOfByte[byte]!),
      count,
    );
  return corpus;
}

function writeFile(idOfToken: ReadonlyMap<string, number>, merges: Iterable<string>): ByteLevelBpeFile {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: { ...byteLevel },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(idOfToken),
      merges: [...merges],
    },
  };
}

/** Lets other work run when 50 ms have passed since it last did, and says whether it did. */
function breather(signal: AbortSignal | undefined): () => Promise<boolean> {
  let last = performance.now();
  return async () => {
    if (signal?.aborted) throw aborted(signal);
    if (performance.now() - last < 50) return false;
    await new Promise((resolve) => setTimeout(resolve, 0));
    last = performance.now();
    return true;
  };
}

function aborted(signal: AbortSignal): TransfuseError {
  return new TransfuseError({
    code: 'training.aborted',
    place: 'tokenizer training',
    found: 'an aborted signal',
    expected: 'to run to the end',
    mend: 'Start it again to get a tokenizer; nothing was written.',
    cause: signal.reason,
  });
}

function checkInteger(field: string, value: number, minimum: number): void {
  if (Number.isInteger(value) && value >= minimum) return;
  throw new TransfuseError({
    code: 'config.invalid',
    place: field,
    found: String(value),
    expected: `an integer of at least ${minimum}`,
    mend: 'Correct the number.',
  });
}
