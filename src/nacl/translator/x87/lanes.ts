/**
 * Floats of SSE in other modes than those at the start, one lane at a time. `modes` is MXCSR: what
 * it says of rounding takes the place of the control word meanwhile. The exceptions of SSE are not
 * noted.
 */
export const LANES = `
flushed(m: u64, e: i32): u64, i32 {
  if ((e & WAS_DENORMAL) != 0 && (modes & DENORMALS_ARE_ZEROS) != 0) { return 0, e & SIGN; }
  return m, e;
}

// The operation of a lane, which may have a mode of rounding and one above it in further bits:
// 0 sum, 1 difference, 2 product, 3 quotient; of b alone 4 root, 5 the same number, 6 the next
// integer; 7 the less and 8 the greater one.
resultOf(operation: i32, am: u64, ae: i32, bm: u64, be: i32): u64, i32 {
  if (operation > 6) {
    let found = operation == 7 ? order(am, ae, bm, be, 1) : order(bm, be, am, ae, 1);
    if (found == 1) { bm, be = am, ae; }
    if (isNan(bm, be)) { return bm, be; }
  } else {
    if (operation < 4 && isNan(am, ae)) { return am | QUIET_BIT, ae; }
    if (isNan(bm, be)) { return bm | QUIET_BIT, be; }
  }
  if (operation == 0) { return sum(am, ae, bm, be, 0); }
  if (operation == 1) { return sum(am, ae, bm, be, SIGN); }
  if (operation == 2) { return product(am, ae, bm, be); }
  if (operation == 3) { return quotient(am, ae, bm, be); }
  if (operation == 4) { return root(bm, be); }
  if (operation == 6) { return integral(bm, be); }
  if (bm == 0 || isInfinite(be)) { return bm, be; }
  let sign = be & SIGN;
  bm, be = normal(bm, be);
  return round(sign, be, bm, 0);
}

// What the unit is told of rounding while a lane is computed, and of the format of the result.
setMode(rounding: i32, wanted: i32) {
  control = 0x3f | (rounding << 10);
  format = wanted;
}

laneOf(operation: i32, am: u64, ae: i32, bm: u64, be: i32, dropped: i32): u64 {
  let keptControl, keptStatus = control, status;
  let rounding = operation > 255 ? (operation >> 8) - 1 : (modes >> 13) & 3;
  operation = operation & 255;
  // What is only chosen is no result that is flushed.
  setMode(rounding, operation > 6 ? dropped : dropped | (modes & FLUSH_TO_ZERO));
  am, ae = flushed(am, ae);
  bm, be = flushed(bm, be);
  let m, e = resultOf(operation, am, ae, bm, be);
  control, status, format = keptControl, keptStatus, 0;
  if (dropped == 40) { return packed(m, e, 40, BIAS - 126, 8); }
  return packed(m, e, 11, BIAS - 1022, 11);
}

laneInteger(m: u64, e: i32, bits: i32): u64 {
  let keptControl, keptStatus = control, status;
  setMode((modes >> 13) & 3, 0);
  m, e = flushed(m, e);
  let least = u64(1) << (bits - 1);
  let n, fits = asInteger(m, e, least - 1, 1, 0);
  control, status, format = keptControl, keptStatus, 0;
  if (fits == 0) { return least; }
  return (e & SIGN) != 0 ? 0 - n : n;
}

// a × b + c, rounded once; with 1 in the operation the product is negated, with 2 the number c.
fusedSum(operation: i32, am: u64, ae: i32, bm: u64, be: i32, cm: u64, ce: i32): u64, i32 {
  if (isNan(am, ae)) { return am | QUIET_BIT, ae; }
  if (isNan(bm, be)) { return bm | QUIET_BIT, be; }
  if (isNan(cm, ce)) { return cm | QUIET_BIT, ce; }
  let sign = (ae ^ be) & SIGN;
  if ((operation & 1) != 0) { sign = sign ^ SIGN; }
  let cSign = ce & SIGN;
  if ((operation & 2) != 0) { cSign = cSign ^ SIGN; }
  if (isInfinite(ae) || isInfinite(be)) {
    if (am == 0 || bm == 0 || (isInfinite(ce) && cSign != sign)) { return invalid(); }
    return TOP_BIT, sign | EXPONENT;
  }
  if (isInfinite(ce)) { return TOP_BIT, cSign | EXPONENT; }
  if (am == 0 || bm == 0) {
    if (cm == 0) { return 0, cSign == sign ? sign : zeroOfDifference(); }
    cm, ce = normal(cm, ce);
    return round(cSign, ce, cm, 0);
  }
  let high, low, exponent = normalProduct(am, ae, bm, be);
  if (cm == 0) { return round(sign, exponent, high, low); }
  cm, ce = normal(cm, ce);
  return wideSum(sign, exponent, high, low, cSign, ce, cm);
}

// The sum of a significand of 128 bits, of which 22 at the end are zero, and one of 64.
wideSum(aSign: i32, ae: i32, ah: u64, al: u64, bSign: i32, be: i32, bh: u64): u64, i32 {
  let bl = u64(0);
  if (ae < be || (ae == be && ah < bh)) {
    ah, al, ae, aSign, bh, bl, be, bSign = bh, bl, be, bSign, ah, al, ae, aSign;
  }
  bh, bl = shiftRight(bh, bl, ae - be);
  if (aSign == bSign) {
    let low = al + bl;
    let carry = u64(low < al);
    let high = ah + bh + carry;
    if (high < ah || (high == ah && carry != 0)) {
      high, low = shiftRight(high, low, 1);
      return round(aSign, ae + 1, high | TOP_BIT, low);
    }
    return round(aSign, ae, high, low);
  }
  let high = ah - bh - u64(al < bl);
  let low = al - bl;
  if ((high | low) == 0) { return 0, zeroOfDifference(); }
  high, low, ae = normalWide(high, low, ae);
  return round(aSign, ae, high, low);
}

laneFused(operation: i32, am: u64, ae: i32, bm: u64, be: i32, cm: u64, ce: i32, dropped: i32): u64 {
  let keptControl, keptStatus = control, status;
  setMode((modes >> 13) & 3, dropped | (modes & FLUSH_TO_ZERO));
  am, ae = flushed(am, ae);
  bm, be = flushed(bm, be);
  cm, ce = flushed(cm, ce);
  let m, e = fusedSum(operation, am, ae, bm, be, cm, ce);
  control, status, format = keptControl, keptStatus, 0;
  if (dropped == 40) { return packed(m, e, 40, BIAS - 126, 8); }
  return packed(m, e, 11, BIAS - 1022, 11);
}

// The comparisons of SSE and AVX: -1 where one holds.
laneCompare(predicate: i32, am: u64, ae: i32, bm: u64, be: i32): i32 {
  let keptStatus = status;
  am, ae = flushed(am, ae);
  bm, be = flushed(bm, be);
  let found = order(am, ae, bm, be, 1);
  status = keptStatus;
  let wanted = predicate & 3;
  let holds = found == 0x45;
  if (wanted == 0) { holds = found == 0x40; }
  if (wanted == 1) { holds = found == 1; }
  if (wanted == 2) { holds = found == 1 || found == 0x40; }
  if (predicate > 7) {
    holds = 0;
    if (wanted == 0) { holds = found > 1; }
    if (wanted == 1) { holds = found != 0 && found != 0x40; }
    if (wanted == 2) { holds = found != 0; }
  }
  return 0 - (holds ^ ((predicate >> 2) & 1));
}
`;
