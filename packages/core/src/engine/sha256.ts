/** SHA-256 as FIPS 180-4 writes it down, over 32-bit integers: the initial values and constants are derived, not listed. */

/** The first primes, as many as there are rounds. */
const primes: readonly number[] = firstPrimes(64);
/** The first 32 bits of the fractions of the primes' cube roots (4.2.2). */
const roundConstants = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
/** The first 32 bits of the fractions of the first eight primes' square roots (5.3.3). */
const initialState = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

const blockSize = 64;

/** The SHA-256 of the parts one after the other, as 64 hexadecimal digits. */
export function sha256(parts: readonly Uint8Array[]): string {
  const state = initialState.slice();
  const words = new Int32Array(blockSize);
  const rest = new Uint8Array(2 * blockSize);
  let held = 0;
  let total = 0;
  for (const part of parts) {
    total += part.length;
    let start = 0;
    if (held > 0) {
      start = Math.min(blockSize - held, part.length);
      rest.set(part.subarray(0, start), held);
      held += start;
      if (held < blockSize) continue;
      compress(state, words, rest, 0);
      held = 0;
    }
    for (; start + blockSize <= part.length; start += blockSize) compress(state, words, part, start);
    rest.set(part.subarray(start));
    held = part.length - start;
  }
  finish(state, words, rest, held, total);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

/** Pads what is left to whole blocks: a bit, zeros, and the length in bits (5.1.1). */
function finish(state: Int32Array, words: Int32Array, rest: Uint8Array, held: number, total: number): void {
  rest.fill(0, held);
  rest[held] = 0x80;
  const end = held + 9 <= blockSize ? blockSize : 2 * blockSize;
  new DataView(rest.buffer).setBigUint64(end - 8, BigInt(total) * 8n);
  for (let start = 0; start < end; start += blockSize) compress(state, words, rest, start);
}

/** Works one block into the state (6.2.2). */
function compress(state: Int32Array, words: Int32Array, bytes: Uint8Array, start: number): void {
  for (let index = 0; index < 16; index++) {
    const at = start + 4 * index;
    words[index] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let index = 16; index < 64; index++) {
    const [x, y] = [words[index - 15]!, words[index - 2]!];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[index] = (words[index - 16]! + s0 + words[index - 7]! + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let index = 0; index < 64; index++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + roundConstants[index]! + words[index]!) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((value, index) => {
    state[index] = (state[index]! + value) | 0;
  });
}

function fraction(value: number): number {
  return Math.floor((value % 1) * 2 ** 32);
}

function firstPrimes(count: number): readonly number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}
