/** Integers and decimal numbers in memory, and numbers that are rounded to integers. */
export const INTEGERS = `
// The size of a number as an integer, and whether it is at most so much, one more if negative.
asInteger(m: u64, e: i32, most: u64, more: i32, truncated: i32): u64, i32 {
  let sign = e & SIGN;
  if (isUnordered(m, e) || isInfinite(e)) {
    raise(INVALID);
    return 0, 0;
  }
  if (m == 0) { return 0, 1; }
  m, e = normal(m, e);
  let rest = u64(0);
  if (e <= INTEGER) { m, rest = shiftRight(m, 0, INTEGER - e); }
  let up = truncated ? 0 : roundsUp(sign, i32(m) & 1, rest);
  m = m + u64(up);
  if (e > INTEGER || m > (sign != 0 ? most + u64(more) : most)) {
    raise(INVALID);
    return 0, 0;
  }
  if (rest != 0) {
    if (up) { status = status | C1; }
    raise(PRECISION);
  }
  return m, 1;
}

topAsInteger(most: u64, more: i32, truncated: i32): u64, i32 {
  status = status & ~C1;
  if (isEmpty(0)) {
    raise(STACK);
    return 0, 0;
  }
  let m, e = read(0);
  return asInteger(m, e, most, more, truncated);
}

integerOfTop(bits: i32, truncated: i32): u64 {
  let least = u64(1) << (bits - 1);
  let m, fits = topAsInteger(least - 1, 1, truncated);
  if (fits == 0) { return least; }
  let n, e = read(0);
  return (e & SIGN) != 0 ? 0 - m : m;
}

shortOfTop(bits: i32, truncated: i32): i32 {
  return i32(integerOfTop(bits, truncated));
}

storeDecimal(address: i32) {
  let n, fits = topAsInteger(DIGITS_MAX, 0, 0);
  if (fits == 0) {
    store64(address, INDEFINITE);
    store16(address + 8, INDEFINITE_SIGN);
    return;
  }
  let m, e = read(0);
  let at = 0;
  while (at < 9) {
    store8(address + at, i32(n % 10 | (n / 10 % 10 << 4)));
    n = n / 100;
    at = at + 1;
  }
  store8(address + 9, (e & SIGN) >> 8);
}

loadDecimal(address: i32) {
  let n = u64(0);
  let at = 8;
  while (at >= 0) {
    let digits = load8(address + at);
    n = n * 100 + u64((digits >> 4) * 10 + (digits & 15));
    at = at - 1;
  }
  let m, e = fromInteger(n);
  pushValue(m, e | ((load8(address + 9) & 0x80) << 8));
}

integral(m: u64, e: i32): u64, i32 {
  if (isUnordered(m, e)) { return nanOf(m, e, m, e); }
  if (m == 0 || isInfinite(e)) { return m, e; }
  noteDenormals(m, e, m, e);
  let sign = e & SIGN;
  let exponent = e & EXPONENT;
  if (exponent >= INTEGER) { return m, e; }
  m, exponent = normal(m, e);
  let high, rest = shiftRight(m, 0, INTEGER - exponent);
  if (roundsUp(sign, i32(high) & 1, rest)) {
    status = status | C1;
    high = high + 1;
  }
  if (rest != 0) { raise(PRECISION); }
  if (high == 0) { return 0, sign; }
  let shift = clz(high);
  return high << shift, sign | (INTEGER - i32(shift));
}

roundToInteger() {
  if (hasValue(0, 0)) {
    let m, e = read(0);
    m, e = integral(m, e);
    write(0, m, e);
  }
}
`;
