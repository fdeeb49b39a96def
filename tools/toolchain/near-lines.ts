const EXTENDED = /^([0-9a-f]{4})\.([0-9a-f]{16})$/;

/**
 * Whether two lines are the same but for one unit in the last place of floats of 80 bits, which
 * stand in them as hexadecimal digits: sign with exponent, a point, significand.
 */
export function areNearLines(wanted: string, found: string | undefined): boolean {
  const [words, others] = [wanted.split(" "), found?.split(" ") ?? []];
  return (
    words.length === others.length && words.every((word, at) => areNearWords(word, others[at]))
  );
}

function areNearWords(wanted: string, found = ""): boolean {
  if (wanted === found) return true;
  const [a, b] = [orderOf(wanted), orderOf(found)];
  if (a === undefined || b === undefined) return false;
  return a - b === 1n || b - a === 1n;
}

/** Neighbours of one sign have neighbouring numbers: the integer part is left out. */
function orderOf(word: string): bigint | undefined {
  const [, sign, significand] = EXTENDED.exec(word) ?? [];
  if (sign === undefined) return undefined;
  return (BigInt(`0x${sign}`) << 63n) | BigInt.asUintN(63, BigInt(`0x${significand}`));
}
