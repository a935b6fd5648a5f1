/*
 * The text modality over a Hugging Face `tokenizer.json`. Encoding is done by the library @huggingface/tokenizers;
 * decoding of byte-level tokenizers is done here, so that a stream of ids and a list of ids give the same text, to the byte.
 */
import { type DiscreteAdapter, type IncrementalDecoder, TransfuseError } from '@transfuse/core/contracts';
import { ByteLevelDecoder, TokenPieces } from './byte-level-decoder.ts';
import { growsMonotonically, PrefixDecoder } from './prefix-decoder.ts';
import { invalid, type ReadTokenizer, readTokenizerFile, type TokenizerFile } from './tokenizer-file.ts';
import { type LibraryTokenizer, openTokenizer } from './tokenizers-library.ts';

/** What {@link huggingFaceText} is made from. */
export interface HuggingFaceTextConfig {
  /** A `tokenizer.json`: parsed, or its bytes. It is kept, not copied: leave it unchanged. */
  readonly tokenizer: TokenizerFile | Uint8Array;
  /** How error messages name the file. Default: `tokenizer.json`. */
  readonly place?: string;
}

/** Takes the place of an unknown token where a file defines none, so that the encoder cannot drop text silently. */
const missingMark = '\0missing\0';

/**
 * A text adapter over a Hugging Face tokenizer. It adds no special tokens when encoding and leaves none out when decoding;
 * a special token's content inside the text is encoded as that token. For byte-level tokenizers without a normalizer,
 * `decode(encode(text))` is `text`. Ids that no token has (gaps in the vocabulary) decode to nothing.
 *
 * `encode` throws `tokenizer.unknown-text` for a text with characters that the vocabulary cannot write and for lone
 * surrogates; `decode` and the incremental decoder throw `tokenizer.mismatch` for ids outside 0 … `vocabularySize` - 1.
 *
 * @throws TransfuseError `tokenizer.invalid` where the file is malformed or of a kind that the library does not know
 *
 * @example
 * ```ts
 * import { huggingFaceText, trainByteLevelBpe } from '@transfuse/adapters/text';
 * const tokenizer = await trainByteLevelBpe(['low lower lowest'], { vocabularySize: 260 });
 * const adapter = huggingFaceText({ tokenizer });
 * console.assert(adapter.decode(adapter.encode('slow 🐌')) === 'slow 🐌');
 * ```
 */
export function huggingFaceText(config: HuggingFaceTextConfig): DiscreteAdapter<string> {
  return new HuggingFaceText(config);
}

class HuggingFaceText implements DiscreteAdapter<string> {
  readonly kind = 'discrete';
  readonly modality = 'text';
  readonly vocabularySize: number;
  readonly #source: TokenizerFile | Uint8Array;
  readonly #read: ReadTokenizer;
  readonly #library: LibraryTokenizer;
  /** Only for byte-level tokenizers. */
  readonly #pieces: TokenPieces | undefined;

  constructor(config: HuggingFaceTextConfig) {
    const place = config.place ?? 'tokenizer.json';
    this.#source = config.tokenizer;
    this.#read = readTokenizerFile(config.tokenizer, place);
    this.#library = openLibrary(this.#read, place);
    this.vocabularySize = this.#read.tokens.length;
    this.#pieces = isByteLevel(this.#read) ? new TokenPieces(this.#read) : undefined;
  }

  encode(raw: string): Int32Array {
    if (typeof raw !== 'string') throw unknownText(String(raw), `a value of type ${typeof raw}`);
    const lone = /\p{Surrogate}/u.exec(raw);
    if (lone) throw unknownText(raw, `a lone surrogate, U+${lone[0].charCodeAt(0).toString(16).toUpperCase()}`);
    const ids = this.#encode(raw);
    if (this.#hasUnknown(raw, ids)) throw unknownText(raw, this.#firstUnknown(raw));
    return Int32Array.from(ids as number[]);
  }

  decode(ids: ArrayLike<number>): string {
    if (!this.#pieces) return this.#decodeByLibrary(Array.from(ids, (id) => this.#checked(id)));
    const decoder = new ByteLevelDecoder(this.#pieces);
    let text = '';
    for (let index = 0; index < ids.length; index++) text += decoder.push(this.#checked(ids[index]));
    return text + decoder.flush();
  }

  createIncrementalDecoder(): IncrementalDecoder<string> {
    const decoder = this.#pieces
      ? new ByteLevelDecoder(this.#pieces)
      : new PrefixDecoder((ids) => this.#decodeByLibrary(ids), {
          monotonic: growsMonotonically(this.#read.file['decoder']),
          endOfWord: endOfWordMark(this.#read),
        });
    return { push: (id) => decoder.push(this.#checked(id)), flush: () => decoder.flush() };
  }

  assets(): Readonly<Record<string, Uint8Array>> {
    const source = this.#source;
    const bytes =
      source instanceof Uint8Array ? new Uint8Array(source) : new TextEncoder().encode(JSON.stringify(source, null, 2));
    return { 'tokenizer.json': bytes };
  }

  /** Ids, with null or undefined for what has none. */
  #encode(text: string): readonly (number | null | undefined)[] {
    return this.#library.encode(text, { add_special_tokens: false }).ids;
  }

  #hasUnknown(text: string, ids: readonly (number | null | undefined)[]): boolean {
    const { unk_token_id: unknownId, unk_token: unknownToken } = this.#library.model ?? {};
    let unknowns = 0;
    for (const id of ids) {
      if (id === null || id === undefined) return true;
      if (id === unknownId) unknowns++;
    }
    // The text may spell the unknown token itself; that much of it is known.
    return unknowns > 0 && unknowns > (unknownToken ? text.split(unknownToken).length - 1 : 0);
  }

  /** Names the first part that cannot be written: a character, or a word where the vocabulary is one of words. */
  #firstUnknown(text: string): string {
    const byCharacter = this.#read.model['type'] === 'BPE' || this.#read.model['type'] === 'Unigram';
    const parts = new Set(byCharacter ? text : text.split(/\s+/));
    for (const part of parts) if (this.#hasUnknown(part, this.#encode(part))) return JSON.stringify(shorten(part));
    return 'a part';
  }

  #decodeByLibrary(ids: readonly number[]): string {
    const known = ids.filter((id) => this.#read.tokens[id] !== undefined);
    return known.length === 0 ? '' : this.#library.decode(known, { clean_up_tokenization_spaces: false });
  }

  #checked(id: number | undefined): number {
    if (id !== undefined && Number.isInteger(id) && id >= 0 && id < this.vocabularySize) return id;
    throw new TransfuseError({
      code: 'tokenizer.mismatch',
      place: 'token id',
      found: String(id),
      expected: `an integer from 0 to ${this.vocabularySize - 1}`,
      mend: 'Decode text ids only, with the tokenizer that the model was trained with.',
    });
  }
}

function openLibrary(read: ReadTokenizer, place: string): LibraryTokenizer {
  const model =
    read.model['type'] === 'BPE' ? { ...read.model, unk_token: read.model['unk_token'] ?? missingMark } : read.model;
  try {
    return openTokenizer({ ...read.file, model }, { unk_token: read.model['unk_token'] });
  } catch (cause) {
    const found =
      cause instanceof Error ? `a part that cannot be used (${cause.message})` : 'a part that cannot be used';
    throw invalid(place, found, 'a tokenizer that @huggingface/tokenizers can run', cause);
  }
}

function isByteLevel(read: ReadTokenizer): boolean {
  const decoder = read.file['decoder'] as { readonly type?: unknown } | null;
  return decoder?.type === 'ByteLevel' && endOfWordMark(read) === '';
}

function endOfWordMark(read: ReadTokenizer): string {
  const mark = read.model['end_of_word_suffix'];
  return typeof mark === 'string' ? mark : '';
}

function unknownText(text: string, found: string): TransfuseError {
  return new TransfuseError({
    code: 'tokenizer.unknown-text',
    place: `text ${JSON.stringify(shorten(text))}`,
    found,
    expected: 'text that the vocabulary can write',
    mend: 'Remove it, or use a byte-level tokenizer, which can write every well-formed text.',
  });
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
