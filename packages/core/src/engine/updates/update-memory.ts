/**
 * Brings the tensors that updates read and write into memory where formulas compute in place. Functions over the same
 * stores, a training step for rows of every shape, find them there and share the room for gradients, as one runs at a
 * time.
 */
import { allocatedBytes, createFormulaMemory, type FormulaMemory } from '../../elements/formula-memory.ts';
import type { RuntimeStore } from '../runtime-store.ts';
import type { ElementUpdate, StoredTensor } from './element-update.ts';

/** One WebAssembly memory can have four times as much. */
const largestMemory = 2 ** 30;

/** The memory that a buffer belongs to, and arrays for values of the graph in it, by their length. */
interface Home {
  readonly memory: FormulaMemory;
  readonly room: Map<number, Float32Array[]>;
}

const homes = new WeakMap<ArrayBufferLike, Home>();

/**
 * Brings the tensors of each update together in one memory, as far as there is such memory. Returns arrays there for the
 * values of the graph that updates read, by their names in it; values that are not named are copied at every run.
 */
export function settleUpdates(
  updates: readonly ElementUpdate[],
  stores: Readonly<Record<string, RuntimeStore>>,
): ReadonlyMap<string, Float32Array> {
  const homeless = updates.filter((update) => homeOf(update, stores) === undefined);
  for (const some of portions(homeless)) moveIn(some, stores);
  const taken = new Map<Home, Map<number, number>>();
  const operands = new Map<string, Float32Array>();
  for (const update of updates) {
    const home = homeOf(update, stores);
    if (home === undefined) continue;
    const uses = taken.get(home) ?? new Map<number, number>();
    taken.set(home, uses);
    for (const name of graphArrays(update)) {
      const used = uses.get(update.length) ?? 0;
      uses.set(update.length, used + 1);
      const array = roomFor(home, update.length, used);
      if (array !== undefined) operands.set(name, array);
    }
  }
  return operands;
}

/** The memory that an array lies in, if it is one that formulas compute in. */
export function memoryOf(array: Float32Array): FormulaMemory | undefined {
  return homes.get(array.buffer)?.memory;
}

/** Tensors of stores that an update reads or writes, each once. */
function tensorsOf({ arrays, targets }: ElementUpdate): readonly StoredTensor[] {
  const read = arrays.flatMap((operand) => (operand.from === 'store' ? [operand] : []));
  return [...new Map([...targets, ...read].map((each) => [`${each.store}/${each.tensor}`, each])).values()];
}

function graphArrays({ arrays }: ElementUpdate): readonly string[] {
  return arrays.flatMap((operand) => (operand.from === 'graph' ? operand.name : []));
}

/** The memory that all tensors of an update lie in. */
function homeOf(update: ElementUpdate, stores: Readonly<Record<string, RuntimeStore>>): Home | undefined {
  const found = tensorsOf(update).map(({ store, tensor }) => homes.get(stores[store]!.values(tensor).buffer));
  return new Set(found).size === 1 ? found[0] : undefined;
}

function bytesOf(update: ElementUpdate): number {
  return (tensorsOf(update).length + graphArrays(update).length) * allocatedBytes(update.length);
}

/** Updates in order, as many at a time as one memory holds; those too large for any are left out. */
function portions(updates: readonly ElementUpdate[]): readonly (readonly ElementUpdate[])[] {
  const all: ElementUpdate[][] = [];
  let free = 0;
  for (const update of updates) {
    const bytes = bytesOf(update);
    if (bytes > largestMemory) continue;
    if (bytes > free) {
      all.push([]);
      free = largestMemory;
    }
    all.at(-1)!.push(update);
    free -= bytes;
  }
  return all;
}

function moveIn(updates: readonly ElementUpdate[], stores: Readonly<Record<string, RuntimeStore>>): void {
  const memory = createFormulaMemory(updates.reduce((bytes, update) => bytes + bytesOf(update), 0));
  if (memory === undefined) return;
  const home: Home = { memory, room: new Map() };
  for (const update of updates) {
    for (const { store, tensor } of tensorsOf(update)) {
      const array = memory.allocate(update.length)!;
      homes.set(array.buffer, home);
      stores[store]!.relocate(tensor, array);
    }
  }
}

/** The array of this length that `used` others come before, made where there is room. */
function roomFor({ memory, room }: Home, length: number, used: number): Float32Array | undefined {
  const arrays = room.get(length) ?? [];
  room.set(length, arrays);
  if (arrays.length === used) {
    const array = memory.allocate(length);
    if (array !== undefined) arrays.push(array);
  }
  return arrays[used];
}
