/**
 * Chooses the fixed capacities of packed batches from the data: how many discrete positions and blocks rows of a given
 * length hold in practice. Compiled steps have fixed shapes, and spare capacity is computed for nothing.
 */
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';
import { elementCount } from '../engine/check-feed.ts';
import { type BatchShape, createRowPacker } from '../sequence/pack-rows.ts';
import type { DocumentStream } from './document-stream.ts';

const surveyedBatches = 8;
const granularity = 16;

/** Packs the first few batches of a stream without limits and takes the largest numbers seen. */
export async function surveyBatchShape(
  stream: DocumentStream,
  continuous: Readonly<Record<string, ContinuousAdapter>>,
  { rows, rowLength }: { readonly rows: number; readonly rowLength: number },
): Promise<BatchShape> {
  const tokensOf = (adapter: ContinuousAdapter) => elementCount(adapter.tokenGrid(adapter.defaultLatentShape));
  const generous: BatchShape = {
    rows,
    rowLength,
    asked: rows * rowLength,
    silent: rows * rowLength,
    blocks: Object.fromEntries(
      Object.entries(continuous).map(([modality, adapter]) => {
        const tokens = tokensOf(adapter);
        return [modality, { tokens, count: Math.max(1, rows * Math.floor(rowLength / tokens)) }];
      }),
    ),
  };
  const most = { asked: rowLength, silent: rowLength };
  // A row's worth of blocks fits in any case, so that a run does not stop at a rare document.
  const counts: Record<string, number> = Object.fromEntries(
    Object.entries(generous.blocks).map(([modality, { tokens }]) => [
      modality,
      Math.max(1, Math.floor(rowLength / (tokens + 2))),
    ]),
  );
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
    for (const [modality, placed] of Object.entries(packed.blocks)) {
      counts[modality] = Math.max(counts[modality] ?? 1, placed.length);
    }
  }
  const rounded = (count: number) => Math.min(rows * rowLength, Math.ceil(count / granularity) * granularity);
  return {
    rows,
    rowLength,
    asked: rounded(most.asked),
    silent: rounded(most.silent),
    blocks: Object.fromEntries(
      Object.entries(generous.blocks).map(([modality, { tokens }]) => [modality, { tokens, count: counts[modality]! }]),
    ),
  };
}
