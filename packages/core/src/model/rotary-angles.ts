/**
 * The angles of the rotary embedding (Su et al. 2021, equation 15): pair i of a head turns by `p * base^(-2 i / hd)` at
 * position p. With axial positions the pairs take turns among the axes, so that every axis has fast and slow pairs
 * (the interleaved form of M-RoPE); where all axes agree, as they do for text, the angles are those of one axis.
 */
import { add, gather, mul, reshape, slice, type Tensor, tensor2d } from '@tensorflow/tfjs-core';
import type { RotaryTable } from '../engine/primitives/rotate.ts';
import type { TransformerConfig } from './transformer-config.ts';

/** A table of angles and where each position's stand in it. */
export interface RotaryAngles {
  /** `[B, T]` int32 */
  readonly positions: Tensor;
  readonly rotary: RotaryTable;
}

/** @param positions `[B, T]`, or `[A, B, T]` for A axes, int32, each below the sequence length */
export function rotaryAngles(config: TransformerConfig, positions: Tensor): RotaryAngles {
  const table = sequenceTable(config);
  if (positions.rank === 2) return { positions, rotary: table };
  const [axes, batch, length] = positions.shape as [number, number, number];
  const along = (axis: number) => reshape(slice(positions, [axis, 0, 0], [1, batch, length]), [batch * length]);
  const perAxis = Array.from({ length: axes }, (_, axis) => along(axis));
  const mixed = (angles: Tensor) =>
    perAxis.map((at, axis) => mul(gather(angles, at), turns(axis, axes, angles.shape[1]!))).reduce((a, b) => add(a, b));
  return {
    positions: tensor2d(
      Int32Array.from({ length: batch * length }, (_, index) => index),
      [batch, length],
      'int32',
    ),
    rotary: { cosine: mixed(table.cosine), sine: mixed(table.sine) },
  };
}

/** 1 for the pairs that an axis turns, 0 for the others. @returns `[1, hd / 2]` */
function turns(axis: number, axes: number, pairs: number): Tensor {
  return tensor2d(
    Float32Array.from({ length: pairs }, (_, pair) => (pair % axes === axis ? 1 : 0)),
    [1, pairs],
  );
}

function sequenceTable({ width, heads, sequenceLength, ropeBase }: TransformerConfig): RotaryTable {
  const half = width / heads / 2;
  const table = (of: (angle: number) => number) =>
    tensor2d(
      Float32Array.from({ length: sequenceLength * half }, (_, index) =>
        of(Math.floor(index / half) * ropeBase ** (-(index % half) / half)),
      ),
      [sequenceLength, half],
    );
  return { cosine: table(Math.cos), sine: table(Math.sin) };
}
