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
  const candidates: { id: number; score: number }[] = [];
  for (let id = 0; id < logits.length; id++) {
    if (!allowed(id)) continue;
    const logit = logits[id]!;
    const penalized = seen.has(id) ? (logit > 0 ? logit / options.repetitionPenalty : logit * options.repetitionPenalty) : logit;
    candidates.push({ id, score: penalized });
  }
  candidates.sort((a, b) => b.score - a.score || a.id - b.id);
  if (options.temperature === 0) return { id: candidates[0]!.id, logProbability: 0 };

  let kept = options.topK > 0 ? candidates.slice(0, options.topK) : candidates;
  let weights = softmaxWeights(kept, options.temperature);
  if (options.topP < 1) {
    const total = sum(weights);
    let covered = 0;
    let count = 0;
    while (count < kept.length && covered < options.topP * total) covered += weights[count++]!;
    [kept, weights] = [kept.slice(0, count), weights.slice(0, count)];
  }
  if (options.minP > 0) {
    const count = weights.filter((weight) => weight >= options.minP * weights[0]!).length;
    [kept, weights] = [kept.slice(0, count), weights.slice(0, count)];
  }
  const total = sum(weights);
  let mark = random.uniform() * total;
  let index = 0;
  while (index < kept.length - 1 && mark >= weights[index]!) mark -= weights[index++]!;
  return { id: kept[index]!.id, logProbability: Math.log(weights[index]! / total) };
}

/** Weights relative to the likeliest candidate, which comes first. */
function softmaxWeights(candidates: readonly { readonly score: number }[], temperature: number): number[] {
  const top = candidates[0]!.score;
  return candidates.map(({ score }) => Math.exp((score - top) / temperature));
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
