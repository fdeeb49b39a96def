/** Kinds of values, and what is made of NaNs. */
export const KINDS = `
// A pattern that is no number of today's format: its exponent asks for an integer part.
isUnsupported(m: u64, e: i32): i32 {
  return (e & EXPONENT) != 0 && m < TOP_BIT;
}

isNan(m: u64, e: i32): i32 {
  return (e & EXPONENT) == EXPONENT && m > TOP_BIT;
}

isSignalling(m: u64, e: i32): i32 {
  return (e & EXPONENT) == EXPONENT && m > TOP_BIT && m < INDEFINITE;
}

isUnordered(m: u64, e: i32): i32 {
  return isUnsupported(m, e) || isNan(m, e);
}

isInfinite(e: i32): i32 {
  return (e & EXPONENT) == EXPONENT;
}

isDenormal(m: u64, e: i32): i32 {
  return (e & WAS_DENORMAL) != 0 || ((e & EXPONENT) == 0 && m != 0);
}

noteDenormals(am: u64, ae: i32, bm: u64, be: i32) {
  if (isDenormal(am, ae) || isDenormal(bm, be)) { raise(DENORMAL); }
}

invalid(): u64, i32 {
  raise(INVALID);
  return INDEFINITE, INDEFINITE_SIGN;
}

// The result for two operands of which at least one is unordered.
nanOf(am: u64, ae: i32, bm: u64, be: i32): u64, i32 {
  if (isUnsupported(am, ae) || isUnsupported(bm, be)) { return invalid(); }
  let aLoud = isSignalling(am, ae);
  let bLoud = isSignalling(bm, be);
  if (aLoud || bLoud) { raise(INVALID); }
  let second = isNan(am, ae) == 0;
  if (isNan(am, ae) && isNan(bm, be)) {
    // A quiet one wins, then the greater significand, then the positive sign.
    second = aLoud != bLoud ? aLoud : (am != bm ? am < bm : (ae & SIGN) > (be & SIGN));
  }
  if (second) { return bm | QUIET_BIT, be; }
  return am | QUIET_BIT, ae;
}

// The class of ST(0) as C3, C2 and C0, with its sign as C1.
examine() {
  let m, e = read(0);
  let exponent = e & EXPONENT;
  let class = C2;
  if (isEmpty(0)) { class = C3 | C0; }
  else if (isUnsupported(m, e)) { class = 0; }
  else if (isNan(m, e)) { class = C0; }
  else if (exponent == EXPONENT) { class = C2 | C0; }
  else if (exponent == 0) { class = m == 0 ? C3 : C3 | C2; }
  status = (status & ~CONDITIONS) | class | ((e & SIGN) >> 6);
}
`;
