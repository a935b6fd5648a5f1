// The whole free spoken digit data set, where it lies beside the repository; it is too large to be part of it.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Dataset } from '@transfuse/core/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDigitJudge, judgedAccuracy, knownWords } from './digit-judge.ts';
import { createSpokenDigitsFactory } from './spoken-digits-factory.ts';

const source = fileURLToPath(
  new URL('../../../../../../shared/data/free-spoken-digit-dataset.tar.gz', import.meta.url),
);
const isThere = existsSync(source);

describe.skipIf(!isThere)(`the free spoken digit data set${isThere ? '' : ' (skipped: it is not there)'}`, () => {
  let dataset: Dataset;
  beforeAll(async () => {
    dataset = await createSpokenDigitsFactory().prepare({ source }, { cacheFolder: '' });
  }, 120_000);

  it('has 2,430 recordings to train on, 300 of the official test and 270 held-out ones', () => {
    expect([dataset.train, ...dataset.heldOut].map(({ name, length }) => [name, length])).toEqual([
      ['train', 2430],
      ['official-test', 300],
      ['held-out', 270],
    ]);
    expect([...dataset.texts()]).toHaveLength(60);
  });

  it('is judged right in 297 of 300 digits of the official test', () => {
    const judge = createDigitJudge([...knownWords(dataset.train), ...knownWords(dataset.heldOut[1]!)]);
    const { digit, speaker } = judgedAccuracy(judge, knownWords(dataset.heldOut[0]!));
    expect(digit).toBeGreaterThanOrEqual(297 / 300);
    expect(speaker).toBeGreaterThanOrEqual(297 / 300);
  });
});
