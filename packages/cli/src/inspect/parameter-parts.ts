// Counts a model's parameters part by part, by the names the model gives them: the embedding, attention, feed-forward
// and norms of the transformer, the language head, and each adapter.
import type { ParameterSpec } from '@transfuse/core/contracts';

/** The parameters of one part. */
export interface ParameterPart {
  /** `embedding`, `attention`, `feed-forward`, `norms`, `head`, `adapter <modality>`, or `other`. */
  readonly part: string;
  readonly parameters: number;
}

const rules: readonly (readonly [RegExp, string])[] = [
  [/^adapters\.([^.]+)\./, 'adapter $1'],
  [/(?:^|\.)(?:\w+_)?norm\./, 'norms'],
  [/^embedding\./, 'embedding'],
  [/^head\./, 'head'],
  [/\.attention\./, 'attention'],
  [/\.feed_forward\./, 'feed-forward'],
];

/** The parts in the order a sequence passes them; their sum is every parameter. */
export function parameterParts(spec: ParameterSpec): readonly ParameterPart[] {
  const counts = new Map<string, number>(
    ['embedding', 'attention', 'feed-forward', 'norms', 'head'].map((part) => [part, 0]),
  );
  for (const [name, { shape }] of Object.entries(spec)) {
    const part = partOf(name);
    counts.set(part, (counts.get(part) ?? 0) + shape.reduce((product, size) => product * size, 1));
  }
  return [...counts].map(([part, parameters]) => ({ part, parameters }));
}

function partOf(name: string): string {
  for (const [pattern, part] of rules) {
    const match = pattern.exec(name);
    if (match !== null) return part.replace('$1', match[1] ?? '');
  }
  return 'other';
}
