import { describe, expect, it } from 'vitest';
import { straightPath } from '../../../../test/support/tiny-batch.ts';
import { tinySplit } from '../../../../test/support/tiny-dataset.ts';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { largestDifference } from '../../../../test/support/tiny-numbers.ts';
import { tinySettings } from '../../../../test/support/tiny-settings.ts';
import { tinySignal } from '../../../../test/support/tiny-signal.ts';
import { letters } from '../../../../test/support/tiny-text.ts';
import type { DatasetSplit } from '../contracts/dataset.ts';
import { createCompiledEngine } from '../engine/compiled-engine.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { defineModel } from '../model/transfusion-model.ts';
import { averageDecayAt, learningRateAt } from './learning-rate.ts';
import type { StepReport } from './step-runner.ts';
import { createTrainer, type Trainer, type TrainerOptions } from './trainer.ts';

const engine = createCompiledEngine({ threads: 1 });
const model = defineModel(tinyTransformer({ depth: 1 }), [letters(6), tinySignal()]);

const trainerFor = (changes: Partial<TrainerOptions> = {}) =>
  createTrainer({ engine, model, split: tinySplit(6), schedule: straightPath, settings: tinySettings(), ...changes });

async function totals(trainer: Trainer, steps: number): Promise<number[]> {
  const found: number[] = [];
  for (let step = 0; step < steps; step++) found.push((await trainer.step()).total);
  return found;
}

describe('a trainer', () => {
  it('lowers the loss', async () => {
    const trainer = await trainerFor();
    const found = await totals(trainer, 60);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(found.slice(-5))).toBeLessThan(0.75 * mean(found.slice(0, 5)));
    await trainer.dispose();
  });

  it('reports what each step did', async () => {
    const trainer = await trainerFor();
    expect(trainer.account()).toEqual([]);
    for (let step = 1; step <= 3; step++) {
      const report = await trainer.step();
      expect(report.step).toBe(step);
      expect(report.learningRate).toBe(learningRateAt(step, tinySettings().train));
      expect(report.total).toBeCloseTo(report.text + 5 * report.diffusion, 4);
      expect(report.gradientNorm).toBeGreaterThan(0);
      expect(Object.keys(report.diffusionOf)).toEqual(['signal']);
      expect(report.diffusionOf['signal']).toBeCloseTo(report.diffusion, 4);
      const account = trainer.account();
      expect(account).toHaveLength(2 * 40);
      expect(account.reduce((sum, { value, weight }) => sum + value * weight, 0)).toBeCloseTo(report.total, 4);
      expect(report.tokens).toBe(account.filter(({ document }) => document > 0).length);
      expect(report.documents).toBe(Math.max(...account.map(({ document }) => document)));
    }
    await trainer.dispose();
  });

  it('starts without a surprise: as likely every token, and a diffusion loss of the data’s size', async () => {
    const trainer = await trainerFor();
    const { text, diffusion } = await trainer.step();
    expect(text).toBeCloseTo(Math.log(model.vocabulary.size), 1);
    expect(diffusion).toBeGreaterThan(0.1);
    expect(diffusion).toBeLessThan(2);
    await trainer.dispose();
  });

  it('does the same again from the same seed, and something else from another', async () => {
    const run = async (seed: number) => {
      const trainer = await trainerFor({ settings: tinySettings({ seed }) });
      const found = await totals(trainer, 4);
      await trainer.dispose();
      return found;
    };
    expect(await run(3)).toEqual(await run(3));
    expect(await run(4)).not.toEqual(await run(3));
  });

  it.each([1, 2])(
    'goes on from a stored state exactly as if it had not stopped, %d batches a step',
    async (accumulate) => {
      const options = { settings: tinySettings({ accumulate }) };
      const whole = await trainerFor(options);
      const expected = await totals(whole, 6);
      const first = await trainerFor(options);
      const found = await totals(first, 3);
      const resume = await first.state();
      await first.dispose();
      expect([resume.step, resume.nextDocument > 0]).toEqual([3, true]);
      const second = await trainerFor({ ...options, resume });
      found.push(...(await totals(second, 3)));
      expect(found).toEqual(expected);
      expect(await second.state()).toEqual(await whole.state());
      await Promise.all([whole.dispose(), second.dispose()]);
    },
  );

  it('averages the losses and gradients of accumulated batches', async () => {
    // Batches of accumulated steps are those of plain steps, one after another; before any step the weights are the same.
    const plain = await trainerFor({ settings: tinySettings({ learningRate: 1e-30 }) });
    const reports: StepReport[] = [];
    const blocks: number[] = [];
    for (let part = 0; part < 3; part++) {
      reports.push(await plain.step());
      const charged = plain.account().flatMap(({ block }) => (block === undefined ? [] : [block.index]));
      blocks.push(new Set(charged).size);
    }
    const accumulated = await trainerFor({ settings: tinySettings({ accumulate: 3 }) });
    const report = await accumulated.step();
    const mean = (of: 'total' | 'text' | 'diffusion') => reports.reduce((sum, each) => sum + each[of] / 3, 0);
    for (const name of ['total', 'text', 'diffusion'] as const) expect(report[name]).toBeCloseTo(mean(name), 4);
    const ofSignal = reports.reduce((sum, { diffusionOf }, part) => sum + diffusionOf['signal']! * blocks[part]!, 0);
    expect(report.diffusionOf['signal']).toBeCloseTo(ofSignal / blocks.reduce((sum, count) => sum + count), 4);
    expect(report.tokens).toBe(reports.reduce((sum, each) => sum + each.tokens, 0));
    expect(report.documents).toBe(reports.reduce((sum, each) => sum + each.documents, 0));
    expect(report.gradientNorm).toBeLessThanOrEqual(
      Math.max(...reports.map(({ gradientNorm }) => gradientNorm)) + 1e-6,
    );
    await Promise.all([plain.dispose(), accumulated.dispose()]);
  });

  it('keeps the account of the last whole step where the next fails halfway', async () => {
    const whole = tinySplit(6);
    let readable = Number.POSITIVE_INFINITY;
    const split: DatasetSplit = {
      ...whole,
      item(index, random) {
        if (readable-- <= 0) throw new Error('unreadable');
        return whole.item(index, random);
      },
    };
    const trainer = await trainerFor({ split, settings: tinySettings({ accumulate: 3 }) });
    const { documents } = await trainer.step();
    const account = structuredClone(trainer.account());
    readable = Math.floor((2 * documents) / 3);
    await expect(trainer.step()).rejects.toThrowError('unreadable');
    expect(trainer.account()).toEqual(account);
    await trainer.dispose();
  });

  it('keeps a moving average of the weights', async () => {
    const trainer = await trainerFor();
    const name = 'head.weight';
    let mean = (await trainer.state()).stores.average[name]!.data.slice() as Float32Array;
    for (let step = 1; step <= 4; step++) {
      await trainer.step();
      const { parameters } = (await trainer.state()).stores;
      const decay = averageDecayAt(step, tinySettings().train.ema);
      mean = mean.map((value, index) => decay * value + (1 - decay) * parameters[name]!.data[index]!);
      const average = (await trainer.average.read(name)).data;
      expect(largestDifference(average, mean)).toBeLessThan(1e-6);
      expect(largestDifference(average, parameters[name]!.data)).toBeGreaterThan(1e-4);
    }
    await trainer.dispose();
  });

  it('says so when the loss is no longer a number', async () => {
    const trainer = await trainerFor({ settings: tinySettings({ learningRate: 1e30, warmup: 0 }) });
    await expect(totals(trainer, 5)).rejects.toMatchObject({
      code: 'training.diverged',
      place: expect.stringMatching(/^step [2-5]$/),
    });
    await trainer.dispose();
  });

  it('trains on text alone', async () => {
    const onlyText = defineModel(tinyTransformer({ depth: 1 }), [letters(6)]);
    const split = tinySplit(6, { textOnly: [0, 1, 2, 3, 4, 5] });
    const trainer = await trainerFor({ model: onlyText, split });
    const [first, ...rest] = await totals(trainer, 30);
    expect(rest.at(-1)).toBeLessThan(first!);
    expect(trainer.batchShape.blocks).toEqual({});
    await trainer.dispose();
  });

  it('takes the same first steps eagerly', async () => {
    const eager = await createEagerEngine();
    const [one, other] = [await trainerFor(), await trainerFor({ engine: eager })];
    const [compiledTotals, eagerTotals] = [await totals(one, 3), await totals(other, 3)];
    compiledTotals.forEach((total, index) => expect(Math.abs(total / eagerTotals[index]! - 1)).toBeLessThan(1e-4));
    await Promise.all([one.dispose(), other.dispose()]);
  });
});
