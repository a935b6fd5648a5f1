/**
 * Masked scaled dot-product attention (Vaswani et al. 2017, equation 1) over runs of queries, each against the keys that
 * it may see at all. The backward pass keeps the weights and takes `dS = P (dP - sum(dO O))` (Dao et al. 2022, appendix
 * B.2): one pass over the scores besides the products.
 */
import {
  add,
  concat,
  customGrad,
  matMul,
  mul,
  pad,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { maskedSoftmax } from './masked-softmax.ts';

/** Queries that follow one another. */
export interface QueryRun {
  readonly begin: number;
  readonly end: number;
  /** S: how many keys, from the first, these queries may see at all. */
  readonly keys: number;
  /** `[B or 1, 1, end - begin, S]`, added to their scores: 0, or -1e9 where a key is left out. */
  readonly mask: Tensor;
  /** The same as 1, or 0 where a key is left out: made once for all layers. */
  readonly visible: Tensor;
}

/**
 * @param queries `[B, H, T, hd]`
 * @param keys `[B, K, T, hd]`, each shared by H / K heads of queries
 * @param values `[B, K, T, hd]`
 * @param runs all T queries in order
 * @returns `[B, H, T, hd]`
 */
export function attend(queries: Tensor, keys: Tensor, values: Tensor, runs: readonly QueryRun[]): Tensor {
  const [batch, heads, , size] = queries.shape as [number, number, number, number];
  const keyHeads = keys.shape[1]!;
  const scale = 1 / Math.sqrt(size);
  const rows = (x: Tensor, { begin, end }: QueryRun) => part(x, begin, end);
  const seen = (x: Tensor, { keys: count }: QueryRun) => part(x, 0, count);
  // Grouped heads share keys: [B, H, R, n] seen as [B, K, (H / K) R, n] meets [B, K, S, n] without repeating any.
  const perKeyHead = (x: Tensor) => reshape(x, [batch, keyHeads, (heads / keyHeads) * x.shape[2]!, x.shape[3]!]);
  const perHead = (x: Tensor) => reshape(x, [batch, heads, (x.shape[2]! * keyHeads) / heads, x.shape[3]!]);
  const against = (x: Tensor, y: Tensor) => matMul(perKeyHead(x), y, false, true);
  const gathered = (x: Tensor, y: Tensor) => matMul(perKeyHead(x), perKeyHead(y), true, false);

  const attention = customGrad((queryInput, keyInput, valueInput, save) => {
    const [q, k, v] = [queryInput as Tensor, keyInput as Tensor, valueInput as Tensor];
    const weights = runs.map((run) =>
      maskedSoftmax(add(mul(perHead(against(rows(q, run), seen(k, run))), scale), run.mask), run.visible),
    );
    const mixed = joined(runs.map((run, index) => perHead(matMul(perKeyHead(weights[index]!), seen(v, run)))));
    (save as (tensors: Tensor[]) => void)([q, k, v, mixed, ...weights]);
    return {
      value: mixed,
      gradFunc: (upstream: Tensor, saved: Tensor[]) => {
        const [q0, k0, v0, o0, ...p0] = saved as [Tensor, Tensor, Tensor, Tensor, ...Tensor[]];
        const means = sum(mul(upstream, o0), -1, true); // [B, H, T, 1], of weight gradients
        const parts = runs.map((run, index) => {
          const p = p0[index]!;
          const slope = rows(upstream, run);
          const slopes = mul(p, sub(perHead(against(slope, seen(v0, run))), rows(means, run))); // of the scores
          return {
            queries: mul(perHead(matMul(perKeyHead(slopes), seen(k0, run))), scale),
            keys: mul(gathered(slopes, rows(q0, run)), scale),
            values: gathered(p, slope),
          };
        });
        const length = k0.shape[2]!;
        return [
          joined(parts.map((of) => of.queries)),
          total(
            parts.map((of) => of.keys),
            length,
          ),
          total(
            parts.map((of) => of.values),
            length,
          ),
        ];
      },
    };
  });
  return attention(queries, keys, values);
}

/** Positions of `[B, H, T, n]`. */
function part(x: Tensor, begin: number, end: number): Tensor {
  const [batch, heads, length, size] = x.shape as [number, number, number, number];
  return begin === 0 && end === length ? x : slice(x, [0, 0, begin, 0], [batch, heads, end - begin, size]);
}

function joined(parts: readonly Tensor[]): Tensor {
  return parts.length === 1 ? parts[0]! : concat([...parts], 2);
}

/** The sum of gradients of the first positions, each for as many as it has. */
function total(parts: readonly Tensor[], length: number): Tensor {
  const whole = parts.map((x) => {
    const rest = length - x.shape[2]!;
    return rest === 0
      ? x
      : pad(x, [
          [0, 0],
          [0, 0],
          [0, rest],
          [0, 0],
        ]);
  });
  return whole.reduceRight((sum, x) => add(sum, x));
}
