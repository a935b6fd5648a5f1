/**
 * PyTorch's CPU random numbers, for reproducing a run of PyTorch from its seed: the same MT19937 words, turned into
 * uniform, integer and normal numbers by the same steps (Box and Muller 1958, in its two forms). Integers and uniform
 * numbers are equal on every machine; normal numbers are those of PyTorch's x86 builds with AVX2, which agree bit for bit
 * with PyTorch 2.15 in all comparisons made; its other builds use other logarithms and cosines and differ by up to 2e-6.
 */
import type { RandomSource } from '../contracts/random-source.ts';
import { TransfuseError } from '../errors/index.ts';
import { type Mt19937State, mt19937Words, nextMt19937Word, seedMt19937, seedMt19937ByKey } from './mt19937.ts';
import { logFloat32, sinCosFloat32 } from './torch-random-float32.ts';
import { hashText } from './xoshiro128.ts';

/** The generator's words, and the second normal number of a pair where it is still to be handed out. */
interface TorchState {
  engine: Mt19937State;
  spareNormal: number | undefined;
}

/**
 * Creates the stream of random numbers that PyTorch's CPU generator gives after `torch.manual_seed(seed)`. Calls may be
 * mixed in any order and keep in step with PyTorch's, each with its counterpart: `uniform()` with `torch.rand(1)`,
 * `normal()` with `torch.randn(1)`, `fillNormal(into)` with `torch.randn(into.length)`, and `integer(below)` with
 * `torch.randint(below, (1,))`, all of dtype float32 (int64 for integers).
 *
 * As in PyTorch only the seed's lower 32 bits matter; filling one array is not the same as filling its two halves;
 * `uniform` has 24 random bits; and `integer` favours small numbers by up to `below` in 2^32 (from 2^28 on, in 2^64).
 * For all but reproducing PyTorch, `createRandom` is the better choice.
 *
 * `fork` is not PyTorch's. It does not advance the stream it is called on: the next two words are looked at, hashed (the
 * 64-bit FNV-1a of their bytes, little-endian, those of a waiting spare normal number as float64, and the label in UTF-8)
 * and the hash's low and high half are the key of a new MT19937.
 *
 * @param seed a whole number from -2^63 to 2^64 - 1; beyond 2^53 - 1 as a bigint
 * @throws `config.invalid` for other seeds, and where `integer` is asked for a range outside 1 … 2^53 - 1;
 *   `checkpoint.invalid` where `restore` is given something that `save` never returned
 * @example
 * ```ts
 * import { createTorchRandom } from '@transfuse/core';
 * const random = createTorchRandom(0);
 * console.assert(random.uniform() === Math.fround(0.49625659)); // torch.manual_seed(0); torch.rand(1)
 * ```
 */
export function createTorchRandom(seed: number | bigint): RandomSource {
  return sourceFrom({ engine: seedMt19937(lowerWord(seed)), spareNormal: undefined });
}

function sourceFrom(state: TorchState): RandomSource {
  return {
    uniform: () => uniform(state),
    normal: () => Math.fround(normal(state)),
    fillNormal: (into) => fillNormal(state, into),
    integer: (below) => integer(state, below),
    fork: (label) => fork(state, label),
    save: () => {
      const { engine, spareNormal } = state;
      return [...engine.words, engine.position, spareNormal === undefined ? 0 : 1, spareNormal ?? 0];
    },
    restore: (saved) => Object.assign(state, checkedState(saved)),
  };
}

/** The lower 24 bits of a word as a fraction in [0, 1). */
function uniform({ engine }: TorchState): number {
  return (nextMt19937Word(engine) & 0xff_ffff) * 2 ** -24;
}

/** The lower 53 of 64 bits as a fraction in [0, 1); the first word is the upper one. */
function longUniform({ engine }: TorchState): number {
  const high = nextMt19937Word(engine) & 0x1f_ffff;
  return (high * 2 ** 32 + nextMt19937Word(engine)) * 2 ** -53;
}

/** Box and Muller in double precision, one number at a time; the second of each pair waits for the next call. */
function normal(state: TorchState): number {
  const { spareNormal } = state;
  if (spareNormal !== undefined) {
    state.spareNormal = undefined;
    return spareNormal;
  }
  const angle = 2 * Math.PI * longUniform(state);
  const radius = Math.sqrt(-2 * Math.log1p(-longUniform(state)));
  state.spareNormal = radius * Math.sin(angle);
  return radius * Math.cos(angle);
}

const block = 16;

/**
 * Fewer than 16 numbers come one by one. More are made in place of as many uniform ones, block by block in single
 * precision; where the last block is short, the last 16 places are drawn once more as one block.
 */
function fillNormal(state: TorchState, into: Float32Array): Float32Array {
  if (into.length < block) {
    for (let index = 0; index < into.length; index++) into[index] = normal(state);
    return into;
  }
  for (let index = 0; index < into.length; index++) into[index] = uniform(state);
  for (let start = 0; start + block <= into.length; start += block) toNormalBlock(into, start);
  if (into.length % block !== 0) {
    const start = into.length - block;
    for (let index = start; index < into.length; index++) into[index] = uniform(state);
    toNormalBlock(into, start);
  }
  return into;
}

const turn = Math.fround(2 * Math.PI);

/** Turns 16 uniform numbers into normal ones: each of the first eight is a radius, the one eight places on its angle. */
function toNormalBlock(numbers: Float32Array, start: number): void {
  for (let index = start; index < start + block / 2; index++) {
    const radius = Math.fround(Math.sqrt(-2 * logFloat32(1 - numbers[index]!)));
    const [sine, cosine] = sinCosFloat32(Math.fround(turn * numbers[index + block / 2]!));
    numbers[index] = radius * cosine;
    numbers[index + block / 2] = radius * sine;
  }
}

/** The remainder of one word, or of two where the range is 2^28 or more. */
function integer({ engine }: TorchState, below: number): number {
  if (!Number.isSafeInteger(below) || below < 1) {
    throw new TransfuseError({
      code: 'config.invalid',
      place: 'random.integer(below)',
      found: String(below),
      expected: 'a whole number from 1 to 9007199254740991',
      mend: 'Pass how many different integers there are to choose from.',
    });
  }
  if (below < 2 ** 28) return nextMt19937Word(engine) % below;
  const high = BigInt(nextMt19937Word(engine));
  return Number(((high << 32n) | BigInt(nextMt19937Word(engine))) % BigInt(below));
}

function fork({ engine, spareNormal }: TorchState, label: string): RandomSource {
  const ahead: Mt19937State = { words: engine.words.slice(), position: engine.position };
  const bytes = new DataView(new ArrayBuffer(spareNormal === undefined ? 8 : 16));
  bytes.setUint32(0, nextMt19937Word(ahead), true);
  bytes.setUint32(4, nextMt19937Word(ahead), true);
  if (spareNormal !== undefined) bytes.setFloat64(8, spareNormal, true);
  const hash = hashText(label, new Uint8Array(bytes.buffer));
  const key = [Number(hash & 0xffff_ffffn), Number(hash >> 32n)];
  return sourceFrom({ engine: seedMt19937ByKey(key), spareNormal: undefined });
}

/** The lower 32 bits of a seed, negative ones in two's complement. */
function lowerWord(seed: number | bigint): number {
  const whole = typeof seed === 'bigint' || Number.isSafeInteger(seed) ? BigInt(seed) : undefined;
  if (whole !== undefined && whole >= -(2n ** 63n) && whole < 2n ** 64n) return Number(BigInt.asUintN(32, whole));
  throw new TransfuseError({
    code: 'config.invalid',
    place: 'seed',
    found: String(seed),
    expected: 'a whole number from -2^63 to 2^64 - 1, as a bigint beyond 2^53 - 1',
    mend: 'Write the number that torch.manual_seed was given.',
  });
}

function checkedState(saved: readonly number[]): TorchState {
  const isWhole = (value: unknown, below: number) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < below;
  const list: readonly unknown[] = Array.isArray(saved) ? saved : [];
  const words = list.slice(0, mt19937Words);
  const [position, hasSpare, spare] = list.slice(mt19937Words);
  if (
    list.length === mt19937Words + 3 &&
    words.every((word) => isWhole(word, 2 ** 32)) &&
    words.some((word) => word !== 0) &&
    isWhole(position, mt19937Words + 1) &&
    isWhole(hasSpare, 2) &&
    Number.isFinite(spare)
  ) {
    const engine = { words: Uint32Array.from(words as number[]), position: position as number };
    return { engine, spareNormal: hasSpare === 1 ? (spare as number) : undefined };
  }
  throw new TransfuseError({
    code: 'checkpoint.invalid',
    place: 'random state',
    found: (JSON.stringify(saved) ?? String(saved)).slice(0, 80),
    expected: `${mt19937Words} words of 32 bits, a position, whether a normal number waits, and that number`,
    mend: 'Pass what save() returned, unchanged.',
  });
}
