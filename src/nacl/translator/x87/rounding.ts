/**
 * Rounding. A number is sign, exponent, and a significand of 128 bits whose highest bit is set:
 * high.low × 2^(exponent - 16383 - 63). Lost bits are kept as a one at the end.
 */
export const ROUNDING = `
shiftRight(high: u64, low: u64, count: i32): u64, u64 {
  if (count == 0) { return high, low; }
  if (count < 64) {
    return high >> count, (high << (64 - count)) | (low >> count) | u64((low << (64 - count)) != 0);
  }
  if (count == 64) { return 0, high | u64(low != 0); }
  if (count < 128) {
    return 0, (high >> (count - 64)) | u64(((high << (128 - count)) | low) != 0);
  }
  return 0, u64((high | low) != 0);
}

// Whether to round away from zero, for the bits behind the last one that stays.
roundsUp(sign: i32, odd: i32, rest: u64): i32 {
  if (rest == 0) { return 0; }
  let mode = (control >> 10) & 3;
  if (mode == 0) { return rest > HALF || (rest == HALF && odd); }
  if (mode == 3) { return 0; }
  return (mode == 2) == (sign == 0);
}

// The bits behind those that stay where some are dropped at the end of high.
behind(high: u64, low: u64, dropped: i32): u64 {
  if (dropped == 0) { return low; }
  return (high << (64 - dropped)) | u64(low != 0);
}

// Rounds for a format: bits of high that it drops, and the exponent of its least normal numbers.
// A denormal result has the exponent below that, an infinity the one above the greatest.
roundTo(sign: i32, exponent: i32, high: u64, low: u64, dropped: i32, least: i32): u64, i32 {
  let exceptions = 0;
  let unit = u64(1) << dropped;
  let rest = behind(high, low, dropped);
  let tiny = exponent < least;
  if (tiny) {
    // With exponents without a limit it might become the least normal number.
    if (exponent == least - 1 && high >= 0 - unit && roundsUp(sign, 1, rest)) { tiny = 0; }
    if (tiny && (format & FLUSH_TO_ZERO) != 0) { return 0, least - 1; }
    high, low = shiftRight(high, low, least - exponent);
    rest = behind(high, low, dropped);
    exponent = least - 1;
  }
  high = high & (0 - unit);
  if (rest != 0) { exceptions = tiny ? PRECISION | UNDERFLOW : PRECISION; }
  if (roundsUp(sign, (high & unit) != 0, rest)) {
    status = status | C1;
    high = high + unit;
    if (high == 0) {
      high = TOP_BIT;
      exponent = exponent + 1;
    } else if (exponent < least && high >= TOP_BIT) {
      exponent = least;
    }
  }
  if (exponent > 0x7fff - least) {
    exceptions = OVERFLOW | PRECISION;
    exponent = 0x8000 - least;
    high = TOP_BIT;
    status = status | C1;
    if (roundsUp(sign, 1, HALF) == 0) {
      exponent = exponent - 1;
      high = 0 - unit;
      status = status & ~C1;
    }
  }
  if (exceptions != 0) { raise(exceptions); }
  return high, exponent;
}

// Rounds for a register, at the precision of the control word, or for a lane.
round(sign: i32, exponent: i32, high: u64, low: u64): u64, i32 {
  let dropped = format & 63;
  let least = dropped == 40 ? BIAS - 126 : BIAS - 1022;
  if (dropped == 0) {
    let precision = (control >> 8) & 3;
    dropped = precision == 0 ? 40 : (precision == 2 ? 11 : 0);
    least = 1;
  }
  let m, e = roundTo(sign, exponent, high, low, dropped, least);
  return m, sign | e;
}

// Rounds for a register, at its full precision.
roundFully(sign: i32, exponent: i32, m: u64): u64, i32 {
  let shift = clz(m);
  let r, e = roundTo(sign, exponent - i32(shift), m << shift, 0, 0, 1);
  return r, sign | e;
}

// A number that is not zero, with the highest bit of its significand set.
normal(m: u64, e: i32): u64, i32 {
  let exponent = e & EXPONENT;
  let shift = clz(m);
  return m << shift, (exponent == 0 ? 1 : exponent) - i32(shift);
}
`;
