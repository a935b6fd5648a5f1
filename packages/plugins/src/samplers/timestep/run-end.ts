import { choiceSetting } from '../../schedules/setting.ts';
import { type ChainLevel, cleanLevel, type TimestepChain } from '../timestep-chain.ts';

// Where the last step of a run ends. Below the first timestep of a discrete schedule there is either clean data, or
// nothing, so that the run ends at the first timestep's own level, which still has a little noise (what diffusers calls
// `set_alpha_to_one`; checkpoints of Stable Diffusion expect the latter).

/** `clean`: alpha 1, sigma 0; `first-timestep`: the schedule's level at time 0. */
export type RunEnd = 'clean' | 'first-timestep';

/** Reads and checks the setting; throws `schedule.invalid`. */
export function runEndSetting(sampler: string, value: RunEnd | undefined): RunEnd {
  return choiceSetting<RunEnd>({
    place: `${sampler}.end`,
    value,
    fallback: 'clean',
    choices: ['clean', 'first-timestep'],
  });
}

/** The level a run ends at. */
export function runEndLevel(chain: TimestepChain, end: RunEnd): ChainLevel {
  return end === 'clean' ? cleanLevel : chain.level(0);
}

/** The JSON schema of the setting. */
export const runEndSchema = {
  enum: ['clean', 'first-timestep'],
  default: 'clean',
  description: 'Whether the last step ends at clean data or at the schedule’s level of time 0.',
} as const;
