/**
 * The checks of a step cache: the first evaluation is made, forecasts read no more than they asked for, and where the
 * network always says the same, so does the forecast.
 */
import { isDeepStrictEqual } from 'node:util';
import type { EvaluatedOutput, StepCache } from '../contracts/step-cache.ts';
import { createRandom } from '../random/seeded-random.ts';
import { insist, insistUntouched } from './broken-contract.ts';
import { type CheckOptions, type CheckSuite, createSuite } from './check-suite.ts';
import { difference, notFinite } from './number-arrays.ts';
import { insistPlainSettings } from './plain-settings.ts';

/**
 * The suite of a step cache.
 *
 * @example
 * ```ts
 * import { checkStepCache } from '@transfuse/core/testing';
 * const everySecond = {
 *   name: 'every-second',
 *   config: {},
 *   history: 1,
 *   evaluates: (index: number) => index % 2 === 0,
 *   forecast: ([latest]: readonly { output: Float32Array }[]) => latest!.output.slice(),
 * };
 * console.assert((await checkStepCache(() => everySecond).run()).outcome === 'passed');
 * ```
 */
export function checkStepCache(create: () => StepCache | Promise<StepCache>, options: CheckOptions = {}): CheckSuite {
  return createSuite(
    'step cache',
    {
      'has a name and plain settings': async () => insistPlainSettings(await create()),
      'reads at least one evaluated output': async () => {
        const { history } = await create();
        insist(
          Number.isInteger(history) && history >= 1,
          `history is ${history}; it must be a whole number of at least 1, the most evaluated outputs that forecast reads.`,
        );
      },
      'makes the first evaluation of every run': async () => insistFirst(await create()),
      'decides by the index alone which evaluations are made': async () => insistDecisions(await create()),
      'forecasts the constant that the network always said': async () => insistConstant(await create()),
      'forecasts finite outputs, twice the same, from inputs that stay': async () => insistPure(await create()),
    },
    options,
  );
}

const runs = [1, 2, 3, 10, 50];

function insistFirst(cache: StepCache): void {
  for (const of of runs) {
    const answer: unknown = cache.evaluates(0, of);
    insist(
      answer === true,
      `evaluates(0, ${of}) is ${String(answer)}; the first evaluation is always made, there is nothing to forecast from.`,
    );
  }
}

function insistDecisions(cache: StepCache): void {
  for (const of of runs) {
    const ask = () => Array.from({ length: of }, (_, index) => cache.evaluates(index, of));
    const answers = ask();
    insist(
      answers.every((answer) => typeof answer === 'boolean'),
      `evaluates gave ${answers.find((answer) => typeof answer !== 'boolean')}; it answers true or false.`,
    );
    cache.forecast(history(cache, 1), 0.4);
    insist(
      isDeepStrictEqual(ask(), answers),
      `evaluates changed its mind in a run of ${of}; it must depend on index and number alone.`,
    );
  }
}

/** Outputs of a smooth run, the latest first; with `repeat` the two latest stand at one time, as in a two-stage method. */
function history(
  cache: StepCache,
  count: number,
  { constant, repeat = false }: { readonly constant?: number; readonly repeat?: boolean } = {},
): readonly EvaluatedOutput[] {
  const random = createRandom(`outputs/${count}`);
  const numbers = random.fillNormal(new Float32Array(6));
  return Array.from({ length: Math.min(count, cache.history) }, (_, index) => {
    const time = 0.5 + 0.1 * (repeat && index > 0 ? index - 1 : index);
    return { time, output: numbers.map((x) => constant ?? x * (1 + time)) };
  });
}

function* histories(cache: StepCache, constant?: number): Generator<readonly EvaluatedOutput[]> {
  for (let count = 1; count <= Math.min(cache.history, 8); count++) {
    for (const repeat of count > 1 ? [false, true] : [false]) {
      yield history(cache, count, { repeat, ...(constant !== undefined && { constant }) });
    }
  }
}

function insistConstant(cache: StepCache): void {
  for (const evaluated of histories(cache, 0.75)) {
    const forecast = cache.forecast(evaluated, 0.42);
    const wrong = difference(forecast, evaluated[0]!.output, { tolerance: 1e-4 });
    insist(
      wrong === undefined,
      `From ${evaluated.length} equal outputs at times ${evaluated.map(({ time }) => time).join(', ')} the forecast has ${wrong}; what never changed is forecast unchanged.`,
    );
  }
}

async function insistPure(cache: StepCache): Promise<void> {
  for (const evaluated of histories(cache)) {
    const once = await insistUntouched({ evaluated }, () => cache.forecast(evaluated, 0.42), 'forecast');
    const wrong = notFinite(once);
    insist(
      once instanceof Float32Array && once.length === 6 && wrong === undefined,
      `From ${evaluated.length} outputs of 6 values the forecast has ${once.length}${wrong === undefined ? '' : `, with ${wrong}`}; it is a finite Float32Array of the output's size.`,
    );
    cache.forecast(history(cache, 1, { constant: 9 }), 0.1);
    insist(
      isDeepStrictEqual(cache.forecast(evaluated, 0.42), once),
      'forecast gave two answers for the same outputs; it must remember nothing between calls.',
    );
  }
}
