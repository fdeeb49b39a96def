/** Floats of 32 and 64 bits in memory. */
export const MEMORY_FORMATS = `
fromSingle(bits: i32): u64, i32 {
  let sign = (bits >> 16) & SIGN;
  let exponent = (bits >> 23) & 0xff;
  let m = u64(bits & 0x7fffff) << 40;
  if (exponent == 0xff) { return m | TOP_BIT, sign | EXPONENT; }
  if (exponent != 0) { return m | TOP_BIT, sign | (exponent + BIAS - 127); }
  return fromDenormal(m, sign, BIAS - 126);
}

fromDouble(bits: u64): u64, i32 {
  let sign = i32(bits >> 48) & SIGN;
  let exponent = i32(bits >> 52) & 0x7ff;
  let m = (bits << 12) >> 1;
  if (exponent == 0x7ff) { return m | TOP_BIT, sign | EXPONENT; }
  if (exponent != 0) { return m | TOP_BIT, sign | (exponent + BIAS - 1023); }
  return fromDenormal(m, sign, BIAS - 1022);
}

fromDenormal(m: u64, sign: i32, exponent: i32): u64, i32 {
  if (m == 0) { return 0, sign; }
  let shift = clz(m);
  return m << shift, sign | WAS_DENORMAL | (exponent - i32(shift));
}

// An integer with its sign.
fromInteger(n: u64): u64, i32 {
  if (n == 0) { return 0, 0; }
  let sign = n >= TOP_BIT ? SIGN : 0;
  n = sign != 0 ? 0 - n : n;
  let shift = clz(n);
  return n << shift, sign | (INTEGER - i32(shift));
}

// Loads a value that was converted: what arithmetic would find out of the order is said here.
pushConverted(m: u64, e: i32) {
  if (hasRoom() == 0) { return; }
  if (isSignalling(m, e)) {
    raise(INVALID);
    m = m | QUIET_BIT;
  }
  if (isDenormal(m, e)) { raise(DENORMAL); }
  push(m, e & 0xffff);
}

// Sign, exponent and fraction of a format, each where it stands in 64 bits, for a rounded value.
packed(m: u64, e: i32, dropped: i32, least: i32, exponentBits: i32): u64 {
  let fractionBits = 63 - dropped;
  let sign = u64((e & SIGN) != 0) << (fractionBits + exponentBits);
  let fraction = (m << 1) >> (dropped + 1);
  e = e & EXPONENT;
  if (e == EXPONENT) { return sign | fraction | (((u64(1) << exponentBits) - 1) << fractionBits); }
  if (m == 0) { return sign; }
  return sign | fraction | (u64(e + 1 - least) << fractionBits);
}

topAs(dropped: i32, least: i32, exponentBits: i32): u64 {
  status = status & ~C1;
  let m, e = read(0);
  if (isEmpty(0)) {
    raise(STACK);
    m, e = INDEFINITE, INDEFINITE_SIGN;
  }
  if (isUnordered(m, e)) { m, e = nanOf(m, e, m, e); }
  else if (m != 0 && isInfinite(e) == 0) {
    let sign = e & SIGN;
    m, e = normal(m, e);
    m, e = roundTo(sign, e, m, 0, dropped, least);
    e = e | sign;
  }
  return packed(m, e, dropped, least, exponentBits);
}

topAsSingle(): i32 {
  return i32(topAs(40, BIAS - 126, 8));
}

topAsDouble(): u64 {
  return topAs(11, BIAS - 1022, 11);
}

loadExtended(address: i32) {
  let m = load64(address);
  pushValue(m, load16(address + 8));
}

storeExtended(address: i32) {
  status = status & ~C1;
  let m, e = read(0);
  if (isEmpty(0)) {
    raise(STACK);
    m, e = INDEFINITE, INDEFINITE_SIGN;
  }
  store64(address, m);
  store16(address + 8, e);
}
`;
