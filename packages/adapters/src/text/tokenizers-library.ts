/*
 * The seam to the library @huggingface/tokenizers. Its own declarations import files without extensions, which Node's
 * module resolution does not follow, so its classes arrive untyped; the few parts used here are declared instead.
 */
import * as library from '@huggingface/tokenizers';

/** A tokenizer of the library, as far as it is used here. */
export interface LibraryTokenizer {
  readonly model: { readonly unk_token?: string | null; readonly unk_token_id?: number | null } | null;
  /** Ids are null or undefined for symbols without a token. */
  encode(
    text: string,
    options: { readonly add_special_tokens: boolean },
  ): { readonly ids: readonly (number | null | undefined)[] };
  /** Fails on an empty array. */
  decode(ids: readonly number[], options: { readonly clean_up_tokenization_spaces: boolean }): string;
}

interface Library {
  readonly Tokenizer: new (file: object, config: object) => LibraryTokenizer;
  readonly ByteLevelPreTokenizer: new (config: object) => { readonly pattern: RegExp };
}

const { Tokenizer, ByteLevelPreTokenizer } = library as unknown as Library;

/** Opens a tokenizer file; throws whatever the library throws. */
export function openTokenizer(file: object, config: object): LibraryTokenizer {
  return new Tokenizer(file, config);
}

/** The pattern by which the byte-level pre-tokenizer cuts text into words (Radford et al. 2019), with flags `gu`. */
export function byteLevelPattern(): RegExp {
  return new ByteLevelPreTokenizer({ type: 'ByteLevel', add_prefix_space: false, use_regex: true }).pattern;
}
