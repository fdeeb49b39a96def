/** Logarithms and powers of two, computed with 128 bits and then rounded once. */
export const LOGARITHMS = `
// log2((1 + u) / (1 - u)) for u = a/b of at most 1/3, in size.
logarithmOfRatio(ah: u64, al: u64, ae: i32, bh: u64, bl: u64, be: i32): u64, u64, i32 {
  ah, al, ae = normalWide(ah, al, ae);
  bh, bl, be = normalWide(bh, bl, be);
  let high, low, e = quotientWide(ah, al, ae, bh, bl, be);
  let zh, zl = squareWide(high, low, e);
  zh, zl = oddSeries(zh, zl, 1);
  zh, zl = productWide(high, low, zh, zl);
  high, low = shiftRight(high, low, 1);
  zh, zl = shiftRight(zh, zl, 1);
  high, low = sumWide(high, low, zh, zl);
  high, low = productWide(high, low, LOG2_E, LOG2_E_LOW);
  return normalWide(high, low, e + 3);
}

// The size of log2 of a significand, and whether it is cut.
logarithmWide(high: u64, low: u64, e: i32): u64, u64, i32, i32 {
  let whole, shift = e - BIAS, 2;
  if (high > ROOT_2) { whole, shift = whole + 1, 3; }
  // Between the root of 1/2 and that of 2, with three bits before the point.
  high, low = shiftRight(high, low, shift);
  let one = u64(1) << 61;
  let below = high < one;
  let ah, al = differenceWide(high, low, one, 0);
  if (below) { ah, al = differenceWide(one, 0, high, low); }
  let partHigh, partLow, partE, cut = u64(0), u64(0), 0, 0;
  if ((ah | al) != 0) {
    high, low = sumWide(high, low, one, 0);
    partHigh, partLow, partE = logarithmOfRatio(ah, al, 0, high, low, 0);
    cut = 1;
    if (whole == 0) { return partHigh, partLow, partE, 1; }
  }
  // Sixteen bits before the point.
  partHigh, partLow = shiftRight(partHigh, partLow, BIAS + 15 - partE);
  high = u64(whole < 0 ? 0 - whole : whole) << 48;
  if ((whole < 0) == below) { high, low = sumWide(high, 0, partHigh, partLow); }
  else { high, low = differenceWide(high, 0, partHigh, partLow); }
  high, low, e = normalWide(high, low, BIAS + 15);
  return high, low, e, cut;
}

// The same of 1 + x, for an x with a sign that is above -1.
logarithmOfNext(m: u64, e: i32): u64, u64, i32, i32 {
  let negative = (e & SIGN) != 0;
  m, e = normal(m, e);
  let high, low, exponent, cut = u64(0), u64(0), e, 1;
  if (e >= BIAS - 1) {
    if (negative) { high, low, exponent = normalWide(0 - m, 0, e); }
    else {
      high, low = shiftRight(TOP_BIT, 0, e - BIAS + 1);
      high, low = sumWide(high, low, m >> 1, m << 63);
      high, low, exponent = normalWide(high, low, e + 1);
    }
    return logarithmWide(high, low, exponent);
  }
  // Near 1: u is x / (2 + x), in units of 2^-126 below.
  high, low = shiftRight(m, 0, BIAS + 1 - e);
  if (negative) { high, low = differenceWide(TOP_BIT, 0, high, low); }
  else { high, low = sumWide(TOP_BIT, 0, high, low); }
  high, low, exponent = logarithmOfRatio(m, 0, e, high, low, BIAS + 1);
  return high, low, exponent, 1;
}

// y log2(x), or y log2(x + 1) with next.
scaledLogarithmOf(ym: u64, ye: i32, xm: u64, xe: i32, next: i32): u64, i32 {
  if (isUnordered(ym, ye) || isUnordered(xm, xe)) { return nanOf(ym, ye, xm, xe); }
  let ofZero = next ? xm == TOP_BIT && xe == (BIAS | SIGN) : xm == 0;
  let ofOne = next ? xm == 0 : xm == TOP_BIT && xe == BIAS;
  let exponent = xe & EXPONENT;
  let negative = (xe & SIGN) != 0;
  if (negative && ofZero == 0 && (next == 0 || exponent >= BIAS)) { return invalid(); }
  let endless = ofZero || isInfinite(xe);
  if (endless ? ym == 0 : ofOne && isInfinite(ye)) { return invalid(); }
  let sign = ye & SIGN;
  if (next ? negative : exponent < BIAS) { sign = sign ^ SIGN; }
  if (ofZero == 0) { noteDenormals(ym, ye, xm, xe); }
  else if (isInfinite(ye) == 0) { raise(ZERO_DIVIDE); }
  if (endless || isInfinite(ye)) { return TOP_BIT, sign | EXPONENT; }
  if (ofOne || ym == 0) { return 0, sign; }
  ym, ye = normal(ym, ye);
  let high, low, cut = u64(0), u64(0), 0;
  if (next) { high, low, exponent, cut = logarithmOfNext(xm, xe); }
  else {
    xm, xe = normal(xm, xe);
    high, low, exponent, cut = logarithmWide(xm, 0, xe);
  }
  high, low = productWide(high, low, ym, 0);
  return roundWide(sign, exponent + ye - BIAS + 1, high, low | u64(cut));
}

scaledLogarithm(next: i32) {
  if (hasValue(1, 1) == 0) { return; }
  if (hasValue(0, 1) == 0) { return; }
  let ym, ye = read(1);
  let xm, xe = read(0);
  ym, ye = scaledLogarithmOf(ym, ye, xm, xe, next);
  write(1, ym, ye);
}

// 2^x - 1 for a number that is not zero and between -1 and 1.
powerOf(sign: i32, m: u64, e: i32): u64, i32 {
  let high, low = productWide(m, 0, LN_2, LN_2_LOW);
  high, low, e = normalWide(high, low, e);
  let zh, zl = shiftRight(high, low, BIAS - 1 - e);
  // What e^-y lacks to one, and for a positive y how often it is in e^-y.
  zh, zl = factorialSeries(zh, zl, 32, 1);
  high, low = productWide(high, low, zh, zl);
  if (sign == 0) {
    high, low, e = normalWide(high, low, e);
    zh, zl = shiftRight(high, low, BIAS - 1 - e);
    high, low, e = quotientWide(high, low, e, ~zh, ~zl, BIAS - 1);
  }
  return roundWide(sign, e, high, low | 1);
}

powerLessOneOf(m: u64, e: i32): u64, i32 {
  if (isUnordered(m, e)) { return nanOf(m, e, m, e); }
  if (m == 0) { return m, e; }
  let sign = e & SIGN;
  if (isInfinite(e) && sign != 0) { return TOP_BIT, SIGN | BIAS; }
  let x, exponent = normal(m, e);
  // Beyond one the result is not defined: the operand stays.
  if (exponent > BIAS || (exponent == BIAS && x != TOP_BIT)) { return m, e; }
  if (exponent == BIAS) { return TOP_BIT, sign != 0 ? e - 1 : e; }
  noteDenormals(m, e, m, e);
  return powerOf(sign, x, exponent);
}

powerLessOne() {
  if (hasValue(0, 0)) {
    let m, e = read(0);
    m, e = powerLessOneOf(m, e);
    write(0, m, e);
  }
}
`;
