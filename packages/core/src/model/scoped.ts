import type { NamedTensors } from '../contracts/tensors.ts';

/** The tensors under a dotted prefix, by the rest of their names: `scoped(params, 'blocks.0')['attention.query.weight']`. */
export function scoped(params: NamedTensors, prefix: string): NamedTensors {
  const start = `${prefix}.`;
  return Object.fromEntries(
    Object.entries(params)
      .filter(([name]) => name.startsWith(start))
      .map(([name, tensor]) => [name.slice(start.length), tensor]),
  );
}
