/**
 * The checks of a discrete adapter: values become ids and come back, a stream of ids decodes to what the whole list does
 * without ever showing half a character, and what is stored in a checkpoint makes an equal adapter.
 */
import { isDeepStrictEqual } from 'node:util';
import type { DiscreteAdapter } from '../contracts/modality-adapter.ts';
import { createRandom } from '../random/seeded-random.ts';
import { insist, insistRefusal } from './broken-contract.ts';
import { type CheckOptions, type CheckSuite, createSuite } from './check-suite.ts';
import { requireSamples } from './samples.ts';

/** What a discrete adapter's suite takes. */
export interface DiscreteAdapterCheckOptions<Raw> extends CheckOptions {
  /** Values it must be able to write, at least one; take hard ones: empty, long, many scripts. */
  readonly samples: readonly Raw[];
  /** Creates an adapter from the files that another one gave. Without it that check is left out. */
  readonly restore?: (
    assets: Readonly<Record<string, Uint8Array>>,
  ) => DiscreteAdapter<Raw> | Promise<DiscreteAdapter<Raw>>;
  /** Whether a decoded value is what was encoded. @default deeply equal */
  readonly equal?: (decoded: Raw, sample: Raw) => boolean;
  /** Puts the pieces of a stream together. @default texts and lists are joined */
  readonly join?: (pieces: readonly Raw[]) => Raw;
  /** Values that `encode` must refuse. @default [undefined] */
  readonly invalid?: readonly unknown[];
}

/**
 * The suite of a discrete adapter.
 *
 * @example
 * ```ts
 * import { huggingFaceText, trainByteLevelBpe } from '@transfuse/adapters/text';
 * import { checkDiscreteAdapter } from '@transfuse/core/testing';
 * const tokenizer = await trainByteLevelBpe(['low lower lowest'], { vocabularySize: 260 });
 * const suite = checkDiscreteAdapter(() => huggingFaceText({ tokenizer }), { samples: ['slow 🐌', ''] });
 * console.assert((await suite.run()).outcome === 'passed');
 * ```
 */
export function checkDiscreteAdapter<Raw>(
  create: () => DiscreteAdapter<Raw> | Promise<DiscreteAdapter<Raw>>,
  options: DiscreteAdapterCheckOptions<Raw>,
): CheckSuite {
  const { samples, restore, equal = isDeepStrictEqual, join = joined, invalid = [undefined] } = options;
  requireSamples('checkDiscreteAdapter', samples);
  const promises: Record<string, () => Promise<void>> = {
    'says what it is': async () => insistDescription(await create()),
    'encodes to ids within its vocabulary': async () => {
      const adapter = await create();
      for (const sample of samples) insistIds(adapter, sample);
    },
    'decodes what it encoded': async () => {
      const adapter = await create();
      for (const sample of samples) {
        const decoded = adapter.decode(Array.from(adapter.encode(sample)));
        insist(
          equal(decoded, sample),
          `decode(encode(${shown(sample)})) is ${shown(decoded)}; it must be the value itself (or pass \`equal\`).`,
        );
      }
    },
    'decodes a stream to what it decodes the whole list to': async () => {
      const adapter = await create();
      for (const ids of streams(adapter, samples)) {
        const [whole, streamed] = [adapter.decode(ids), join(streamOf(adapter, ids))];
        insist(
          isDeepStrictEqual(streamed, whole),
          `The ids [${shortList(ids)}] decode to ${shown(whole)}, but one by one to ${shown(streamed)}; the two must be equal.`,
        );
      }
    },
    'never shows a part that a later id changes': async () => {
      const adapter = await create();
      for (const sample of samples) insistNoHalves(adapter, adapter.encode(sample), join);
    },
    'decodes two streams at once': async () => insistIndependent(await create(), samples, join),
    'refuses what it cannot encode': async () => {
      const adapter = await create();
      for (const value of invalid) await insistRefusal(() => adapter.encode(value as Raw), `encode(${shown(value)})`);
    },
    'gives files for a checkpoint': async () => insistAssets(await create()),
  };
  if (restore !== undefined) {
    promises['is restored from its files'] = async () => {
      const adapter = await create();
      const again = await restore(structuredClone(adapter.assets()));
      insist(
        again.vocabularySize === adapter.vocabularySize,
        `Restored from its own files the adapter has ${again.vocabularySize} tokens instead of ${adapter.vocabularySize}; store the whole vocabulary.`,
      );
      for (const sample of samples) {
        insist(
          isDeepStrictEqual(again.encode(sample), adapter.encode(sample)),
          `Restored from its own files the adapter encodes ${shown(sample)} differently; store all that decides the ids.`,
        );
      }
    };
  }
  return createSuite('discrete adapter', promises, options);
}

function insistDescription<Raw>({ kind, modality, vocabularySize }: DiscreteAdapter<Raw>): void {
  insist(kind === 'discrete', `kind is ${JSON.stringify(kind)}; a discrete adapter says 'discrete'.`);
  insist(
    typeof modality === 'string' && modality !== '',
    `modality is ${JSON.stringify(modality)}; write the name that segments carry, for example 'text'.`,
  );
  insist(
    Number.isInteger(vocabularySize) && vocabularySize > 0,
    `vocabularySize is ${vocabularySize}; it must be a positive integer.`,
  );
}

function insistIds<Raw>(adapter: DiscreteAdapter<Raw>, sample: Raw): void {
  const ids = adapter.encode(sample);
  insist(ids instanceof Int32Array, `encode(${shown(sample)}) gave no Int32Array; ids are 32-bit integers.`);
  const outside = ids.find((id) => id < 0 || id >= adapter.vocabularySize);
  insist(
    outside === undefined,
    `encode(${shown(sample)}) gave the id ${outside}; ids run from 0 to ${adapter.vocabularySize - 1}.`,
  );
  insist(
    isDeepStrictEqual(adapter.encode(sample), ids),
    `encode(${shown(sample)}) gave other ids the second time; it must depend on the value alone.`,
  );
}

/** The samples' ids, and lists of ids that nobody ever encoded, as an untrained model would say them. */
function* streams<Raw>(adapter: DiscreteAdapter<Raw>, samples: readonly Raw[]): Generator<readonly number[]> {
  for (const sample of samples) yield Array.from(adapter.encode(sample));
  const random = createRandom('ids');
  for (let count = 1; count <= 30; count++) {
    yield Array.from({ length: count }, () => random.integer(adapter.vocabularySize));
  }
}

function streamOf<Raw>(adapter: DiscreteAdapter<Raw>, ids: ArrayLike<number>): readonly Raw[] {
  const decoder = adapter.createIncrementalDecoder();
  return [...Array.from(ids, (id) => decoder.push(id)), decoder.flush()];
}

function insistNoHalves<Raw>(
  adapter: DiscreteAdapter<Raw>,
  ids: Int32Array,
  join: (pieces: readonly Raw[]) => Raw,
): void {
  const pieces = streamOf(adapter, ids);
  const whole = adapter.decode(ids);
  for (let count = 1; count <= pieces.length; count++) {
    const shownSoFar = join(pieces.slice(0, count));
    const half = typeof shownSoFar === 'string' && /[\uD800-\uDBFF]$/.test(shownSoFar);
    insist(
      !half && begins(whole, shownSoFar),
      `After ${count} ids the stream of ${shown(whole)} has shown ${shown(shownSoFar)}; hold back what the next id may still change, such as half a character.`,
    );
  }
}

/** Whether the one value begins with the other; of values that are neither texts nor lists nothing is known. */
function begins(whole: unknown, start: unknown): boolean {
  if (typeof whole === 'string' && typeof start === 'string') return whole.startsWith(start);
  if (!isList(whole) || !isList(start)) return true;
  return isDeepStrictEqual(Array.from(whole).slice(0, start.length), Array.from(start));
}

function insistIndependent<Raw>(
  adapter: DiscreteAdapter<Raw>,
  samples: readonly Raw[],
  join: (pieces: readonly Raw[]) => Raw,
): void {
  const ids = samples.map((sample) => adapter.encode(sample)).reduce((a, b) => (b.length > a.length ? b : a));
  const random = createRandom('other ids');
  const [decoder, other] = [adapter.createIncrementalDecoder(), adapter.createIncrementalDecoder()];
  const pieces = Array.from(ids, (id) => {
    other.push(random.integer(adapter.vocabularySize));
    return decoder.push(id);
  });
  const streamed = join([...pieces, decoder.flush()]);
  insist(
    isDeepStrictEqual(streamed, adapter.decode(ids)),
    `While another stream was decoded, the ids of ${shown(adapter.decode(ids))} came out as ${shown(streamed)}; every incremental decoder has a state of its own.`,
  );
}

function insistAssets<Raw>(adapter: DiscreteAdapter<Raw>): void {
  for (const [name, bytes] of Object.entries(adapter.assets())) {
    insist(
      /^[\w.-]+$/.test(name) && !name.startsWith('.'),
      `assets has a file ${JSON.stringify(name)}; write a plain file name, it stands beside the weights.`,
    );
    insist(bytes instanceof Uint8Array, `assets.${name} is no Uint8Array; give the bytes of the file.`);
  }
  insist(
    isDeepStrictEqual(adapter.assets(), adapter.assets()),
    'assets gave other files the second time; they must not change.',
  );
}

function joined<Raw>(pieces: readonly Raw[]): Raw {
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('') as Raw;
  if (pieces.every((piece) => Array.isArray(piece))) return pieces.flat(1) as Raw;
  throw new TypeError('pieces that are neither texts nor lists need the option `join`');
}

const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || ArrayBuffer.isView(value);

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function shortList(ids: readonly number[]): string {
  return ids.length > 12 ? `${ids.slice(0, 12).join(', ')}, …` : ids.join(', ');
}
