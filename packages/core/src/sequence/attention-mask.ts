/**
 * Who may look at whom (Zhou et al. 2024, section 3): a position sees every earlier position of its document and
 * itself, and inside a continuous block every position of that block; never another document.
 */
import {
  add,
  cast,
  equal,
  greater,
  logicalAnd,
  logicalOr,
  mul,
  reshape,
  sub,
  tensor1d,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** What is added to a score that must not count; finite, so that a row without any allowed key stays defined. */
const forbidden = -1e9;

/** The rule itself, for two positions of one row. */
export function mayAttend(
  query: { readonly position: number; readonly document: number; readonly block: number },
  key: { readonly position: number; readonly document: number; readonly block: number },
): boolean {
  const sameDocument = query.document === key.document;
  const earlier = key.position <= query.position;
  const sameBlock = query.block > 0 && query.block === key.block;
  return sameDocument && (earlier || sameBlock);
}

/**
 * The rule as a tensor to add to attention scores.
 * @param documentIds `[B, T]` int32
 * @param blockIds `[B, T]` int32, 0 outside blocks
 * @returns `[B, 1, T, T]`, 0 where a query (third axis) may see a key (fourth), -1e9 elsewhere
 */
export function attentionMask(documentIds: Tensor, blockIds: Tensor): Tensor {
  const [batch, length] = documentIds.shape as [number, number];
  const indices = tensor1d(
    Int32Array.from({ length }, (_, index) => index),
    'int32',
  );
  const asQuery = (ids: Tensor) => reshape(ids, [batch, length, 1]);
  const asKey = (ids: Tensor) => reshape(ids, [batch, 1, length]);
  const sameDocument = equal(asQuery(documentIds), asKey(documentIds));
  const earlier = greater(add(reshape(indices, [1, length, 1]), 1), reshape(indices, [1, 1, length]));
  const sameBlock = logicalAnd(equal(asQuery(blockIds), asKey(blockIds)), greater(asQuery(blockIds), 0));
  const allowed = logicalAnd(sameDocument, logicalOr(earlier, sameBlock));
  return reshape(mul(sub(1, cast(allowed, 'float32')), forbidden), [batch, 1, length, length]);
}
