// Finds the known name a person probably meant when they wrote an unknown one. Distance is the number of inserted,
// removed, replaced or swapped characters (Damerau 1964, in the restricted form), after case, hyphens and underscores
// are put aside, so that `learning_rate` finds `learningRate`.

/**
 * The closest of `known` to `wanted`, or undefined when none is close (more than a third of the letters differ).
 *
 * @example
 * ```ts
 * import { nearestName } from '@transfuse/core/contracts';
 * console.assert(nearestName('widht', ['width', 'depth']) === 'width');
 * console.assert(nearestName('banana', ['width', 'depth']) === undefined);
 * ```
 */
export function nearestName(wanted: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const name of known) {
    const [left, right] = [normal(wanted), normal(name)];
    const distance = editDistance(left, right);
    const allowed = Math.max(1, Math.floor(Math.max(left.length, right.length) / 3));
    if (distance <= allowed && distance < bestDistance && distance < right.length) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

function normal(name: string): string {
  return name.slice(0, 100).toLowerCase().replaceAll(/[-_]/g, '');
}

function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replace = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      let cost = Math.min(replace, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length] ?? 0;
}
