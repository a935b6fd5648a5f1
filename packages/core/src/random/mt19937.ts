/**
 * The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998, with the seeding of 2002): a state of 624 32-bit words that
 * is renewed as a whole and read out word by word. It is the generator under PyTorch's and NumPy's random numbers. It
 * knows nothing of distributions.
 */

/** The number of words of a state. */
export const mt19937Words = 624;
/** The distance between the words that are mixed when the state is renewed. */
const shift = 397;

/** A generator's whole state. */
export interface Mt19937State {
  /** `[624]` unsigned 32-bit words. */
  readonly words: Uint32Array;
  /** How many of the words have been read out, 0 to 624. */
  position: number;
}

/** The state that follows from a 32-bit seed (the reference code's `init_genrand`); higher bits of the seed are ignored. */
export function seedMt19937(seed: number): Mt19937State {
  const words = new Uint32Array(mt19937Words);
  words[0] = seed >>> 0;
  for (let index = 1; index < mt19937Words; index++) {
    const before = words[index - 1]!;
    words[index] = Math.imul(1_812_433_253, before ^ (before >>> 30)) + index;
  }
  return { words, position: mt19937Words };
}

/** The state that follows from a key of any number, at least one, of 32-bit words (the reference code's `init_by_array`). */
export function seedMt19937ByKey(key: readonly number[]): Mt19937State {
  const state = seedMt19937(19_650_218);
  const { words } = state;
  let index = 1;
  const mix = (factor: number, addend: number) => {
    const before = words[index - 1]!;
    words[index] = (words[index]! ^ Math.imul(factor, before ^ (before >>> 30))) + addend;
    index++;
    if (index === mt19937Words) {
      words[0] = words[mt19937Words - 1]!;
      index = 1;
    }
  };
  for (let turn = 0; turn < Math.max(mt19937Words, key.length); turn++) {
    const place = turn % key.length;
    mix(1_664_525, key[place]! + place);
  }
  for (let turn = 0; turn < mt19937Words - 1; turn++) mix(1_566_083_941, -index);
  words[0] = 0x8000_0000; // so that the state is not all zero
  return state;
}

/** Reads out the next 32 random bits, as an integer from 0 to 2^32 - 1. */
export function nextMt19937Word(state: Mt19937State): number {
  if (state.position === mt19937Words) renew(state);
  let word = state.words[state.position++]!;
  word ^= word >>> 11;
  word ^= (word << 7) & 0x9d2c_5680;
  word ^= (word << 15) & 0xefc6_0000;
  return (word ^ (word >>> 18)) >>> 0;
}

/** Mixes every word with its neighbour and the one 397 places on, in place and in order. */
function renew(state: Mt19937State): void {
  const { words } = state;
  for (let index = 0; index < mt19937Words; index++) {
    const next = words[(index + 1) % mt19937Words]!;
    const joined = (words[index]! & 0x8000_0000) | (next & 0x7fff_ffff);
    words[index] = words[(index + shift) % mt19937Words]! ^ (joined >>> 1) ^ (next & 1 ? 0x9908_b0df : 0);
  }
  state.position = 0;
}
