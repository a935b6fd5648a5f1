/** Runs guiders one after another, and says which branches of the network they need together. */
import type { Branch, Guider, GuidanceInput, GuidanceMoment } from '../contracts/guider.ts';

/** What each guider of a chain remembers, in its order. */
export type GuidanceMemory = readonly (readonly Float32Array[])[];

/** The order in which branches are evaluated. */
const branchOrder: readonly Branch[] = ['without-text', 'without-blocks', 'unconditional', 'weak'];

/** The branches besides `conditional` that a chain reads at a moment; none where a guider says that it does not apply. */
export function branchesAt(guiders: readonly Guider[], moment: GuidanceMoment): readonly Branch[] {
  if (!applies(guiders, moment)) return [];
  return branchOrder.filter((branch) => guiders.some(({ branches }) => branches.includes(branch)));
}

/** Combines the branches' outputs; where the chain does not apply, the conditional output and the memory stay as they are. */
export function guide(
  guiders: readonly Guider[],
  input: Omit<GuidanceInput, 'guided' | 'memory'>,
  memory: GuidanceMemory,
): { readonly guided: Float32Array; readonly memory: GuidanceMemory } {
  let guided = input.outputs.conditional;
  if (!applies(guiders, input.moment)) return { guided, memory };
  const next = guiders.map((guider, index) => {
    const result = guider.guide({ ...input, guided, memory: memory[index] ?? [] });
    guided = result.guided;
    return result.memory ?? [];
  });
  return { guided, memory: next };
}

const applies = (guiders: readonly Guider[], moment: GuidanceMoment) =>
  guiders.every((guider) => guider.appliesAt?.(moment) ?? true);
