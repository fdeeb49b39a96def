/** Names that are meant although they are written otherwise. */

/**
 * The name that was probably meant by `given`: one that it begins, or that is a few slips of the
 * keyboard away; undefined where none is like it.
 */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  // Nobody means a name by a text that is longer than any.
  if (given === "" || given.length > GIVEN_MAX) return undefined;
  const word = given.toLowerCase();
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const slips = slipsBetween(word, name.toLowerCase());
    const isLike = slips <= Math.min(word.length, name.length) / LETTERS_PER_SLIP;
    if (isLike && slips < fewest) [nearest, fewest] = [name, slips];
  }
  return nearest;
}

const GIVEN_MAX = 64;
const LETTERS_PER_SLIP = 4;

/** What one of the two has more at its end was only left out. */
function slipsBetween(one: string, other: string): number {
  const cut = Math.min(one.length, other.length);
  const isShort = cut < SHORTEST_START;
  if (isShort) return distance(one, other);
  return Math.min(distance(one, other), distance(one.slice(0, cut), other.slice(0, cut)));
}

const SHORTEST_START = 3;

/** Letters to add, leave out, change, or swap with their neighbour, to make one from the other. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const around = Math.min(last[column] ?? 0, next[column - 1] ?? 0) + 1;
      const through = (last[column - 1] ?? 0) + (isSame ? 0 : 1);
      const swapped = isSwapped && row > 1 ? (before[column - 2] ?? 0) + 1 : around;
      next.push(Math.min(around, through, swapped));
    }
    [before, last] = [last, next];
  }
  return last[other.length] ?? 0;
}
