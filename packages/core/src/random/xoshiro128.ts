/**
 * The bit generator under every random number of Transfuse: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear
 * pseudorandom number generators", ACM TOMS 2021). Its state is four 32-bit words, its period 2^128 - 1. The words are
 * filled by SplitMix64 (Steele, Lea and Flood 2014), as Vigna advises, from a 64-bit seed; texts become 64-bit seeds by
 * FNV-1a over their UTF-8 bytes. It knows nothing of distributions.
 */

/** Four unsigned 32-bit words, not all zero. */
export type Xoshiro128State = Uint32Array;

const mask64 = (1n << 64n) - 1n;

/** Advances the state and returns the next 32 random bits, as an integer from 0 to 2^32 - 1. */
export function nextWord(state: Xoshiro128State): number {
  const first = state[0]!;
  const second = state[1]!;
  const result = Math.imul(rotateLeft(Math.imul(second, 5), 7), 9) >>> 0;
  const mixedThird = state[2]! ^ first;
  const mixedFourth = state[3]! ^ second;
  state[0] = first ^ mixedFourth;
  state[1] = second ^ mixedThird;
  state[2] = mixedThird ^ (second << 9);
  state[3] = rotateLeft(mixedFourth, 11);
  return result;
}

/** Fills a state from a 64-bit seed: two SplitMix64 outputs, each split into a low and then a high word. */
export function stateFromSeed(seed: bigint): Xoshiro128State {
  const state = new Uint32Array(4);
  let counter = seed & mask64;
  for (let word = 0; word < 4; word += 2) {
    counter = (counter + 0x9e3779b97f4a7c15n) & mask64;
    let mixed = counter;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & mask64;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & mask64;
    mixed ^= mixed >> 31n;
    state[word] = Number(mixed & 0xffffffffn);
    state[word + 1] = Number(mixed >> 32n);
  }
  return state; // never all zero: SplitMix64 is a bijection, so it cannot yield 0 twice in a row
}

/** The 64-bit FNV-1a hash of a text's UTF-8 bytes, after any bytes that go before it. */
export function hashText(text: string, before: Uint8Array = new Uint8Array(0)): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const bytes of [before, new TextEncoder().encode(text)]) {
    for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & mask64;
  }
  return hash;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
