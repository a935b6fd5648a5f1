import { describe, expect, it } from 'vitest';
import { countedKinds } from '../../../../test/support/tiny-batch.ts';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { tinySignal } from '../../../../test/support/tiny-signal.ts';
import { letters } from '../../../../test/support/tiny-text.ts';
import { defineModel } from '../model/transfusion-model.ts';
import { readBatchShape } from './stored-batch-shape.ts';

const model = defineModel(tinyTransformer(), [letters(6), tinySignal()]);
const shape = {
  rows: 2,
  rowLength: 60,
  asked: 64,
  silent: 64,
  positionAxes: 1,
  blocks: countedKinds(model, { signal: 3 }),
};
const read = (stored: unknown) => readBatchShape(JSON.parse(JSON.stringify(stored)), model, shape);

describe('a stored shape of batches', () => {
  it('is read as it was written, with lanes for documents or over whole rows', () => {
    const apart = { ...shape, lanes: { count: 15, length: 16 } };
    expect(read(apart)).toEqual(apart);
    expect(read(shape)).toEqual(shape);
  });

  it.each([
    [null],
    [3],
    [{ count: 15 }],
    [{ count: 0, length: 16 }],
    [{ count: 15, length: 1.5 }],
    [{ count: 15, length: 72 }],
    [{ count: 121, length: 8 }],
    [[15, 16]],
  ])('is none with %j for lanes', (lanes) => {
    expect(read({ ...shape, lanes })).toBeUndefined();
  });
});
