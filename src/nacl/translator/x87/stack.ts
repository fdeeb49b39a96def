/** The stack of registers. `i` counts from its top. */
export const STACK = `
raise(exceptions: i32) {
  status = status | exceptions;
  // One that is not masked ends the program.
  if ((status & ~control & 0x3f) != 0) { fault(DIVIDE_FAULT, place); }
}

isEmpty(i: i32): i32 {
  return (empty >> ((top + i) & 7)) & 1;
}

read(i: i32): u64, i32 {
  return readRegister((top + i) & 7);
}

write(i: i32, m: u64, e: i32) {
  let register = (top + i) & 7;
  empty = empty & ~(1 << register);
  writeRegister(register, m, e);
}

push(m: u64, e: i32) {
  top = (top + 7) & 7;
  write(0, m, e);
}

pop() {
  empty = empty | (1 << top);
  top = (top + 1) & 7;
}

// Whether there is a register to push to; if not, the NaN of an invalid operation is pushed.
hasRoom(): i32 {
  status = status & ~C1;
  if (isEmpty(7)) { return 1; }
  status = status | C1;
  raise(STACK);
  push(INDEFINITE, INDEFINITE_SIGN);
  return 0;
}

// Whether there is a value at i; if not, the NaN of an invalid operation takes its place.
hasValue(i: i32, to: i32): i32 {
  status = status & ~C1;
  if (isEmpty(i) == 0) { return 1; }
  raise(STACK);
  write(to, INDEFINITE, INDEFINITE_SIGN);
  return 0;
}

// The same for the top, with room above it; if not, both get that NaN.
hasValueAndRoom(): i32 {
  status = status & ~C1;
  if (isEmpty(0) == 0 && isEmpty(7)) { return 1; }
  if (isEmpty(0) == 0) { status = status | C1; }
  raise(STACK);
  write(0, INDEFINITE, INDEFINITE_SIGN);
  push(INDEFINITE, INDEFINITE_SIGN);
  return 0;
}

pushValue(m: u64, e: i32) {
  if (hasRoom()) { push(m, e); }
}

pushRegister(i: i32) {
  let m, e = read(i);
  if (isEmpty(i)) {
    status = status & ~C1;
    raise(STACK);
    m, e = INDEFINITE, INDEFINITE_SIGN;
    push(m, e);
    return;
  }
  pushValue(m, e);
}

exchange(i: i32) {
  if (hasValue(0, 0)) {}
  if (hasValue(i, i)) {}
  let am, ae = read(0);
  let bm, be = read(i);
  write(0, bm, be);
  write(i, am, ae);
}

copyTop(i: i32) {
  if (hasValue(0, i)) {
    let m, e = read(0);
    write(i, m, e);
  }
}

moveIf(condition: i32, i: i32) {
  if (isEmpty(0) || isEmpty(i)) {
    status = status & ~C1;
    raise(STACK);
    write(0, INDEFINITE, INDEFINITE_SIGN);
    return;
  }
  if (condition) {
    let m, e = read(i);
    write(0, m, e);
  }
}

turn(distance: i32) {
  status = status & ~C1;
  top = (top + distance) & 7;
}

free(i: i32) {
  empty = empty | (1 << ((top + i) & 7));
}

changeSign() {
  if (hasValue(0, 0)) {
    let m, e = read(0);
    write(0, m, e ^ SIGN);
  }
}

clearSign() {
  if (hasValue(0, 0)) {
    let m, e = read(0);
    write(0, m, e & EXPONENT);
  }
}

// A constant whose further bits are below, or not below, half of a unit.
pushConstant(m: u64, e: i32, above: i32) {
  if (hasRoom()) { push(m + u64(roundsUp(0, 0, above ? HALF + 1 : HALF - 1)), e); }
}
`;
