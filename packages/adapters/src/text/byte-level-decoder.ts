/*
 * Token ids of a byte-level tokenizer to text. Each token stands for some bytes, and one character may be spread over
 * several tokens, so the bytes run through one streaming UTF-8 decoder that holds back what is unfinished. Bytes that can
 * never become a character turn into U+FFFD, by the Encoding Standard's rules (WHATWG, section 8.1, UTF-8 decoder).
 */
import type { IncrementalDecoder } from '@transfuse/core/contracts';
import { bytesOfToken } from './byte-alphabet.ts';
import type { ReadTokenizer } from './tokenizer-file.ts';

/** What one id contributes: bytes of the running text, or the content of an added token, which stands alone. */
export type TokenPiece =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'content'; readonly content: string };

/** The pieces of a byte-level vocabulary, worked out when they are first asked for. */
export class TokenPieces {
  readonly #tokenizer: ReadTokenizer;
  readonly #pieces: (TokenPiece | undefined)[] = [];

  constructor(tokenizer: ReadTokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** The piece of an id; a gap in the vocabulary contributes no bytes. */
  of(id: number): TokenPiece {
    return (this.#pieces[id] ??= this.#work(id));
  }

  #work(id: number): TokenPiece {
    const token = this.#tokenizer.tokens[id] ?? '';
    if (this.#tokenizer.addedIds.has(id)) return { kind: 'content', content: token };
    // A token with a character outside the alphabet is taken literally.
    return { kind: 'bytes', bytes: bytesOfToken(token) ?? new TextEncoder().encode(token) };
  }
}

/** Decodes one id after the other; after {@link ByteLevelDecoder.flush} it starts over. */
export class ByteLevelDecoder implements IncrementalDecoder<string> {
  readonly #pieces: TokenPieces;
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(pieces: TokenPieces) {
    this.#pieces = pieces;
  }

  push(id: number): string {
    const piece = this.#pieces.of(id);
    if (piece.kind === 'content') return this.flush() + piece.content;
    return this.#utf8.decode(piece.bytes, { stream: true });
  }

  flush(): string {
    return this.#utf8.decode();
  }
}
