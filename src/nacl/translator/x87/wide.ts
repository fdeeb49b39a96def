/**
 * Numbers of 128 bits, high.low. As a significand one has its highest bit set and stands beside an
 * exponent, as in `round`; as a fraction it is below one, and its bits stand behind the point.
 */
export const WIDE = `
// The upper half of the product, at most three units too small.
productWide(ah: u64, al: u64, bh: u64, bl: u64): u64, u64 {
  let high = multiplyHigh(ah, bh);
  let low = ah * bh;
  let part = multiplyHigh(ah, bl);
  low = low + part;
  high = high + u64(low < part);
  part = multiplyHigh(al, bh);
  low = low + part;
  return high + u64(low < part), low;
}

sumWide(ah: u64, al: u64, bh: u64, bl: u64): u64, u64 {
  let low = al + bl;
  return ah + bh + u64(low < al), low;
}

differenceWide(ah: u64, al: u64, bh: u64, bl: u64): u64, u64 {
  return ah - bh - u64(al < bl), al - bl;
}

// Divides by a number of less than 32 bits.
shareWide(high: u64, low: u64, divisor: i32): u64, u64 {
  let by = u64(divisor);
  let middle = (high % by << 32) | (low >> 32);
  let last = (middle % by << 32) | (low & 0xffffffff);
  return high / by, (middle / by << 32) + last / by;
}

// Moves the highest bit to its place; zero stays zero.
normalWide(high: u64, low: u64, e: i32): u64, u64, i32 {
  if (high == 0) { high, low, e = low, 0, e - 64; }
  let shift = clz(high);
  if (shift == 0) { return high, low, e; }
  return (high << shift) | (low >> (64 - shift)), low << shift, e - i32(shift);
}

// The quotient of two significands, cut.
quotientWide(ah: u64, al: u64, ae: i32, bh: u64, bl: u64, be: i32): u64, u64, i32 {
  let high, low = u64(0), u64(0);
  let exponent = ae - be + BIAS - 1;
  if (ah > bh || (ah == bh && al >= bl)) {
    ah, al = shiftRight(ah, al, 1);
    exponent = exponent + 1;
  }
  let steps = 128;
  while (steps != 0) {
    let carried = ah >> 63;
    ah = (ah << 1) | (al >> 63);
    al = al << 1;
    high = (high << 1) | (low >> 63);
    low = low << 1;
    if (carried != 0 || ah > bh || (ah == bh && al >= bl)) {
      ah, al = differenceWide(ah, al, bh, bl);
      low = low | 1;
    }
    steps = steps - 1;
  }
  return high, low, exponent;
}

// The square of a number below one, as a fraction.
squareWide(high: u64, low: u64, e: i32): u64, u64 {
  high, low = productWide(high, low, high, low);
  return shiftRight(high, low, (BIAS - 1 - e) << 1);
}

// Rounds at full precision. What follows the last bit is said by a one at the end.
roundWide(sign: i32, e: i32, high: u64, low: u64): u64, i32 {
  high, low, e = normalWide(high, low, e);
  let m, exponent = roundTo(sign, e, high, low, 0, 1);
  return m, sign | exponent;
}

// The fraction 1 - z/d (1 - z/d' (1 - ...)), a little below what it should be: the complement of
// a fraction is one unit less than what it lacks to one. The divisors are n, n - 1 ... 2, or with
// steps of two n(n - 1), (n - 2)(n - 3) ...
factorialSeries(high: u64, low: u64, n: i32, step: i32): u64, u64 {
  let sumHigh, sumLow = ~u64(0), ~u64(0);
  while (n > 1) {
    sumHigh, sumLow = productWide(sumHigh, sumLow, high, low);
    sumHigh, sumLow = shareWide(sumHigh, sumLow, step == 1 ? n : n * (n - 1));
    sumHigh, sumLow = ~sumHigh, ~sumLow;
    n = n - step;
  }
  return sumHigh, sumLow;
}

// The fraction z/3 - z²/5 + z³/7 ..., or with all signs positive, for a z of at most 1/4.
oddSeries(high: u64, low: u64, positive: i32): u64, u64 {
  let sumHigh, sumLow = u64(0), u64(0);
  // Powers of z lose at least so many bits each.
  let n = 2 * (130 / i32(clz(high))) + 3;
  while (n > 1) {
    let h, l = shareWide(~u64(0), ~u64(0), n);
    if (positive) { h, l = sumWide(h, l, sumHigh, sumLow); }
    else { h, l = differenceWide(h, l, sumHigh, sumLow); }
    sumHigh, sumLow = productWide(h, l, high, low);
    n = n - 2;
  }
  return sumHigh, sumLow;
}
`;
