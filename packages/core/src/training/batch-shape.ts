/**
 * Chooses the fixed capacities of packed batches from the data: how many discrete positions and blocks rows of a given
 * length hold in practice. Compiled steps have fixed shapes, and spare capacity is computed for nothing.
 */
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { blockKinds } from '../sequence/block-kind.ts';
import { type BatchShape, type CountedKind, createRowPacker } from '../sequence/pack-rows.ts';
import type { DocumentStream } from './document-stream.ts';

const surveyedBatches = 8;
const granularity = 16;

/** Packs the first few batches of a stream without limits and takes the largest numbers seen. */
export async function surveyBatchShape(
  stream: DocumentStream,
  { continuous, positionAxes }: Pick<TransfusionModel, 'continuous' | 'positionAxes'>,
  { rows, rowLength }: { readonly rows: number; readonly rowLength: number },
): Promise<BatchShape> {
  const kinds = Object.entries(blockKinds(continuous));
  const counted = (count: (kind: string, tokens: number) => number): Record<string, CountedKind> =>
    Object.fromEntries(kinds.map(([name, kind]) => [name, { ...kind, count: count(name, kind.tokens) }]));
  const generous: BatchShape = {
    rows,
    rowLength,
    asked: rows * rowLength,
    silent: rows * rowLength,
    positionAxes,
    blocks: counted((_, tokens) => Math.max(1, rows * Math.floor(rowLength / tokens))),
  };
  const most = { asked: rowLength, silent: rowLength };
  const counts: Record<string, number> = {};
  for (const [name, { modality, tokens }] of kinds) {
    // A row's worth of blocks fits in any case; where there are many kinds, one of each. A rare document gets more room.
    const only = kinds.every(([other, kind]) => other === name || kind.modality !== modality);
    counts[name] = only ? Math.max(1, Math.floor(rowLength / (tokens + 2))) : 1;
  }
  for (let batch = 0, number = 0; batch < surveyedBatches; batch++) {
    const packer = createRowPacker(generous);
    while (packer.place((await stream.document(number)).layout)) number++;
    const packed = packer.finish();
    const asked = packed.targetMask.reduce((sum, mask) => sum + mask, 0);
    const positions = packed.documentIds.reduce(
      (sum, id, index) => sum + (id > 0 && packed.blockIds[index] === 0 ? 1 : 0),
      0,
    );
    most.asked = Math.max(most.asked, asked);
    most.silent = Math.max(most.silent, positions - asked);
    for (const [kind, placed] of Object.entries(packed.blocks)) counts[kind] = Math.max(counts[kind]!, placed.length);
  }
  const rounded = (count: number) => Math.min(rows * rowLength, Math.ceil(count / granularity) * granularity);
  return {
    rows,
    rowLength,
    asked: rounded(most.asked),
    silent: rounded(most.silent),
    positionAxes,
    blocks: counted((name) => counts[name]!),
  };
}
