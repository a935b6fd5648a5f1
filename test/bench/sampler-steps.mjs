// What a sampler's own arithmetic costs against the network: every sampler's step on a 32 x 32 x 3 latent, and one
// evaluation of the benchmark's model, in one run. `npm run bench:sampler-steps`, with `-- --table` for a short table.
//
// Counted is what lies between two evaluations: the estimate made of the network's output, and the sampler's step with
// everything it keeps. Noise is given, not drawn: drawing it costs the same for every sampler that asks for it. Samplers
// and the network take turns, so that whatever else the machine does slows both, and of all turns the fastest fifth
// counts (its slowest turn is given), which are those that nothing else has interrupted.
import { createRandom } from '@transfuse/core';
import { createCompiledEngine } from '@transfuse/core/engine';
import { createModelRunner, generate } from '@transfuse/core/generation';
import { toEstimate } from '@transfuse/core/objective';
import { initializeParameters } from '@transfuse/core/params';
import { samplers } from '@transfuse/plugins/samplers';
import { createCosineSchedule, createEdmSchedule, createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { benchModel } from './bench-model.mjs';
import { describeMachine } from './machine.mjs';

const steps = 25;
const size = 32 * 32 * 3;
const rounds = { warm: 50, counted: 60 };
const aim = 0.02;
const noise = createRandom('bench').fillNormal(new Float32Array(size));
const schedules = [createFlowMatchingSchedule(), createCosineSchedule(), createEdmSchedule()];
const create = ({ create: make }) => make({}, { logger: console, assets: {} });
const fastestFifth = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 5)];

/** Every sampler over every schedule that it is made for. */
async function plannedRuns() {
  const runs = [];
  for (const contribution of samplers.contributions) {
    for (const schedule of schedules) {
      try {
        const run = (await create(contribution)).begin(schedule, { steps });
        runs.push({ sampler: contribution.name, schedule: schedule.name, run, times: [] });
      } catch (error) {
        if (!['schedule.invalid', 'config.invalid'].includes(error.code)) throw error; // made for another kind of schedule
      }
    }
  }
  return runs;
}

/** Microseconds of one evaluation's arithmetic, from the network's output to the next latent: the mean of a run. */
function stepMicroseconds(run) {
  let state = run.start(noise);
  const start = performance.now();
  for (const { level } of run.evaluations) {
    state = run.step(state, toEstimate(noise, state.latent, 'velocity', level), () => noise);
  }
  return ((performance.now() - start) * 1000) / run.evaluations.length;
}

/** A network, and how long its evaluations take within a generation. */
async function network() {
  const model = benchModel({ sequenceLength: 64 });
  const engine = createCompiledEngine();
  const parameters = engine.createStore(initializeParameters(model.parameters, createRandom('bench')));
  const runner = createModelRunner(model, engine, parameters);
  const sampler = await create(samplers.contributions.find(({ name }) => name === 'euler'));
  const settings = { schedule: schedules[0], prediction: 'velocity', sampler, steps, guiders: [] };
  return {
    async microseconds() {
      const marks = [];
      for await (const event of generate(
        runner,
        settings,
        [{ modality: 'text', value: [1, 2, 3] }, { want: 'image' }],
        {},
      )) {
        if (event.type === 'step') marks.push(performance.now());
      }
      return marks.slice(1).map((mark, index) => (mark - marks[index]) * 1000);
    },
    async dispose() {
      await runner.dispose();
      await engine.dispose();
    },
  };
}

const runs = await plannedRuns();
const model = await network();
const evaluations = [];
for (let round = 0; round < rounds.warm + rounds.counted; round += 1) {
  const counts = round >= rounds.warm; // before, the compiler takes its time
  for (const { run, times } of runs) {
    const micro = stepMicroseconds(run);
    if (counts) times.push(micro);
  }
  if (counts && round % 5 === 0) evaluations.push(...(await model.microseconds()));
}
await model.dispose();

const evaluationMicroseconds = fastestFifth(evaluations);
const rows = runs
  .map(({ sampler, schedule, times }) => {
    const microseconds = fastestFifth(times);
    return { sampler, schedule, microseconds, share: microseconds / evaluationMicroseconds };
  })
  .toSorted((a, b) => b.share - a.share);
const over = rows.filter(({ share }) => share > aim).map(({ sampler, schedule }) => `${sampler}, ${schedule}`);
if (process.argv.includes('--table')) {
  const named = new Map(rows.map(({ sampler }) => [sampler, []]));
  for (const { sampler, schedule, microseconds, share } of rows) {
    named.get(sampler).push(`${schedule} ${microseconds.toFixed(0)} (${(100 * share).toFixed(1)} %)`);
  }
  console.log(`evaluation ${evaluationMicroseconds.toFixed(0)} µs; over 2 %: ${over.join('; ') || 'none'}`);
  for (const [sampler, cells] of named) console.log(sampler.padEnd(24) + cells.map((cell) => cell.padEnd(28)).join(''));
} else {
  console.log(JSON.stringify({ machine: describeMachine(), evaluationMicroseconds, aim, over, rows }, null, 2));
}
