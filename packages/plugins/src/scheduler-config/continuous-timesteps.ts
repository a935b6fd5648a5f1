import { TransfuseError } from '@transfuse/core/contracts';
import type { LoadedScheduler } from './scheduler-config.ts';

// Files with continuous timesteps tell the network a quarter of log sigma. A model of ours is told its training time, which
// such a file cannot say, so it would be sampled at other times than it was trained at.

/** Refuses a file of that kind for a host; throws `config.invalid`. `readSchedulerConfig` itself takes it. */
export function refuseContinuousTimesteps({ className, config }: LoadedScheduler): void {
  if (config['timestep_type'] !== 'continuous' || config['prediction_type'] !== 'v_prediction') return;
  throw new TransfuseError({
    code: 'config.invalid',
    place: `${className}, field timestep_type`,
    found: '"continuous" with v_prediction',
    expected: '"discrete", or the schedule edm',
    mend: 'A model trained here is told its training time; use readSchedulerConfig for networks from elsewhere.',
  });
}
