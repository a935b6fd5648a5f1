/**
 * Chooses the next token from logits: repetition penalty, temperature, top-k, top-p and min-p, in that order, then a
 * draw. Temperature 0 is the largest logit, the smallest id among equals.
 */
import type { RandomSource } from '../contracts/random-source.ts';

/** How tokens are drawn. */
export interface TokenChoiceOptions {
  /** 0 (greedy) and up; 1 leaves the distribution as it is. */
  readonly temperature: number;
  /** Keep only this many of the likeliest tokens; 0 keeps all. */
  readonly topK: number;
  /** Keep the likeliest tokens until their probabilities reach this sum (Holtzman et al. 2020); 1 keeps all. */
  readonly topP: number;
  /** Keep tokens at least this fraction as likely as the likeliest (Nguyen et al. 2024); 0 keeps all. */
  readonly minP: number;
  /** Divides positive and multiplies negative logits of tokens seen before (Keskar et al. 2019); 1 does nothing. */
  readonly repetitionPenalty: number;
}

/** A chosen token. */
export interface TokenChoice {
  readonly id: number;
  /** Natural logarithm of its probability under the distribution it was drawn from. */
  readonly logProbability: number;
}

/** @param logits `[V]`; not modified @param seen ids that count as repetitions @param allowed which ids may be chosen */
export function chooseToken(
  logits: Float32Array,
  options: TokenChoiceOptions,
  random: RandomSource,
  { seen, allowed }: { readonly seen: ReadonlySet<number>; readonly allowed: (id: number) => boolean },
): TokenChoice {
  const scores = penalizedScores(logits, options.repetitionPenalty, seen, allowed);
  const best = indexOfLargest(scores);
  if (options.temperature === 0) return { id: best, logProbability: 0 };
  const weights = scores.map((score) => Math.exp((score - scores[best]!) / options.temperature));
  const candidates = likeliest(scores, weights, options);
  const total = candidates.reduce((sum, id) => sum + weights[id]!, 0);
  let mark = random.uniform() * total;
  let index = 0;
  while (index < candidates.length - 1 && mark >= weights[candidates[index]!]!) mark -= weights[candidates[index++]!]!;
  const id = candidates[index]!;
  return { id, logProbability: Math.log(weights[id]! / total) };
}

/** Logits with repetitions penalized; minus infinity for ids that may not be chosen. */
function penalizedScores(
  logits: Float32Array,
  penalty: number,
  seen: ReadonlySet<number>,
  allowed: (id: number) => boolean,
): Float64Array {
  const scores = Float64Array.from(logits);
  if (penalty !== 1) {
    for (const id of seen) scores[id]! *= scores[id]! > 0 ? 1 / penalty : penalty;
  }
  for (let id = 0; id < scores.length; id++) if (!allowed(id)) scores[id] = -Infinity;
  return scores;
}

function indexOfLargest(scores: Float64Array): number {
  let best = 0;
  for (let id = 1; id < scores.length; id++) if (scores[id]! > scores[best]!) best = id;
  return best;
}

/** Ids that top-k, top-p and min-p leave; sorted, likeliest first, where one of them is in use. */
function likeliest(scores: Float64Array, weights: Float64Array, { topK, topP, minP }: TokenChoiceOptions): number[] {
  const possible: number[] = [];
  weights.forEach((weight, id) => {
    if (weight > 0) possible.push(id);
  });
  if (topK === 0 && topP === 1 && minP === 0) return possible;
  let kept = possible.toSorted((a, b) => scores[b]! - scores[a]! || a - b);
  if (topK > 0) kept = kept.slice(0, topK);
  if (topP < 1) {
    const total = kept.reduce((sum, id) => sum + weights[id]!, 0);
    let covered = 0;
    let count = 0;
    while (count < kept.length && covered < topP * total) covered += weights[kept[count++]!]!;
    kept = kept.slice(0, count);
  }
  const floor = minP * weights[kept[0]!]!;
  return kept.filter((id) => weights[id]! >= floor);
}
