// The shape of batches as a checkpoint stores it: read in the present form, or in the one of before blocks had kinds and
// positions had axes (blocks by modality, all of the default latent shape), and held against the model and its run.
import { type BlockKind, blockKindName, blockKinds } from '../sequence/block-kind.ts';
import { laneLength } from '../sequence/document-lanes.ts';
import type { BatchShape, CountedKind } from '../sequence/pack-rows.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';

/**
 * The batch shape, where it is one of this model and of rows like these; undefined for anything else.
 *
 * @param stored what stands in `trainer_state.json`
 */
export function readBatchShape(
  stored: unknown,
  { continuous, positionAxes }: TransfusionModel,
  { rows, rowLength }: Pick<BatchShape, 'rows' | 'rowLength'>,
): BatchShape | undefined {
  if (!isRecord(stored) || !isRecord(stored['blocks'])) return undefined;
  const { asked, silent } = stored;
  if (stored['rows'] !== rows || stored['rowLength'] !== rowLength || !isCount(asked) || !isCount(silent)) {
    return undefined;
  }
  const isEarlier = stored['positionAxes'] === undefined;
  if ((isEarlier ? 1 : stored['positionAxes']) !== positionAxes) return undefined;
  const nameOf = (key: string) => {
    const adapter = isEarlier ? continuous[key] : undefined;
    return adapter === undefined ? key : blockKindName(key, adapter.defaultLatentShape);
  };
  const found = Object.fromEntries(Object.entries(stored['blocks']).map(([key, block]) => [nameOf(key), block]));
  const kinds = blockKinds(continuous);
  if (Object.keys(found).toSorted().join() !== Object.keys(kinds).toSorted().join()) return undefined;
  const blocks: Record<string, CountedKind> = {};
  for (const [name, block] of Object.entries(found)) {
    const counted = countedKind(kinds[name]!, block);
    if (counted === undefined) return undefined;
    blocks[name] = counted;
  }
  const shape = { rows, rowLength, asked, silent, positionAxes, blocks };
  const { lanes } = stored;
  if (lanes === undefined) return shape;
  if (!isRecord(lanes)) return undefined;
  const { count, length } = lanes;
  if (!isSize(count) || !isSize(length) || count > rows * rowLength || length > laneLength(rowLength)) return undefined;
  return { ...shape, lanes: { count, length } };
}

/** A kind with its stored count, where everything that is stored of it agrees. */
function countedKind(kind: BlockKind, stored: unknown): CountedKind | undefined {
  if (!isRecord(stored) || !isCount(stored['count']) || stored['count'] === 0) return undefined;
  const { count, ...rest } = stored;
  const own: Readonly<Record<string, unknown>> = { ...kind };
  const agrees = Object.entries(rest).every(([name, value]) => JSON.stringify(own[name]) === JSON.stringify(value));
  return agrees && rest['tokens'] !== undefined ? { ...kind, count: count as number } : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isSize = (value: unknown): value is number => isCount(value) && value > 0;
