/** The candidate an admin most likely meant, or null when none is near. Case is ignored. */
export function suggest(typed: string, candidates: readonly string[]): string | null {
  const wanted = typed.toLowerCase();
  const ranked = candidates
    .map((candidate) => ({ candidate, steps: editSteps(wanted, candidate.toLowerCase()) }))
    .sort((left, right) => left.steps - right.steps);
  const [best] = ranked;
  const tolerance = Math.max(1, Math.floor(typed.length / 3));
  return best !== undefined && best.steps <= tolerance ? best.candidate : null;
}

/** How many letters must be added, removed, changed or swapped with their neighbour to turn one word into the other. */
function editSteps(from: string, to: string): number {
  const width = to.length + 1;
  const steps = new Array<number>((from.length + 1) * width).fill(0);
  const at = (row: number, column: number): number => steps[row * width + column] ?? 0;
  for (let row = 0; row <= from.length; row += 1) {
    for (let column = 0; column <= to.length; column += 1) {
      steps[row * width + column] = cheapest(row, column);
    }
  }
  return at(from.length, to.length);

  function cheapest(row: number, column: number): number {
    if (row === 0 || column === 0) return row + column;
    const same = from[row - 1] === to[column - 1];
    const swapped =
      row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
    return Math.min(
      at(row - 1, column) + 1,
      at(row, column - 1) + 1,
      at(row - 1, column - 1) + (same ? 0 : 1),
      swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
    );
  }
}
