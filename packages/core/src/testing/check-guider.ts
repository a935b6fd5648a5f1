/**
 * The checks of a guider: it asks for branches that exist, is pure but for its memory, keeps sizes, and leaves the output
 * alone where there is nothing to steer by.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Guider } from '../contracts/guider.ts';
import type { PredictionType } from '../contracts/noise-schedule.ts';
import { insist, insistUntouched } from './broken-contract.ts';
import { type CheckOptions, type CheckSuite, createSuite } from './check-suite.ts';
import {
  evaluations,
  type GuidanceCase,
  guidanceCases,
  guidanceInput,
  guideThrough,
  knownBranches,
} from './guidance-case.ts';
import { difference, notFinite } from './number-arrays.ts';
import { insistPlainSettings } from './plain-settings.ts';

/** What a guider's suite takes. */
export interface GuiderCheckOptions extends CheckOptions {
  /** Predictions it works with. @default all three */
  readonly predictions?: readonly PredictionType[];
  /**
   * What it gives where all branches say the same: what it was given (`given`), or something of the author's own (`own`),
   * which is not checked. @default 'given'
   */
  readonly agreement?: 'given' | 'own';
  /** Creates the guider with settings at which it does nothing (a scale of 1). Without it that check is left out. */
  readonly identity?: () => Guider | Promise<Guider>;
}

/**
 * The suite of a guider.
 *
 * @example
 * ```ts
 * import { classifierFreeGuider } from '@transfuse/core/generation';
 * import { checkGuider } from '@transfuse/core/testing';
 * const suite = checkGuider(() => classifierFreeGuider(3), { identity: () => classifierFreeGuider(1) });
 * console.assert((await suite.run()).outcome === 'passed');
 * ```
 */
export function checkGuider(create: () => Guider | Promise<Guider>, options: GuiderCheckOptions = {}): CheckSuite {
  const { predictions = ['epsilon', 'sample', 'velocity'], agreement = 'given', identity } = options;
  const each = (check: (guider: Guider, one: GuidanceCase) => void | Promise<void>) => async () => {
    const guider = await create();
    for (const one of guidanceCases(predictions)) await check(guider, one);
  };
  const promises: Record<string, () => Promise<void>> = {
    'has a name and plain settings': async () => insistPlainSettings(await create()),
    'asks for branches that exist, each once': async () => insistBranches(await create()),
    'says where it applies, by the moment alone': async () => insistApplies(await create()),
    'gives finite outputs of the size it was given': each(insistOutputs),
    'is pure, and leaves its input as it is': each(insistPure),
    'remembers in arrays that can be stored': each(insistMemory),
  };
  if (agreement === 'given') {
    promises['leaves the output alone where all branches agree'] = each((guider, one) =>
      insistIdentity(
        guider,
        one,
        'agree',
        "all branches agree; then nothing is left to steer by (or declare `agreement: 'own'`)",
      ),
    );
  }
  if (identity !== undefined) {
    promises['does nothing at the settings declared as identity'] = async () => {
      const guider = await identity();
      for (const one of guidanceCases(predictions)) {
        insistIdentity(guider, one, 'differ', 'its settings are declared as doing nothing (the option `identity`)');
      }
    };
  }
  return createSuite('guider', promises, options);
}

function insistBranches({ branches }: Guider): void {
  const unknown = branches.find((branch) => !knownBranches.includes(branch));
  insist(
    unknown === undefined,
    `branches has ${JSON.stringify(unknown)}; beside \`conditional\`, which is always there, a guider can ask for ${knownBranches.join(', ')}.`,
  );
  insist(new Set(branches).size === branches.length, `branches is [${branches.join(', ')}]; name each branch once.`);
}

function insistApplies(guider: Guider): void {
  if (guider.appliesAt === undefined) return;
  const [one] = guidanceCases(['velocity']);
  const ask = () =>
    Array.from({ length: evaluations }, (_, index) => guider.appliesAt!(guidanceInput(guider, one!, { index }).moment));
  const answers = ask();
  insist(
    answers.every((answer) => typeof answer === 'boolean'),
    `appliesAt gave ${answers.join(', ')}; it answers true or false.`,
  );
  guideThrough(guider, one!);
  insist(
    isDeepStrictEqual(ask(), answers),
    'appliesAt changed its mind about a moment; it must depend on the moment alone.',
  );
}

function insistOutputs(guider: Guider, one: GuidanceCase): void {
  for (const guided of ['first', 'later'] as const) {
    for (let index = 0; index < evaluations; index++) {
      const input = guidanceInput(guider, one, { index, guided });
      if (!(guider.appliesAt?.(input.moment) ?? true)) continue;
      const { guided: result } = guider.guide(input);
      insist(
        result instanceof Float32Array && result.length === input.guided.length,
        `${one.where} guide gave ${result?.length ?? 'no'} values for ${input.guided.length}; the result is a Float32Array of the output's size.`,
      );
      const wrong = notFinite(result);
      insist(wrong === undefined, `${one.where} guide gave ${wrong}; outputs must be finite.`);
    }
  }
}

async function insistPure(guider: Guider, one: GuidanceCase): Promise<void> {
  const first = guideThrough(guider, one);
  const second = guideThrough(guider, one);
  insist(
    isDeepStrictEqual(second, first),
    `${one.where} two runs through the same inputs gave different outputs; keep what is remembered in \`memory\`.`,
  );
  const input = guidanceInput(guider, one, { index: 1, guided: 'later' });
  if (!(guider.appliesAt?.(input.moment) ?? true)) return;
  await insistUntouched({ input }, () => guider.guide(input), `${one.where} guide`);
}

function insistMemory(guider: Guider, one: GuidanceCase): void {
  const stored = (memory: readonly Float32Array[]) => {
    insist(
      Array.isArray(memory) && memory.every((array) => array instanceof Float32Array),
      `${one.where} memory is no list of Float32Arrays; it is stored with the state of the run.`,
    );
    return memory.map((array) => Float32Array.from(JSON.parse(JSON.stringify([...array])) as number[]));
  };
  insist(
    isDeepStrictEqual(guideThrough(guider, one, stored), guideThrough(guider, one)),
    `${one.where} a run whose memory was stored as JSON after each evaluation went on differently; remember numbers only, in arrays of its own.`,
  );
}

function insistIdentity(guider: Guider, one: GuidanceCase, branches: 'differ' | 'agree', why: string): void {
  for (let index = 0; index < evaluations; index++) {
    const input = guidanceInput(guider, one, { index, branches });
    if (!(guider.appliesAt?.(input.moment) ?? true)) continue;
    const wrong = difference(guider.guide(input).guided, input.guided, { tolerance: 1e-4 });
    insist(wrong === undefined, `${one.where} at evaluation ${index}, guide gave ${wrong} although ${why}.`);
  }
}
