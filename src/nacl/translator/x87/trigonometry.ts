/**
 * Sine, cosine, tangent and arcus tangent. Arguments are reduced by the pi of 66 bits that
 * processors have, without a further error; the results are those of the exact remainder. They
 * are computed with 128 bits and then rounded once.
 */
export const TRIGONOMETRY = `
// A number from one half on, less the nearest multiple of half of pi: its size as a significand,
// the lowest bits of the multiple, and its sign. It is never zero, since pi has 66 bits.
remainderOfAngle(m: u64, e: i32): u64, u64, i32, i32, i32 {
  // In units of 2^-65, of which half of pi is a whole number.
  let steps = e - BIAS;
  let high, low = shiftRight(m, 0, steps < 0 ? 63 : 62);
  let quotient = 0;
  while (steps >= 0) {
    quotient = quotient << 1;
    if (high > HALF_PI || (high == HALF_PI && low >= HALF_PI_LOW)) {
      high, low = differenceWide(high, low, HALF_PI, HALF_PI_LOW);
      quotient = quotient | 1;
    }
    if (steps > 0) {
      high = (high << 1) | (low >> 63);
      low = low << 1;
    }
    steps = steps - 1;
  }
  let sign = 0;
  let otherHigh, otherLow = differenceWide(HALF_PI, HALF_PI_LOW, high, low);
  if (high > otherHigh || (high == otherHigh && low > otherLow)) {
    high, low, sign, quotient = otherHigh, otherLow, SIGN, quotient + 1;
  }
  high, low, e = normalWide(high, low, BIAS + 62);
  return high, low, e, quotient, sign;
}

reducedAngle(m: u64, e: i32): u64, u64, i32, i32, i32 {
  m, e = normal(m, e);
  if (e < BIAS - 1) { return m, 0, e, 0, 0; }
  return remainderOfAngle(m, e);
}

// Whether there is nothing to compute for an operand.
isNoAngle(m: u64, e: i32): i32 {
  return m == 0 || isUnordered(m, e) || (e & EXPONENT) >= BIAS + 63;
}

// The result then: one that is too large stays as it is.
noAngle(m: u64, e: i32): u64, i32 {
  if (isUnordered(m, e)) { return nanOf(m, e, m, e); }
  if (isInfinite(e)) { return invalid(); }
  if (m != 0) { status = status | C2; }
  return m, e;
}

sineOfReduced(high: u64, low: u64, e: i32): u64, u64 {
  let zh, zl = squareWide(high, low, e);
  zh, zl = factorialSeries(zh, zl, 33, 2);
  return productWide(high, low, zh, zl);
}

cosineOfReduced(high: u64, low: u64, e: i32): u64, u64 {
  let zh, zl = squareWide(high, low, e);
  return factorialSeries(zh, zl, 34, 2);
}

// The sine, or that of the next quadrant, which is the cosine.
waveOf(m: u64, e: i32, next: i32): u64, i32 {
  if (next && m == 0 && (e & EXPONENT) == 0) { return TOP_BIT, BIAS; }
  if (isNoAngle(m, e)) { return noAngle(m, e); }
  noteDenormals(m, e, m, e);
  let sign = next ? 0 : e & SIGN;
  let high, low, exponent, quadrant, turned = reducedAngle(m, e);
  quadrant = quadrant + next;
  if ((quadrant & 2) != 0) { sign = sign ^ SIGN; }
  if ((quadrant & 1) != 0) {
    high, low = cosineOfReduced(high, low, exponent);
    return roundWide(sign, BIAS - 1, high, low | 1);
  }
  high, low = sineOfReduced(high, low, exponent);
  return roundWide(sign ^ turned, exponent, high, low | 1);
}

wave(next: i32) {
  status = status & ~C2;
  if (hasValue(0, 0)) {
    let m, e = read(0);
    m, e = waveOf(m, e, next);
    write(0, m, e);
  }
}

// C1 tells how the sine was rounded.
waves() {
  status = status & ~C2;
  if (hasValueAndRoom() == 0) { return; }
  let m, e = read(0);
  let cm, ce = waveOf(m, e, 1);
  if ((status & C2) != 0) { return; }
  status = status & ~C1;
  m, e = waveOf(m, e, 0);
  write(0, m, e);
  push(cm, ce);
}

tangentOf(m: u64, e: i32): u64, i32 {
  noteDenormals(m, e, m, e);
  let sign = e & SIGN;
  let high, low, exponent, quadrant, turned = reducedAngle(m, e);
  sign = sign ^ turned;
  if (exponent < BIAS - 62 && (quadrant & 1) == 0) {
    // What the tangent has more is behind 125 bits.
    return roundWide(sign, exponent, high, low | 1);
  }
  let ch, cl = cosineOfReduced(high, low, exponent);
  high, low = sineOfReduced(high, low, exponent);
  high, low, exponent = normalWide(high, low, exponent);
  if ((quadrant & 1) != 0) {
    high, low, exponent = quotientWide(ch, cl, BIAS - 1, high, low, exponent);
    return roundWide(sign ^ SIGN, exponent, high, low | 1);
  }
  high, low, exponent = quotientWide(high, low, exponent, ch, cl, BIAS - 1);
  return roundWide(sign, exponent, high, low | 1);
}

tangent() {
  status = status & ~C2;
  if (hasValueAndRoom() == 0) { return; }
  let m, e = read(0);
  let xm, xe = TOP_BIT, BIAS;
  if (isNoAngle(m, e)) {
    m, e = noAngle(m, e);
    if ((status & C2) != 0) { return; }
    if (isUnordered(m, e)) { xm, xe = m, e; }
  } else {
    m, e = tangentOf(m, e);
  }
  write(0, m, e);
  push(xm, xe);
}

// Of a number below 1/2 that is not zero: its exponent stays.
arcOf(high: u64, low: u64, e: i32): u64, u64 {
  let zh, zl = squareWide(high, low, e);
  zh, zl = oddSeries(zh, zl, 0);
  return productWide(high, low, ~zh, ~zl);
}

// So many quarters of pi and an angle from there, which may be zero.
angleFrom(quarters: i32, turned: i32, high: u64, low: u64, e: i32, sign: i32): u64, i32 {
  if (quarters == 0) { return roundWide(sign, e, high, low | 1); }
  let count = u64(quarters);
  let quarterHigh, quarterLow = shiftRight(PI, PI_LOW, 2);
  quarterHigh = quarterHigh * count + multiplyHigh(quarterLow, count);
  quarterLow = quarterLow * count;
  high, low = shiftRight(high, low, BIAS + 1 - e);
  if (turned) { high, low = differenceWide(quarterHigh, quarterLow, high, low); }
  else { high, low = sumWide(quarterHigh, quarterLow, high, low); }
  return roundWide(sign, BIAS + 1, high, low | 1);
}

// Of the quotient of two numbers that are not zero; left mirrors it at half of pi.
angleOf(ym: u64, ye: i32, xm: u64, xe: i32, left: i32, sign: i32): u64, i32 {
  ym, ye = normal(ym, ye);
  xm, xe = normal(xm, xe);
  let swapped = ye > xe || (ye == xe && ym > xm);
  if (swapped) { ym, ye, xm, xe = xm, xe, ym, ye; }
  let high, low, e = ym, u64(0), ye;
  let otherHigh, otherLow = xm, u64(0);
  let quarters, turned = 0, 0;
  let distance = xe - ye;
  if (distance == 0 || (distance == 1 && ym >= xm)) {
    // From 1/2 on: a quarter of pi, less the angle of the difference and the sum.
    quarters, turned = 1, 1;
    let xh, xl = shiftRight(xm, 0, 1);
    let yh, yl = shiftRight(ym, 0, distance + 1);
    high, low = differenceWide(xh, xl, yh, yl);
    otherHigh, otherLow = sumWide(xh, xl, yh, yl);
    high, low, e = normalWide(high, low, xe);
    otherHigh, otherLow, xe = normalWide(otherHigh, otherLow, xe);
  }
  if ((high | low) != 0) {
    high, low, e = quotientWide(high, low, e, otherHigh, otherLow, xe);
    high, low = arcOf(high, low, e);
  }
  if (swapped) { quarters, turned = 2 - quarters, turned == 0; }
  if (left) { quarters, turned = 4 - quarters, turned == 0; }
  return angleFrom(quarters, turned, high, low, e, sign);
}

arctangentOf(ym: u64, ye: i32, xm: u64, xe: i32): u64, i32 {
  if (isUnordered(ym, ye) || isUnordered(xm, xe)) { return nanOf(ym, ye, xm, xe); }
  noteDenormals(ym, ye, xm, xe);
  let sign = ye & SIGN;
  let left = (xe & SIGN) != 0;
  ye, xe = ye & EXPONENT, xe & EXPONENT;
  // Beside what is infinite the other one is nothing, if it is finite.
  if (ye == EXPONENT && xe == EXPONENT) { ye, xe = BIAS, BIAS; }
  else if (xe == EXPONENT) { ym = 0; }
  else if (ye == EXPONENT) { xm = 0; }
  if (ym != 0 && xm != 0) { return angleOf(ym, ye, xm, xe, left, sign); }
  if (ym == 0 && left == 0) { return 0, sign; }
  return angleFrom(ym == 0 ? 4 : 2, 0, 0, 0, 0, sign);
}

arctangent() {
  if (hasValue(1, 1) == 0) { return; }
  if (hasValue(0, 1) == 0) { return; }
  let ym, ye = read(1);
  let xm, xe = read(0);
  ym, ye = arctangentOf(ym, ye, xm, xe);
  write(1, ym, ye);
}
`;
