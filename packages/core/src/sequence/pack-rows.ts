/**
 * Packs documents into rows of a fixed length, first fit, as plain index arrays: everything the tensor world needs to
 * know about sequences. Padding belongs to document 0, costs nothing in the loss, and is seen by padding only.
 *
 * Inputs come in runs: the ids of discrete positions that are asked for their next token, the ids of the silent ones,
 * and the tokens of all blocks. So the language head runs on the first run and nothing else. `order` says for every
 * position which of them stands there, `inverse` the way back; the same two arrays take hidden states out again.
 */
import { TransfuseError } from '../errors/index.ts';
import { type BlockKind, blockKindName } from './block-kind.ts';
import { blockPositions } from './block-positions.ts';
import type { DocumentLanes } from './document-lanes.ts';
import { type BlockLayout, type DocumentLayout, noTarget, slot } from './document-layout.ts';

/** The fixed sizes of a packed batch. */
export interface BatchShape {
  /** B */
  readonly rows: number;
  /** T */
  readonly rowLength: number;
  /** Q: how many discrete positions fit that are asked for their next token. */
  readonly asked: number;
  /** How many discrete positions fit besides; P is both together. */
  readonly silent: number;
  /** A: how many numbers say where a position is; 1 for the place in the sequence, more for axial positions. */
  readonly positionAxes: number;
  /** Kinds of blocks by name, and how many of each fit. */
  readonly blocks: Readonly<Record<string, CountedKind>>;
  /**
   * Room for attention over documents apart, which then follow one another through all rows. Without, attention is over
   * whole rows, and no document crosses from one to the next.
   */
  readonly lanes?: DocumentLanes;
}

/** A kind of block and how many of it there are. */
export interface CountedKind extends BlockKind {
  readonly count: number;
}

/** Where a block of the batch came from. */
export interface PlacedBlock extends BlockLayout {
  readonly document: number;
  readonly row: number;
  /** Position of the first slot within the row; where documents have lanes, the block may go on in the next row. */
  readonly position: number;
}

/** Rows of documents. S = P + every kind's blocks x tokens, in alphabetical order of the kinds' names. */
export interface PackedRows {
  readonly shape: BatchShape;
  /** How many documents were placed. */
  readonly documents: number;
  /** `[P]` token ids: Q of positions that are asked, then the silent ones, each in order of placement; 0 where unused. */
  readonly ids: Int32Array;
  /** `[Q]` ids to predict; 0 where unused. */
  readonly targets: Int32Array;
  /** `[Q]` 1 where there is a target, 0 where unused. */
  readonly targetMask: Float32Array;
  /** `[B * T]` index into the S inputs; S where the position is padding. */
  readonly order: Int32Array;
  /** `[S]` index into the B * T positions; B * T where the input is unused. */
  readonly inverse: Int32Array;
  /** `[A, B, T]` position within the document, along each axis. */
  readonly positions: Int32Array;
  /** `[B, T]` document number within the batch from 1; 0 for padding. */
  readonly documentIds: Int32Array;
  /** `[B, T]` block number within the batch from 1; 0 outside blocks. */
  readonly blockIds: Int32Array;
  /** The placed blocks of each kind, in slot order. */
  readonly blocks: Readonly<Record<string, readonly PlacedBlock[]>>;
}

/** How many positions after its own a position may see at most: from a block's first token to its last. */
export function farthestAhead({ blocks }: BatchShape): number {
  return Math.max(0, ...Object.values(blocks).map(({ tokens }) => tokens - 1));
}

/** The size of S and where each kind's run begins in it. */
export function inputRuns(shape: BatchShape): {
  readonly size: number;
  readonly offsets: Readonly<Record<string, number>>;
} {
  let size = shape.asked + shape.silent;
  const offsets: Record<string, number> = {};
  for (const kind of Object.keys(shape.blocks).toSorted()) {
    offsets[kind] = size;
    const { count, tokens } = shape.blocks[kind]!;
    size += count * tokens;
  }
  return { size, offsets };
}

/** Fills a batch document by document. */
export interface RowPacker {
  /** Places a document into the first row with room, or behind the last one where documents have lanes; false, and nothing changed, where it does not fit (any more). */
  place(document: DocumentLayout): boolean;
  /** The batch; call once. */
  finish(): PackedRows;
}

/** Starts an empty batch. `place` throws `sequence.too-long` for a document longer than a row. */
export function createRowPacker(shape: BatchShape): RowPacker {
  const { rows, rowLength, positionAxes, lanes } = shape;
  const { size, offsets } = inputRuns(shape);
  // Where rows need no borders they are one line.
  const [lines, lineLength] = lanes === undefined ? [rows, rowLength] : [1, rows * rowLength];
  const packed = {
    ids: new Int32Array(shape.asked + shape.silent),
    targets: new Int32Array(shape.asked),
    targetMask: new Float32Array(shape.asked),
    order: new Int32Array(rows * rowLength).fill(size),
    inverse: new Int32Array(size).fill(rows * rowLength),
    positions: new Int32Array(positionAxes * rows * rowLength),
    documentIds: new Int32Array(rows * rowLength),
    blockIds: new Int32Array(rows * rowLength),
  };
  const used = new Int32Array(lines);
  const blocks: Record<string, PlacedBlock[]> = Object.fromEntries(Object.keys(shape.blocks).map((name) => [name, []]));
  let [documents, asked, silent, blockCount] = [0, 0, 0, 0];

  const placeDiscrete = (document: DocumentLayout, start: number) => {
    for (let index = 0; index < document.length; index++) {
      for (let axis = 0; axis < positionAxes; axis++) packed.positions[axis * rows * rowLength + start + index] = index;
      packed.documentIds[start + index] = documents;
      if (document.ids[index] === slot) continue;
      const target = document.targets[index]!;
      const input = target === noTarget ? shape.asked + silent++ : asked++;
      packed.ids[input] = document.ids[index]!;
      packed.order[start + index] = input;
      packed.inverse[input] = start + index;
      if (target === noTarget) continue;
      packed.targets[input] = target;
      packed.targetMask[input] = 1;
    }
  };
  const placeBlocks = (document: DocumentLayout, start: number) => {
    for (const block of document.blocks) {
      const kind = kindOf(block);
      const placed = blocks[kind]!;
      const firstInput = offsets[kind]! + placed.length * block.tokens;
      blockCount++;
      const positions = blockPositions(block.start, block.grid, positionAxes);
      for (let axis = 0; axis < positionAxes; axis++) {
        const own = positions.subarray(axis * block.tokens, (axis + 1) * block.tokens);
        packed.positions.set(own, axis * rows * rowLength + start + block.start);
      }
      for (let index = 0; index < block.tokens; index++) {
        const position = start + block.start + index;
        packed.blockIds[position] = blockCount;
        packed.order[position] = firstInput + index;
        packed.inverse[firstInput + index] = position;
      }
      const first = start + block.start;
      placed.push({ ...block, document: documents, row: Math.floor(first / rowLength), position: first % rowLength });
    }
  };
  const hasRoom = (document: DocumentLayout) => {
    const here = countDiscrete(document);
    if (asked + here.asked > shape.asked || silent + here.silent > shape.silent) return false;
    if (lanes !== undefined && (documents === lanes.count || document.length >= lanes.length)) return false;
    return [...countKinds(document)].every(
      ([kind, { count }]) => (blocks[kind]?.length ?? 0) + count <= (shape.blocks[kind]?.count ?? 0),
    );
  };

  return {
    place(document) {
      checkLength(document, shape);
      const line = used.findIndex((length) => length + document.length <= lineLength);
      if (line < 0 || !hasRoom(document)) return false;
      documents++;
      const start = line * lineLength + used[line]!;
      placeDiscrete(document, start);
      placeBlocks(document, start);
      used[line]! += document.length;
      return true;
    },
    finish: () => ({ shape, documents, ...packed, blocks }),
  };
}

/** Packs a list of documents; throws `sequence.too-long` where they do not all fit. */
export function packRows(documents: readonly DocumentLayout[], shape: BatchShape): PackedRows {
  const packer = createRowPacker(shape);
  for (const document of documents) {
    if (packer.place(document)) continue;
    throw new TransfuseError({
      code: 'sequence.too-long',
      place: 'batch',
      found: `${documents.length} documents of ${documents.reduce((sum, { length }) => sum + length, 0)} positions`,
      expected: `what fits ${shape.rows} rows of ${shape.rowLength}${shape.lanes === undefined ? '' : `, ${shape.lanes.count} documents of under ${shape.lanes.length}`}`,
      mend: 'Use more or longer rows, or fewer documents.',
    });
  }
  return packer.finish();
}

/** The smallest shape that is no smaller than this one and that an empty batch of it has room for the document. */
export function shapeWithRoomFor(document: DocumentLayout, shape: BatchShape): BatchShape {
  const { asked, silent } = countDiscrete(document);
  const blocks: Record<string, CountedKind> = { ...shape.blocks };
  for (const [kind, here] of countKinds(document)) {
    if (here.count > (blocks[kind]?.count ?? 0)) blocks[kind] = here;
  }
  const larger = { ...shape, asked: Math.max(asked, shape.asked), silent: Math.max(silent, shape.silent), blocks };
  return shape.lanes !== undefined && document.length >= shape.lanes.length ? overRows(larger) : larger;
}

/** The same shape with attention over whole rows: lanes for one long document would all be as long. */
export function overRows({ lanes, ...shape }: BatchShape): BatchShape {
  return shape;
}

function checkLength(document: DocumentLayout, { rowLength }: BatchShape): void {
  if (document.length <= rowLength) return;
  throw new TransfuseError({
    code: 'sequence.too-long',
    place: 'document',
    found: `${document.length} positions`,
    expected: `at most ${rowLength}`,
    mend: 'Shorten the document, or raise train.rowLength (and model.sequenceLength if need be).',
  });
}

const kindOf = ({ modality, latent }: BlockLayout) => blockKindName(modality, latent.shape);

/** How many blocks of each kind a document has. */
export function countKinds({ blocks }: DocumentLayout): ReadonlyMap<string, CountedKind> {
  const counts = new Map<string, CountedKind>();
  for (const block of blocks) {
    const { modality, latent, tokens } = block;
    const count = (counts.get(kindOf(block))?.count ?? 0) + 1;
    counts.set(kindOf(block), { modality, latentShape: latent.shape, tokens, count });
  }
  return counts;
}

/** How many discrete positions of a document are asked for their next token, and how many are not. */
function countDiscrete({ ids, targets }: DocumentLayout): { readonly asked: number; readonly silent: number } {
  const discrete = ids.reduce((sum, id) => sum + (id === slot ? 0 : 1), 0);
  const asked = targets.reduce((sum, target) => sum + (target === noTarget ? 0 : 1), 0);
  return { asked, silent: discrete - asked };
}
