// Finds the known name that a person probably meant, for messages. Distance counts characters inserted, removed, replaced
// or swapped with their neighbour (Damerau 1964, in the restricted form).

/** The closest of the known names, where at most a third of its letters differ. */
export function nearestName(wanted: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((name) => ({ name, distance: editDistance(wanted.slice(0, 100).toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .toSorted((one, other) => one.distance - other.distance);
  return best?.name;
}

function editDistance(left: string, right: string): number {
  let beforeAbove: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = (above[column - 1] as number) + (left[row - 1] === right[column - 1] ? 0 : 1);
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const swap = row > 1 && column > 1 && swapped ? (beforeAbove[column - 2] as number) + 1 : Infinity;
      current.push(Math.min(replaced, swap, (above[column] as number) + 1, (current[column - 1] as number) + 1));
    }
    beforeAbove = above;
    above = current;
  }
  return above[right.length] as number;
}
