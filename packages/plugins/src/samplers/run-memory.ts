import { type SamplerState, TransfuseError } from '@transfuse/core/contracts';

// What the second stage of a step reads of the first. Begun and stepped states have it; a state that was stored without
// its memory, or that a run of another sampler made, has not.

/** The first `count` arrays of a state's memory; throws `schedule.invalid` where they are missing or of another length. */
export function stageMemory(sampler: string, state: SamplerState, count: number): readonly Float32Array[] {
  const { memory, latent } = state;
  if (memory.length >= count && memory.every(({ length }) => length === latent.length)) return memory;
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: `${sampler}.step, state.memory`,
    found: `${memory.length} arrays of ${memory.map(({ length }) => length).join(', ') || 'no'} values`,
    expected: `${count} arrays of ${latent.length} values, from the stage before`,
    mend: 'Continue from the whole state that step returned, or begin the step anew with start.',
  });
}
