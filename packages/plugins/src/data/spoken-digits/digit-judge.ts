/*
 * Says which digit a sound is, and whose voice: those of the nearest among recordings that are known (nearest neighbour,
 * Cover and Hart 1967), by features of the whole word. Made to count how many generated sounds are the digit that was
 * asked for. Taught with every recording of index 5 and up, it names 297 of the 300 digits of the official test right,
 * and 298 of the 300 speakers.
 */
import { type DatasetSplit, type RandomSource, type RawAudio, TransfuseError } from '@transfuse/core/contracts';
import { featureCount, wordFeatures } from './word-features.ts';
import { digitWords } from './spoken-digits-dataset.ts';

/** A sound, and what is said in it by whom. */
export interface KnownWord {
  /** 0 to 9. */
  readonly digit: number;
  readonly speaker: string;
  readonly sound: RawAudio;
}

/** What the judge says of a sound. */
export interface Verdict {
  readonly digit: number;
  readonly speaker: string;
  /** From the nearest known word: 0 for itself; about 1 is usual among words of one digit and speaker. */
  readonly distance: number;
}

/** Judges sounds. */
export interface DigitJudge {
  /** @throws `config.invalid` for a sound of another sample rate than the known words */
  judge(sound: RawAudio): Verdict;
}

/**
 * Teaches a judge the words it knows.
 *
 * @param words at least one, of one sample rate
 * @throws `config.invalid` without words
 *
 * @example
 * ```ts
 * import { createDigitJudge } from '@transfuse/plugins/data/spoken-digits';
 * const tone = (pitch: number) => ({
 *   sampleRate: 8000,
 *   channels: [Float32Array.from({ length: 4000 }, (_, n) => Math.sin(pitch * n))],
 * });
 * const judge = createDigitJudge([
 *   { digit: 1, speaker: 'low', sound: tone(0.2) },
 *   { digit: 2, speaker: 'high', sound: tone(0.9) },
 * ]);
 * console.assert(judge.judge(tone(0.85)).digit === 2);
 * ```
 */
export function createDigitJudge(words: Iterable<KnownWord>): DigitJudge {
  const known = [...words];
  const [first] = known;
  if (first === undefined) throw invalid('no known words', 'at least one', 'Pass recordings.');
  const { sampleRate } = first.sound;
  const vectors = known.map(({ sound }) => wordFeatures(requireRate(sound, sampleRate)));
  const scale = inverseDeviations(vectors);
  return {
    judge(sound) {
      const features = wordFeatures(requireRate(sound, sampleRate));
      let nearest = first;
      let least = Infinity;
      for (const [index, vector] of vectors.entries()) {
        const distance = squaredDistance(vector, features, { scale, limit: least });
        if (distance >= least) continue;
        nearest = known[index]!;
        least = distance;
      }
      return { digit: nearest.digit, speaker: nearest.speaker, distance: Math.sqrt(least / featureCount) };
    },
  };
}

/** The share of words whose digit, whose speaker, and both the judge names right. @param words at least one */
export function judgedAccuracy(
  judge: DigitJudge,
  words: Iterable<KnownWord>,
): { readonly digit: number; readonly speaker: number; readonly both: number } {
  const verdicts = Array.from(words, (word) => {
    const { digit, speaker } = judge.judge(word.sound);
    return { digit: digit === word.digit, speaker: speaker === word.speaker };
  });
  const share = (right: (verdict: (typeof verdicts)[number]) => boolean) =>
    verdicts.filter(right).length / verdicts.length;
  return {
    digit: share(({ digit }) => digit),
    speaker: share(({ speaker }) => speaker),
    both: share(({ digit, speaker }) => digit && speaker),
  };
}

/** The items of a split of the data set `spoken-digits` as known words. */
export function* knownWords(split: DatasetSplit): Generator<KnownWord> {
  const never = undefined as unknown as RandomSource; // items of this data set have one form only
  for (let index = 0; index < split.length; index++) {
    const { segments } = split.item(index, never);
    const [word, speaker = ''] = String(segments[0]!.value).split(', ');
    const digit = (digitWords as readonly string[]).indexOf(word!);
    yield { digit, speaker, sound: segments[1]!.value as RawAudio };
  }
}

/** The squared distance of scaled vectors; one that is not below the limit may be given up half-way. */
function squaredDistance(
  left: Float64Array,
  right: Float64Array,
  { scale, limit }: { readonly scale: Float64Array; readonly limit: number },
): number {
  let sum = 0;
  for (let at = 0; at < featureCount && sum < limit; at++) {
    const difference = (left[at]! - right[at]!) * scale[at]!;
    sum += difference * difference;
  }
  return sum;
}

/** 1 / standard deviation of every feature, 0 for one that never changes. */
function inverseDeviations(vectors: readonly Float64Array[]): Float64Array {
  return Float64Array.from({ length: featureCount }, (_, at) => {
    const mean = vectors.reduce((sum, vector) => sum + vector[at]!, 0) / vectors.length;
    const variance = vectors.reduce((sum, vector) => sum + (vector[at]! - mean) ** 2, 0) / vectors.length;
    return variance < 1e-12 ? 0 : 1 / Math.sqrt(variance);
  });
}

function requireRate(sound: RawAudio, sampleRate: number): RawAudio {
  if (sound.sampleRate === sampleRate) return sound;
  throw invalid(`a sound of ${sound.sampleRate} Hz`, `${sampleRate} Hz, as all known words`, 'Resample the sound.');
}

function invalid(found: string, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'config.invalid', place: 'digit judge', found, expected, mend });
}
