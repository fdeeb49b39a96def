/** Comparisons: as bits C3 (0x40), C2 (4) and C0 (1), which are Z, P and C. */
export const COMPARISON = `
order(am: u64, ae: i32, bm: u64, be: i32, quietly: i32): i32 {
  if (isUnordered(am, ae) || isUnordered(bm, be)) {
    if (quietly == 0 || isUnsupported(am, ae) || isUnsupported(bm, be)
      || isSignalling(am, ae) || isSignalling(bm, be)) {
      raise(INVALID);
    }
    return 0x45;
  }
  noteDenormals(am, ae, bm, be);
  if ((am | bm) == 0) { return 0x40; }
  if (am == 0) { return (be & SIGN) != 0 ? 0 : 1; }
  if (bm == 0) { return (ae & SIGN) != 0 ? 1 : 0; }
  let negative = (ae & SIGN) != 0;
  if (negative != ((be & SIGN) != 0)) { return negative; }
  let ax = ae & EXPONENT;
  let bx = be & EXPONENT;
  if (ax != EXPONENT) { am, ax = normal(am, ae); }
  if (bx != EXPONENT) { bm, bx = normal(bm, be); }
  if (ax == bx && am == bm) { return 0x40; }
  return (ax < bx || (ax == bx && am < bm)) != negative;
}

orderOfRegisters(i: i32, quietly: i32): i32 {
  if (isEmpty(0) || isEmpty(i)) {
    status = status & ~C1;
    raise(STACK);
    return 0x45;
  }
  let am, ae = read(0);
  let bm, be = read(i);
  return order(am, ae, bm, be, quietly);
}

compareRegister(i: i32, quietly: i32) {
  let found = orderOfRegisters(i, quietly);
  status = (status & ~CONDITIONS) | (found << 8);
}

compareValue(m: u64, e: i32) {
  let found = 0x45;
  if (isEmpty(0)) { raise(STACK); }
  else {
    let am, ae = read(0);
    found = order(am, ae, m, e, 0);
  }
  status = (status & ~CONDITIONS) | (found << 8);
}

// The flags of the processor: C 1, P 2, Z 8.
compareFlags(i: i32, quietly: i32): i32 {
  let found = orderOfRegisters(i, quietly);
  return (found & 1) | ((found & 4) >> 1) | ((found & 0x40) >> 3);
}
`;
