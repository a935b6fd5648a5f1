/*
 * Incremental decoding for tokenizers that are not byte-level (Metaspace, WordPiece, byte fallback and so on): decode all
 * ids so far, show what is new. That is only right while the decoded text of a prefix is a prefix of the decoded text, so
 * whatever a later token may still change is held back: trailing U+FFFD (an unfinished character), a started end-of-word
 * mark, and everything where the file's decoder rewrites text across tokens. Each push decodes the whole stream again.
 */
import type { IncrementalDecoder } from '@transfuse/core/contracts';

/** How a {@link PrefixDecoder} decides what is settled. */
export interface PrefixDecoderOptions {
  /** Whether decoded text only ever grows, see {@link growsMonotonically}; if not, everything waits for `flush`. */
  readonly monotonic: boolean;
  /** A mark that is replaced in the decoded text wherever it appears, or '' for none. */
  readonly endOfWord: string;
}

/** Decodes one id after the other; after {@link PrefixDecoder.flush} it starts over. */
export class PrefixDecoder implements IncrementalDecoder<string> {
  readonly #decode: (ids: readonly number[]) => string;
  readonly #options: PrefixDecoderOptions;
  #ids: number[] = [];
  #shown = 0;

  constructor(decode: (ids: readonly number[]) => string, options: PrefixDecoderOptions) {
    this.#decode = decode;
    this.#options = options;
  }

  push(id: number): string {
    this.#ids.push(id);
    if (!this.#options.monotonic) return '';
    const text = this.#decode(this.#ids);
    const from = this.#shown;
    this.#shown = Math.max(from, settledLength(text, this.#options.endOfWord));
    return text.slice(from, this.#shown);
  }

  flush(): string {
    const rest = this.#decode(this.#ids).slice(this.#shown);
    this.#ids = [];
    this.#shown = 0;
    return rest;
  }
}

/** How much of the text no later token can change. */
function settledLength(text: string, endOfWord: string): number {
  let length = text.length;
  while (length > 0 && text[length - 1] === '\uFFFD') length--;
  for (let started = Math.min(endOfWord.length - 1, length); started > 0; started--) {
    if (text.slice(length - started, length) === endOfWord.slice(0, started)) return length - started;
  }
  return length;
}

/**
 * Whether a `decoder` entry of a tokenizer file yields text that only grows at its end (apart from trailing U+FFFD) as
 * tokens are appended. Steps that work on one token at a time do; a replacement after tokens were joined may not.
 */
export function growsMonotonically(decoder: unknown): boolean {
  let joined = false;
  for (const step of flatten(decoder)) {
    switch (step['type']) {
      case 'Metaspace':
        break;
      case 'WordPiece':
      case 'Replace':
        if (joined) return false;
        break;
      case 'BPEDecoder':
        if (joined || !step['suffix']) return false;
        break;
      case 'Strip':
        if (joined && step['stop'] !== 0) return false;
        break;
      case 'ByteLevel':
      case 'ByteFallback':
      case 'Fuse':
        joined = true;
        break;
      default:
        return false;
    }
  }
  return true;
}

/** The steps of a decoder entry, sequences unfolded. */
function flatten(decoder: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof decoder !== 'object' || decoder === null) return [];
  const step = decoder as Readonly<Record<string, unknown>>;
  return step['type'] === 'Sequence' && Array.isArray(step['decoders']) ? step['decoders'].flatMap(flatten) : [step];
}
