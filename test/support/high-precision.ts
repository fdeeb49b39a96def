/**
 * Elementary functions of numbers with 384 bits behind the point, as a tell-tale of others: by
 * plain series, and by other ways to reduce their arguments than the code that they judge.
 */

/** Bits behind the point. */
export const FRACTION_BITS = 384n;
export const UNIT = 1n << FRACTION_BITS;

function product(a: bigint, b: bigint): bigint {
  return (a * b) >> FRACTION_BITS;
}

/** a/b of two numbers of any same scale. */
export function ratio(a: bigint, b: bigint): bigint {
  return (a << FRACTION_BITS) / b;
}

/** The root of a number that is not negative, by Newton's iteration from above. */
function root(value: bigint): bigint {
  const wanted = value << FRACTION_BITS;
  let guess = 1n << BigInt((wanted.toString(2).length / 2 + 1) | 0);
  for (;;) {
    const next = (guess + wanted / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** The sum of terms, each made of the one before and its number, until they are zero. */
function series(first: bigint, next: (term: bigint, number: bigint) => bigint): bigint {
  let sum = 0n;
  for (let [term, number] = [first, 1n]; term !== 0n && term !== -1n; number++) {
    sum += term;
    term = next(term, number);
  }
  return sum;
}

export function sine(x: bigint): bigint {
  const square = product(x, x);
  return series(x, (term, n) => -product(term, square) / (2n * n * (2n * n + 1n)));
}

export function cosine(x: bigint): bigint {
  const square = product(x, x);
  return series(UNIT, (term, n) => -product(term, square) / (2n * n * (2n * n - 1n)));
}

/** e^x - 1. */
export function powerLessOne(x: bigint): bigint {
  return series(x, (term, n) => product(term, x) / (n + 1n));
}

/** x ∓ x³/3 + x⁵/5 ∓ ... */
function oddPowers(x: bigint, sign: bigint): bigint {
  const square = product(x, x);
  let power = x;
  return series(x, (_, n) => {
    power = sign * product(power, square);
    return power / (2n * n + 1n);
  });
}

/** The natural logarithm of 1 + x: that of a root, until it is near to one. */
export function logarithmOfNext(x: bigint): bigint {
  let [rest, factor] = [x, 2n];
  while (rest > UNIT / 16n || rest < -UNIT / 16n) {
    rest = root(UNIT + rest) - UNIT;
    factor *= 2n;
  }
  return factor * oddPowers(ratio(rest, 2n * UNIT + rest), 1n);
}

/** The angle of a point: halved until it is small. */
export function angle(y: bigint, x: bigint): bigint {
  if (y < 0n) return -angle(-y, x);
  if (x < 0n) return pi() - angle(y, -x);
  if (y > x) return pi() / 2n - angle(x, y);
  let [tangent, factor] = [ratio(y, x), 1n];
  while (tangent > UNIT / 16n) {
    tangent = ratio(tangent, UNIT + root(UNIT + product(tangent, tangent)));
    factor *= 2n;
  }
  return factor * oddPowers(tangent, -1n);
}

/** By Machin's formula. */
export function pi(): bigint {
  return 16n * oddPowers(UNIT / 5n, -1n) - 4n * oddPowers(UNIT / 239n, -1n);
}
