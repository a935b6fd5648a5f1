/**
 * Chooses the fixed capacities of packed batches from the data: how many discrete positions and blocks rows of a given
 * length hold in practice, and whether attention is over whole rows or over documents apart. Compiled steps have fixed
 * shapes, and spare capacity is computed for nothing.
 */
import { scoreCount } from '../model/query-runs.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { blockKinds } from '../sequence/block-kind.ts';
import { laneLength } from '../sequence/document-lanes.ts';
import type { DocumentLayout } from '../sequence/document-layout.ts';
import { type BatchShape, type CountedKind, createRowPacker, farthestAhead } from '../sequence/pack-rows.ts';
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
  const positions = rows * rowLength;
  const generous: BatchShape = {
    rows,
    rowLength,
    asked: positions,
    silent: positions,
    positionAxes,
    blocks: counted((_, tokens) => Math.max(1, Math.floor(positions / tokens))),
  };
  const layouts: DocumentLayout[] = [];
  const layout = async (number: number) => (layouts[number] ??= (await stream.document(number)).layout);
  const apart = await largestNumbers(layout, {
    ...generous,
    lanes: { count: positions, length: laneLength(rowLength) },
  });
  const lanes = { count: apart.documents, length: laneLength(apart.longest) };
  const ahead = farthestAhead(generous);
  const isLessWork = lanes.count * scoreCount(lanes.length, ahead) < rows * scoreCount(rowLength, ahead);
  const most = isLessWork ? apart : await largestNumbers(layout, generous);
  const rounded = (count: number) => Math.min(positions, Math.ceil(count / granularity) * granularity);
  const atLeast = (name: string, tokens: number) => {
    // A row's worth of blocks fits in any case; where there are many kinds, one of each. A rare document gets more room.
    const { modality } = generous.blocks[name]!;
    const only = kinds.every(([other, kind]) => other === name || kind.modality !== modality);
    return only ? Math.max(1, Math.floor(rowLength / (tokens + 2))) : 1;
  };
  return {
    rows,
    rowLength,
    asked: rounded(Math.max(rowLength, most.asked)),
    silent: rounded(Math.max(rowLength, most.silent)),
    positionAxes,
    blocks: counted((name, tokens) => Math.max(atLeast(name, tokens), most.blocks[name]!)),
    ...(isLessWork && { lanes }),
  };
}

/** The largest numbers of the first few batches: positions and blocks, documents, and positions of a document. */
async function largestNumbers(layout: (number: number) => Promise<DocumentLayout>, shape: BatchShape) {
  const most = { asked: 0, silent: 0, documents: 0, longest: 0 };
  const blocks: Record<string, number> = Object.fromEntries(Object.keys(shape.blocks).map((name) => [name, 0]));
  for (let batch = 0, number = 0; batch < surveyedBatches; batch++) {
    const packer = createRowPacker(shape);
    for (let document = await layout(number); packer.place(document); document = await layout(++number)) {
      most.longest = Math.max(most.longest, document.length);
    }
    const packed = packer.finish();
    const asked = packed.targetMask.reduce((sum, mask) => sum + mask, 0);
    const positions = packed.documentIds.reduce(
      (sum, id, index) => sum + (id > 0 && packed.blockIds[index] === 0 ? 1 : 0),
      0,
    );
    most.documents = Math.max(most.documents, packed.documents);
    most.asked = Math.max(most.asked, asked);
    most.silent = Math.max(most.silent, positions - asked);
    for (const [kind, placed] of Object.entries(packed.blocks)) blocks[kind] = Math.max(blocks[kind]!, placed.length);
  }
  return { ...most, blocks };
}
