/** Remainders, and what works on exponents. */
export const PARTS = `
// a × 2^b, b cut to an integer.
scaled(am: u64, ae: i32, bm: u64, be: i32): u64, i32 {
  if (isUnordered(am, ae) || isUnordered(bm, be)) { return nanOf(am, ae, bm, be); }
  let sign = ae & SIGN;
  let down = (be & SIGN) != 0;
  if (isInfinite(be)) {
    if (down ? isInfinite(ae) : am == 0) { return invalid(); }
    noteDenormals(am, ae, bm, be);
    if (down) { return 0, sign; }
    return TOP_BIT, sign | EXPONENT;
  }
  noteDenormals(am, ae, bm, be);
  if (am == 0 || isInfinite(ae)) { return am, ae; }
  am, ae = normal(am, ae);
  if (bm == 0) { return roundFully(sign, ae, am); }
  bm, be = normal(bm, be);
  let distance = 0x10000;
  if (be < BIAS) { distance = 0; }
  else if (be < BIAS + 16) { distance = i32(bm >> (INTEGER - be)); }
  return roundFully(sign, ae + (down ? 0 - distance : distance), am);
}

scale() {
  if (hasValue(0, 0) == 0) { return; }
  if (hasValue(1, 0) == 0) { return; }
  let am, ae = read(0);
  let bm, be = read(1);
  am, ae = scaled(am, ae, bm, be);
  write(0, am, ae);
}

// The exponent in place of the top, and the significand above.
extract() {
  if (hasValueAndRoom() == 0) { return; }
  let m, e = read(0);
  let xm, xe = TOP_BIT, EXPONENT;
  if (isUnordered(m, e)) {
    m, e = nanOf(m, e, m, e);
    xm, xe = m, e;
  } else if (m == 0) {
    raise(ZERO_DIVIDE);
    xe = EXPONENT | SIGN;
  } else if (isInfinite(e) == 0) {
    noteDenormals(m, e, m, e);
    let sign = e & SIGN;
    m, e = normal(m, e);
    xm, xe = fromInteger(s64(e - BIAS));
    e = sign | BIAS;
  }
  write(0, xm, xe);
  push(m, e);
}

// The remainder of two values that are not zero, with the lowest bits of the quotient: the
// nearest one for fprem1, and maybe only a part of the way.
remainderOf(am: u64, ae: i32, bm: u64, be: i32, nearest: i32): u64, i32 {
  let sign = ae & SIGN;
  am, ae = normal(am, ae);
  let infinite = isInfinite(be);
  bm, be = normal(bm, be);
  let distance = ae - be;
  if (infinite || distance < 0 - nearest) { return roundFully(sign, ae, am); }
  let quotient = 0;
  if (distance < 0) {
    // Half of b is between: am counts half as much as bm.
    if (am > bm) { am, sign, quotient = bm + bm - am, sign ^ SIGN, 1; }
  } else {
    let steps = distance;
    if (distance >= 64) {
      steps = 32 + (distance & 31);
      status = status | C2;
    }
    be = ae - steps;
    let carried = u64(0);
    while (steps >= 0) {
      quotient = quotient << 1;
      if (carried != 0 || am >= bm) {
        am = am - bm;
        quotient = quotient | 1;
      }
      if (steps > 0) {
        carried = am >> 63;
        am = am << 1;
      }
      steps = steps - 1;
    }
    ae = be;
    if (nearest && distance < 64 && am > bm - am - u64(quotient & 1)) {
      am, sign, quotient = bm - am, sign ^ SIGN, quotient + 1;
    }
  }
  if ((status & C2) == 0) {
    status = status | ((quotient & 1) << 9) | ((quotient & 2) << 13) | ((quotient & 4) << 6);
  }
  if (am == 0) { return 0, sign; }
  return roundFully(sign, ae, am);
}

remainder(nearest: i32) {
  status = status & ~C2;
  if (hasValue(0, 0) == 0) { return; }
  if (hasValue(1, 0) == 0) { return; }
  let am, ae = read(0);
  let bm, be = read(1);
  if (isUnordered(am, ae) || isUnordered(bm, be)) { am, ae = nanOf(am, ae, bm, be); }
  else if (isInfinite(ae) || bm == 0) { am, ae = invalid(); }
  else {
    noteDenormals(am, ae, bm, be);
    status = status & ~CONDITIONS;
    if (am != 0) { am, ae = remainderOf(am, ae, bm, be, nearest); }
  }
  write(0, am, ae);
}
`;
