/** The words of the unit and its whole state in memory. */
export const ENVIRONMENT = `
// An exception that is no longer masked is one of the instruction that says so.
setControl(word: i32, address: i32) {
  control = (word & 0x1f3f) | 0x40;
  if ((status & ~control & 0x3f) != 0) {
    place = address;
    raise(0);
  }
}

statusWord(): i32 {
  return status | (top << 11);
}

clearExceptions() {
  status = status & CONDITIONS;
}

initialise() {
  control = 0x37f;
  status = 0;
  top = 0;
  empty = 0xff;
  place = 0;
}

// What a register holds: 0 a number, 1 zero, 2 something else, 3 nothing.
tagOf(register: i32): i32 {
  if (((empty >> register) & 1) != 0) { return 3; }
  let m, e = readRegister(register);
  if ((e & EXPONENT) == 0) { return m == 0 ? 1 : 2; }
  return (e & EXPONENT) == EXPONENT || m < TOP_BIT ? 2 : 0;
}

storeEnvironment(address: i32) {
  let tags = 0;
  let register = 7;
  while (register >= 0) {
    tags = (tags << 2) | tagOf(register);
    register = register - 1;
  }
  store32(address, control | 0xffff0000);
  store32(address + 4, statusWord() | 0xffff0000);
  store32(address + 8, tags | 0xffff0000);
  store32(address + 12, place);
  store32(address + 16, 0);
  store32(address + 20, 0);
  store32(address + 24, 0xffff0000);
  control = control | 0x3f;
}

loadEnvironment(address: i32, instruction: i32) {
  let word = load16(address + 4);
  let tags = load16(address + 8);
  place = load32(address + 12);
  status = word & 0x477f;
  top = (word >> 11) & 7;
  let register = 7;
  empty = 0;
  while (register >= 0) {
    empty = (empty << 1) | (((tags >> (register + register)) & 3) == 3);
    register = register - 1;
  }
  setControl(load16(address), instruction);
}

saveState(address: i32) {
  storeEnvironment(address);
  let i = 0;
  while (i < 8) {
    let m, e = read(i);
    store64(address + 28 + i * 10, m);
    store16(address + 36 + i * 10, e);
    i = i + 1;
  }
  initialise();
}

restoreState(address: i32, instruction: i32) {
  let i = 0;
  let first = load16(address + 4) >> 11;
  while (i < 8) {
    writeRegister((first + i) & 7, load64(address + 28 + i * 10), load16(address + 36 + i * 10));
    i = i + 1;
  }
  loadEnvironment(address, instruction);
}
`;
