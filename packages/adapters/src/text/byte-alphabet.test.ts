import { expect, it } from 'vitest';
import { bytesOfToken, characterOfByte, sortedAlphabet } from './byte-alphabet.ts';

it('gives every byte a character of its own that is neither white space nor a control character', () => {
  expect(new Set(characterOfByte).size).toBe(256);
  for (const character of characterOfByte) expect(character).toMatch(/^[^\s\p{C}]$/u);
});

it('writes printable bytes as themselves and moves the others up in order', () => {
  expect(characterOfByte[0x41]).toBe('A');
  expect(characterOfByte[0xe9]).toBe('é');
  expect(characterOfByte[0x00]).toBe('\u0100');
  expect(characterOfByte[0x20]).toBe('Ġ'); // the 33rd byte that is not printable: U+0120
  expect(characterOfByte[0x0a]).toBe('Ċ');
  expect(characterOfByte[0xad]).toBe('\u0143'); // the soft hyphen is the last one
});

it('numbers the alphabet by code point, printable characters first', () => {
  expect(sortedAlphabet[0]).toBe('!');
  expect(sortedAlphabet[188]).toBe('\u0100'); // 94 + 12 + 82 printable bytes come before
  expect(sortedAlphabet[255]).toBe('\u0143');
});

it('reads a token back to its bytes', () => {
  expect(bytesOfToken('Ġhé')).toEqual(Uint8Array.of(0x20, 0x68, 0xe9));
  expect(bytesOfToken('')).toEqual(new Uint8Array(0));
});

it('knows no bytes for characters outside the alphabet', () => {
  expect(bytesOfToken('a b')).toBeUndefined();
  expect(bytesOfToken('😀')).toBeUndefined();
});
