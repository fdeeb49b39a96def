/** Sums and products. */
const OPERATIONS = `
zeroOfDifference(): i32 {
  return ((control >> 10) & 3) == 1 ? SIGN : 0;
}

// a + b, with the sign of b turned where turned is SIGN.
sum(am: u64, ae: i32, bm: u64, be: i32, turned: i32): u64, i32 {
  if (isUnordered(am, ae) || isUnordered(bm, be)) { return nanOf(am, ae, bm, be); }
  be = be ^ turned;
  if (isInfinite(ae) && isInfinite(be) && ((ae ^ be) & SIGN) != 0) { return invalid(); }
  noteDenormals(am, ae, bm, be);
  if (isInfinite(ae)) { return am, ae; }
  if (isInfinite(be)) { return bm, be; }
  let aSign = ae & SIGN;
  let bSign = be & SIGN;
  if ((am | bm) == 0) { return 0, aSign == bSign ? aSign : zeroOfDifference(); }
  if (am == 0) {
    bm, be = normal(bm, be);
    return round(bSign, be, bm, 0);
  }
  am, ae = normal(am, ae);
  if (bm == 0) { return round(aSign, ae, am, 0); }
  bm, be = normal(bm, be);
  if (ae < be || (ae == be && am < bm)) {
    am, ae, aSign, bm, be, bSign = bm, be, bSign, am, ae, aSign;
  }
  let high, low = shiftRight(bm, 0, ae - be);
  if (aSign == bSign) {
    high = am + high;
    if (high < am) {
      high, low = shiftRight(high, low, 1);
      return round(aSign, ae + 1, high | TOP_BIT, low);
    }
    return round(aSign, ae, high, low);
  }
  high = am - high - u64(low != 0);
  low = 0 - low;
  if ((high | low) == 0) { return 0, zeroOfDifference(); }
  high, low, ae = normalWide(high, low, ae);
  return round(aSign, ae, high, low);
}

// The significand of a product that is not zero, in 128 bits of which the highest is set, and its
// exponent without a sign.
normalProduct(am: u64, ae: i32, bm: u64, be: i32): u64, u64, i32 {
  am, ae = normal(am, ae);
  bm, be = normal(bm, be);
  let high = multiplyHigh(am, bm);
  let low = am * bm;
  let exponent = ae + be - BIAS + 1;
  if (high < TOP_BIT) { return (high << 1) | (low >> 63), low << 1, exponent - 1; }
  return high, low, exponent;
}

product(am: u64, ae: i32, bm: u64, be: i32): u64, i32 {
  if (isUnordered(am, ae) || isUnordered(bm, be)) { return nanOf(am, ae, bm, be); }
  let sign = (ae ^ be) & SIGN;
  let infinite = isInfinite(ae) || isInfinite(be);
  if (infinite && (am == 0 || bm == 0)) { return invalid(); }
  noteDenormals(am, ae, bm, be);
  if (infinite) { return TOP_BIT, sign | EXPONENT; }
  if (am == 0 || bm == 0) { return 0, sign; }
  let high, low, exponent = normalProduct(am, ae, bm, be);
  return round(sign, exponent, high, low);
}

quotient(am: u64, ae: i32, bm: u64, be: i32): u64, i32 {
  if (isUnordered(am, ae) || isUnordered(bm, be)) { return nanOf(am, ae, bm, be); }
  let sign = (ae ^ be) & SIGN;
  if (isInfinite(ae) && isInfinite(be)) { return invalid(); }
  if (am == 0 && bm == 0) { return invalid(); }
  if (bm == 0 && isInfinite(ae) == 0) {
    raise(ZERO_DIVIDE);
    return TOP_BIT, sign | EXPONENT;
  }
  noteDenormals(am, ae, bm, be);
  if (isInfinite(ae)) { return TOP_BIT, sign | EXPONENT; }
  if (am == 0 || isInfinite(be)) { return 0, sign; }
  am, ae = normal(am, ae);
  bm, be = normal(bm, be);
  let exponent = ae - be + BIAS - 1;
  let low = u64(0);
  if (am >= bm) {
    low = am << 63;
    am = am >> 1;
    exponent = exponent + 1;
  }
  let result, rest = divideWide(am, low, bm);
  return round(sign, exponent, result, fractionOf(rest, rest > bm - rest));
}

// The bits of a fraction that is zero, below half, or above.
fractionOf(rest: u64, above: i32): u64 {
  return rest == 0 ? 0 : (above ? HALF + 1 : HALF - 1);
}

// Quotient and remainder of high.low by a divisor above high whose highest bit is set.
divideWide(high: u64, low: u64, divisor: u64): u64, u64 {
  let first, middle = divideStep(high, low >> 32, divisor);
  let second, rest = divideStep(middle, low & 0xffffffff, divisor);
  return (first << 32) | second, rest;
}

// Divides 96 bits: the quotient has 32.
divideStep(high: u64, next: u64, divisor: u64): u64, u64 {
  let upper = divisor >> 32;
  let lower = divisor & 0xffffffff;
  let digit = high / upper;
  let rest = high % upper;
  // The guess is at most two too large.
  while (digit > 0xffffffff || digit * lower > ((rest << 32) | next)) {
    digit = digit - 1;
    rest = rest + upper;
    if (rest > 0xffffffff) { return digit, (high << 32) + next - digit * divisor; }
  }
  return digit, (high << 32) + next - digit * divisor;
}

root(m: u64, e: i32): u64, i32 {
  if (isUnordered(m, e)) { return nanOf(m, e, m, e); }
  if (m == 0) { return m, e; }
  if ((e & SIGN) != 0) { return invalid(); }
  if (isInfinite(e)) { return m, e; }
  noteDenormals(m, e, m, e);
  m, e = normal(m, e);
  e = e - BIAS;
  let low = u64(0);
  if ((e & 1) == 0) {
    low = m << 63;
    m = m >> 1;
  }
  // The upper half of the root, then the lower by a division, which is at most one too large.
  let upper, rest = shortRoot(m);
  let part = (rest << 31) + (low >> 33);
  let lower = part / upper;
  if (lower > 0xffffffff) { lower = 0xffffffff; }
  let result = (upper << 32) + lower;
  let square = multiplyHigh(result, result);
  if (square > m || (square == m && result * result > low)) { result = result - 1; }
  let below = low - result * result;
  let carried = m - multiplyHigh(result, result) - u64(low < result * result);
  let above = carried != 0 || below > result;
  return round(0, (e >> 1) + BIAS, result, fractionOf(below | carried, above));
}

// Root of 64 bits and what is left.
shortRoot(m: u64): u64, u64 {
  let result = u64(0);
  let bit = u64(1) << 62;
  while (bit != 0) {
    if (m >= result + bit) {
      m = m - result - bit;
      result = (result >> 1) + bit;
    } else {
      result = result >> 1;
    }
    bit = bit >> 2;
  }
  return result, m;
}

squareRoot() {
  if (hasValue(0, 0)) {
    let m, e = read(0);
    m, e = root(m, e);
    write(0, m, e);
  }
}
`;

/** An operation between two registers, and between the top and a value of memory. */
function forms(name: string, call: string): string {
  return `
${name}Registers(to: i32, from: i32) {
  if (hasValue(to, to) == 0) { return; }
  if (hasValue(from, to) == 0) { return; }
  let am, ae = read(to);
  let bm, be = read(from);
  let m, e = ${call};
  write(to, m, e);
}

${name}Value(bm: u64, be: i32) {
  if (hasValue(0, 0) == 0) { return; }
  let am, ae = read(0);
  let m, e = ${call};
  write(0, m, e);
}
`;
}

export const ARITHMETIC = [
  OPERATIONS,
  forms("add", "sum(am, ae, bm, be, 0)"),
  forms("subtract", "sum(am, ae, bm, be, SIGN)"),
  forms("subtractReverse", "sum(bm, be, am, ae, SIGN)"),
  forms("multiply", "product(am, ae, bm, be)"),
  forms("divide", "quotient(am, ae, bm, be)"),
  forms("divideReverse", "quotient(bm, be, am, ae)"),
].join("");
