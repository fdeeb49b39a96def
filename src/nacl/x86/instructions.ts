/** The value of a register field that holds none. */
export const NO_REGISTER = 255;

/** The value of `base` for an address relative to the next instruction. */
export const RIP = 16;

/**
 * Registers of one byte that are the second bytes of rax, rcx, rdx and rbx: `HIGH_BYTE + 0` to
 * `HIGH_BYTE + 3`. Numbers 4 to 7 are always spl, bpl, sil, dil.
 */
export const HIGH_BYTE = 16;

/** Bits of `Instructions.prefixes`: the prefixes that have a meaning for the instruction. */
export const PREFIX = {
  data16: 1,
  /** F2 before a string instruction. */
  repne: 2,
  /** F3 before a string instruction. */
  rep: 4,
  lock: 8,
  rex: 16,
  rexW: 32,
  /** 2E or 3E before a conditional jump. */
  hint: 64,
  vex: 128,
} as const;

/**
 * Decoded instructions as arrays of their fields: instruction `i` is the `i`-th value of each. No
 * object is made for an instruction, so a text of megabytes costs little more than its size.
 */
export class Instructions {
  /** How many instructions there are. */
  count = 0;
  /** Where the instruction begins, from the start of the bytes. */
  offset: Uint32Array;
  length: Uint8Array;
  /** Number of the row in the table, `Form.id`. */
  form: Uint16Array;
  prefixes: Uint8Array;
  /** Operand size in bytes; 0 where the instruction has none, as those on xmm registers. */
  size: Uint8Array;
  /** modrm.reg with its extension; `NO_REGISTER` where it names no register. */
  reg: Uint8Array;
  /** The register of modrm.rm or of the opcode, or 0 (rax); `NO_REGISTER` where it is memory. */
  rm: Uint8Array;
  /** The register of VEX.vvvv, or `NO_REGISTER`. */
  vvvv: Uint8Array;
  /** Base register of the memory operand, `RIP`, or `NO_REGISTER`. */
  base: Uint8Array;
  index: Uint8Array;
  /** Power of two that the index is multiplied by: 0 to 3. */
  scale: Uint8Array;
  disp: Int32Array;
  /** Immediate operand or distance of a jump, with its sign. */
  imm: Int32Array;
  /** High half of a 64-bit immediate, else the sign of `imm`, or the second of two bytes. */
  immHigh: Int32Array;

  constructor(capacity: number) {
    this.offset = new Uint32Array(capacity);
    this.length = new Uint8Array(capacity);
    this.form = new Uint16Array(capacity);
    this.prefixes = new Uint8Array(capacity);
    this.size = new Uint8Array(capacity);
    this.reg = new Uint8Array(capacity);
    this.rm = new Uint8Array(capacity);
    this.vvvv = new Uint8Array(capacity);
    this.base = new Uint8Array(capacity);
    this.index = new Uint8Array(capacity);
    this.scale = new Uint8Array(capacity);
    this.disp = new Int32Array(capacity);
    this.imm = new Int32Array(capacity);
    this.immHigh = new Int32Array(capacity);
  }

  /** How many instructions there is room for. */
  get capacity(): number {
    return this.length.length;
  }

  /** Makes room for at least one more instruction. */
  grow(): void {
    const larger = new Instructions(Math.max(64, this.capacity * 2));
    for (const name of FIELDS) larger[name].set(this[name]);
    const { count } = this;
    Object.assign(this, larger, { count });
  }
}

const FIELDS = [
  "offset",
  "length",
  "form",
  "prefixes",
  "size",
  "reg",
  "rm",
  "vvvv",
  "base",
  "index",
  "scale",
  "disp",
  "imm",
  "immHigh",
] as const;
