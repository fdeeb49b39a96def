/**
 * Instructions that current Native Client can read but refuses: AES, CLMUL, F16C and BMI1. Its
 * reading of the bundle goes on behind them, so that further findings of the bundle follow. Here
 * the opcode of one is replaced by that of an accepted instruction with the same operands.
 *
 * @param code where the opcode is replaced
 * @param start of the instruction in it
 * @returns whether it is one of them
 */
export function replaceSwitchedOff(code: Uint8Array, start: number): boolean {
  return (code[start] ?? 0) === VEX ? replaceVex(code, start) : replacePlain(code, start);
}

const VEX = 0xc4;
/** `pabsb`: a register, and a register or memory. */
const TWO_OPERANDS = 0x1c;
/** `vpshufb`: one register more. */
const THREE_OPERANDS = 0x00;
/** `palignr`, and `vpermilps` with two operands: as the others, with a byte behind them. */
const AND_BYTE = 0x0f;
const TWO_AND_BYTE = 0x04;

function replacePlain(code: Uint8Array, start: number): boolean {
  const rex = (code[start + 1] ?? 0) >> 4 === 4 ? 1 : 0;
  const at = start + 1 + rex;
  if (code[start] !== 0x66 || code[at] !== 0x0f) return false;
  const map = code[at + 1];
  const opcode = code[at + 2] ?? 0;
  const isAes = map === 0x38 && opcode >= 0xdb && opcode <= 0xdf;
  if (!isAes && !(map === 0x3a && (opcode === 0xdf || opcode === 0x44))) return false;
  code[at + 2] = isAes ? TWO_OPERANDS : AND_BYTE;
  return true;
}

/** By map, prefix and opcode: what takes the place of the opcode. */
const VEX_OPCODES: ReadonlyMap<number, number> = new Map([
  [0x2113, TWO_OPERANDS],
  [0x21db, TWO_OPERANDS],
  [0x21dc, THREE_OPERANDS],
  [0x21dd, THREE_OPERANDS],
  [0x21de, THREE_OPERANDS],
  [0x21df, THREE_OPERANDS],
  [0x20f2, THREE_OPERANDS],
  [0x20f3, THREE_OPERANDS],
  [0x20f7, THREE_OPERANDS],
  [0x311d, TWO_AND_BYTE],
  [0x3144, AND_BYTE],
  [0x31df, TWO_AND_BYTE],
]);

function replaceVex(code: Uint8Array, start: number): boolean {
  const third = code[start + 2] ?? 0;
  const place = (((code[start + 1] ?? 0) & 0x1f) << 4) | (third & 3);
  const replaced = VEX_OPCODES.get((place << 8) | (code[start + 3] ?? 0));
  if (replaced === undefined) return false;
  code[start + 2] = (third & 0x7c) | 1;
  code[start + 3] = replaced;
  return true;
}
