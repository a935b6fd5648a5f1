// What a sampler's own arithmetic costs against the network: every sampler's step on a 32 x 32 x 3 latent, and one
// evaluation of the benchmark's model, in one run. `npm run bench:sampler-steps`.
import { createRandom } from '@transfuse/core';
import { createCompiledEngine } from '@transfuse/core/engine';
import { createModelRunner, generate } from '@transfuse/core/generation';
import { toEstimate } from '@transfuse/core/objective';
import { initializeParameters } from '@transfuse/core/params';
import { samplers } from '@transfuse/plugins/samplers';
import { createCosineSchedule, createEdmSchedule, createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { benchModel } from './bench-model.mjs';
import { describeMachine, median } from './machine.mjs';

const steps = 25;
const size = 32 * 32 * 3;
const noise = createRandom('bench').fillNormal(new Float32Array(size));
const schedules = [createFlowMatchingSchedule(), createCosineSchedule(), createEdmSchedule()];

/** Microseconds of one evaluation's arithmetic: from the network's output to the next latent. */
function stepMicroseconds(sampler, schedule) {
  const run = sampler.begin(schedule, { steps });
  const prediction = 'velocity';
  const times = [];
  for (let round = 0; round < 60; round++) {
    let state = run.start(noise);
    const start = performance.now();
    for (const { level } of run.evaluations) {
      state = run.step(state, toEstimate(noise, state.latent, prediction, level), () => noise);
    }
    times.push(((performance.now() - start) * 1000) / run.evaluations.length);
  }
  return median(times.slice(30)); // the compiler, which shares the cores, takes its time
}

async function evaluationMicroseconds() {
  const model = benchModel({ sequenceLength: 64 });
  const engine = createCompiledEngine();
  const parameters = engine.createStore(initializeParameters(model.parameters, createRandom('bench')));
  const runner = createModelRunner(model, engine, parameters);
  const sampler = await create(samplers.contributions.find(({ name }) => name === 'euler'));
  const settings = { schedule: schedules[0], prediction: 'velocity', sampler, steps: 60, guiders: [] };
  const marks = [];
  for await (const event of generate(
    runner,
    settings,
    [{ modality: 'text', value: [1, 2, 3] }, { want: 'image' }],
    {},
  )) {
    if (event.type === 'step') marks.push(performance.now());
  }
  await runner.dispose();
  await engine.dispose();
  return 1000 * median(marks.slice(1).map((mark, index) => mark - marks[index]));
}

const create = ({ create: make }) => make({}, { logger: console, assets: {} });

const evaluation = await evaluationMicroseconds();
const rows = [];
for (const contribution of samplers.contributions) {
  for (const schedule of schedules) {
    try {
      const micro = stepMicroseconds(await create(contribution), schedule);
      rows.push({
        sampler: contribution.name,
        schedule: schedule.name,
        microseconds: micro,
        share: micro / evaluation,
      });
    } catch (error) {
      if (!['schedule.invalid', 'config.invalid'].includes(error.code)) throw error; // made for another kind of schedule
    }
  }
}
const worst = rows.toSorted((a, b) => b.share - a.share);
console.log(JSON.stringify({ machine: describeMachine(), evaluationMicroseconds: evaluation, rows: worst }, null, 2));
