/** Checks of the trainable half of a continuous adapter: declared weights, shapes, independence, tracing, gradients. */
import { isDeepStrictEqual } from 'node:util';
import type { Engine } from '../contracts/engine.ts';
import { type AdapterTrial, runTrial, sizeOf, trialInputs } from './adapter-trial.ts';
import { brokenContract, insist } from './broken-contract.ts';
import { difference } from './number-arrays.ts';

/** Named arrays with positive shapes, initializers and decay, the same each time; a whole grid of tokens. */
export function insistDeclarations({ adapter, latentShape, modelWidth, where }: AdapterTrial): void {
  const spec = adapter.parameters(modelWidth);
  insist(
    Object.keys(spec).length > 0,
    `parameters(${modelWidth}) declares nothing; embed and predict need weights to learn.`,
  );
  for (const [name, { shape, initializer, decay }] of Object.entries(spec)) {
    const at = `parameters(${modelWidth}): ${JSON.stringify(name)}`;
    insist(/^[\w-]+(\.[\w-]+)*$/.test(name), `${at} is no name; write dotted words, for example input.weight.`);
    insist(
      Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size > 0),
      `${at} has shape ${JSON.stringify(shape)}; write a list of positive integers.`,
    );
    insist(
      ['zeros', 'ones', 'normal'].includes(initializer?.kind) && typeof decay === 'boolean',
      `${at} has initializer ${JSON.stringify(initializer)} and decay ${decay}; write zeros, ones or normal, and true or false.`,
    );
  }
  insist(
    isDeepStrictEqual(adapter.parameters(modelWidth), spec),
    `parameters(${modelWidth}) declared other arrays the second time; they depend on the width alone.`,
  );
  const grid = adapter.tokenGrid(latentShape);
  insist(
    grid.length > 0 && grid.every((size) => Number.isInteger(size) && size > 0),
    `${where} tokenGrid is [${grid.join(', ')}]; it lists positive numbers of tokens along each axis.`,
  );
}

/** Tokens `[B, N, D]` and predictions `[B, ...latent]`, for one and for two at once. */
export async function insistShapes(trial: AdapterTrial, engine: Engine): Promise<void> {
  const { adapter, latentShape, modelWidth, where } = trial;
  const grid = adapter.tokenGrid(latentShape);
  for (const times of [[0.4], [0.4, 0.8]]) {
    const outputs = await runTrial(engine, trial, 'outputs', trialInputs(trial, times));
    const wanted = {
      tokens: [times.length, sizeOf(grid), modelWidth],
      prediction: [times.length, ...latentShape],
    };
    for (const [name, shape] of Object.entries(wanted)) {
      const found = outputs[name]!.shape;
      const half = name === 'tokens' ? 'embed gave tokens' : 'predict gave';
      insist(
        isDeepStrictEqual([...found], shape),
        `${where} and a batch of ${times.length} ${half} [${found.join(', ')}]; with the grid [${grid.join(', ')}] and width ${modelWidth} it is [${shape.join(', ')}].`,
      );
    }
  }
}

/** What one item of a batch becomes does not depend on the others. */
export async function insistIndependentItems(trial: AdapterTrial, engine: Engine): Promise<void> {
  const alone = await runTrial(engine, trial, 'outputs', trialInputs(trial, [0.4]));
  const together = await runTrial(engine, trial, 'outputs', trialInputs(trial, [0.4, 0.8]));
  for (const [name, { data }] of Object.entries(alone)) {
    const wrong = difference(together[name]!.data.slice(0, data.length), data, { tolerance: 1e-4 });
    insist(
      wrong === undefined,
      `${trial.where} the ${name} of an item changed with the rest of its batch (${wrong}); mix nothing along the batch axis.`,
    );
  }
}

/** The time reaches tokens or prediction, or reaches neither where that is declared. */
export async function insistTime(trial: AdapterTrial, engine: Engine, time: 'used' | 'ignored'): Promise<void> {
  const [early, late] = [
    await runTrial(engine, trial, 'outputs', trialInputs(trial, [0.15])),
    await runTrial(engine, trial, 'outputs', trialInputs(trial, [0.85])),
  ];
  const same = Object.keys(early).every(
    (name) => difference(late[name]!.data, early[name]!.data, { tolerance: 1e-6 }) === undefined,
  );
  insist(
    same === (time === 'ignored'),
    same
      ? `${trial.where} tokens and prediction are the same at time 0.15 and 0.85; the network must know how much noise there is (or declare \`time: 'ignored'\`).`
      : `${trial.where} the outputs depend on the time although it is declared as ignored; remove \`time: 'ignored'\`.`,
  );
}

/** The compiled engine computes what the eager one does. */
export async function insistTraceable(
  trial: AdapterTrial,
  eager: Engine,
  compiled: Engine,
  tolerance: number,
): Promise<void> {
  const inputs = trialInputs(trial, [0.4, 0.8]);
  for (const what of ['outputs', 'gradients'] as const) {
    const wanted = await runTrial(eager, trial, what, inputs);
    const found = await runTrial(compiled, trial, what, inputs).catch((error: unknown) =>
      brokenContract(
        `${trial.where} the ${what} cannot be compiled (${(error as Error).message.replace(/\.$/, '')}); embed and predict are pure functions in TensorFlow.js ops.`,
        error,
      ),
    );
    for (const [name, { data }] of Object.entries(wanted)) {
      const largest = data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      const wrong = difference(found[name]!.data, data, { tolerance: tolerance * Math.max(1, largest) });
      insist(
        wrong === undefined,
        `${trial.where} compiled, ${name} of the ${what} has ${wrong}; compiled and eager agree within ${tolerance}.`,
      );
    }
  }
}

/** The loss moves every parameter, and every number of the latent and of the hidden states matters. */
export async function insistGradientsReach(trial: AdapterTrial, engine: Engine): Promise<void> {
  const gradients = await runTrial(engine, trial, 'gradients', trialInputs(trial, [0.4, 0.8]));
  for (const [name, { data }] of Object.entries(gradients)) {
    const reached = data.filter((x) => Number.isFinite(x) && x !== 0).length;
    if (name === 'noisy' || name === 'hidden') {
      const [half, from] = name === 'noisy' ? ['embed', 'the noisy latent'] : ['predict', 'the hidden states'];
      insist(
        reached === data.length,
        `${trial.where} ${half} ignores ${data.length - reached} of ${data.length} numbers of ${from}; every one of them must count.`,
      );
      continue;
    }
    insist(
      reached > 0,
      `${trial.where} no gradient reaches ${name.replace('parameter.', 'the parameter ')}; use it in embed or predict, or do not declare it.`,
    );
  }
}
