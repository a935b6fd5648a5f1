/*
 * The byte-level alphabet: one printable character for each of the 256 bytes, so that a tokenizer over bytes can be
 * stored as text. Bytes that are printable Latin-1 characters stand for themselves; the others, in ascending order, take
 * the characters from U+0100 on (the space becomes `Ġ`). Source: the GPT-2 encoder, Radford et al. 2019, section 2.2.
 */

const isPrintable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);

/** The character of each byte, indexed by the byte. */
export const characterOfByte: readonly string[] = assignCharacters();

const byteOfCharacter: ReadonlyMap<string, number> = new Map(
  characterOfByte.map((character, byte) => [character, byte]),
);

/** The 256 characters in code point order, which is the order in which tokenizers number them. */
export const sortedAlphabet: readonly string[] = characterOfByte.toSorted((a, b) => a.charCodeAt(0) - b.charCodeAt(0));

/**
 * The bytes that a byte-level token stands for.
 *
 * @returns the bytes, or undefined where a character is outside the alphabet
 */
export function bytesOfToken(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let index = 0; index < token.length; index++) {
    const byte = byteOfCharacter.get(token.charAt(index));
    if (byte === undefined) return undefined;
    bytes[index] = byte;
  }
  return bytes;
}

function assignCharacters(): string[] {
  const characters: string[] = [];
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) characters.push(String.fromCharCode(isPrintable(byte) ? byte : next++));
  return characters;
}
