/**
 * Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598) that is only applied in an interval of noise
 * (Kynkäänniemi et al. 2024, arXiv 2404.07724). A guider combines what the network says under several conditions; replace
 * the combination by yours.
 */
import { type Guider, TransfuseError } from '@transfuse/core/contracts';

/** Settings of {@link createTemplateNameGuider}. */
export interface TemplateNameOptions {
  /** From the output without text (0) through the one with it (1) and beyond, 0 to 100. @default 3 */
  readonly scale?: number;
  /** The least noisy time with guidance, 0 (clean) to 1 (noise). @default 0.2 */
  readonly from?: number;
  /** The noisiest time with guidance, at least `from`. @default 0.8 */
  readonly to?: number;
}

/** Creates the guider. Throws `schedule.invalid` for settings out of range or order. */
export function createTemplateNameGuider({ scale = 3, from = 0.2, to = 0.8 }: TemplateNameOptions = {}): Guider {
  if (!(scale >= 0 && scale <= 100)) throw invalid('scale', String(scale), 'a number from 0 to 100');
  if (!(from >= 0 && from <= to && to <= 1)) throw invalid('from', `${from} with to ${to}`, '0 <= from <= to <= 1');
  return {
    name: 'template-name',
    config: { scale, from, to }, // what `create` needs to make this very guider again; it is stored in checkpoints
    // Every branch costs an evaluation of the network. `conditional` is always there; others: `without-blocks` (no
    // earlier pictures), `unconditional` (neither), `weak` (a weaker model).
    branches: scale === 1 ? [] : ['without-text'],
    // Where this says no, the whole chain of guiders rests and no branch is evaluated.
    appliesAt: ({ time }) => time >= from && time <= to,
    guide({ guided, outputs }) {
      // `guided` is what the guider before this one made; for the first of a chain it is the conditional output.
      const without = outputs['without-text'];
      if (without === undefined) return { guided: guided.slice() };
      return { guided: guided.map((x, i) => without[i]! + scale * (x - without[i]!)) };
      // A guider that remembers returns `memory: [...]` beside `guided`, and finds it in the next input.
    },
  };
}

function invalid(field: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'schedule.invalid',
    place: `template-name.${field}`,
    found,
    expected,
    mend: 'Correct it, or leave it out for its default.',
  });
}
