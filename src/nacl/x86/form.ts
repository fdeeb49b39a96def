/** Where an operand stands in the bytes, or which register it always is. */
export type OperandKind =
  | "rm"
  | "reg"
  | "opcode"
  | "memory"
  | "immediate"
  | "target"
  | "one"
  | "rax"
  | "rcx"
  | "rdx"
  | "rbx"
  | "xmm-reg"
  | "xmm-rm"
  | "xmm-vvvv"
  | "xmm-imm"
  | "xmm0"
  | "mm-reg"
  | "mm-rm"
  | "st0"
  | "st"
  | "source"
  | "destination";

export interface Operand {
  readonly kind: OperandKind;
  /** Bytes that the operation uses of it; 0 where that is the instruction's operand size. */
  readonly size: number;
  /** Bytes read or written where it is memory; 0 as above, or where nothing is accessed. */
  readonly memorySize: number;
  readonly reads: boolean;
  readonly writes: boolean;
  /** Not written in assembly text, as the accumulator of a multiplication. */
  readonly implicit: boolean;
}

/**
 * How the operand size follows from the prefixes: `v` is 2, 4 or 8 bytes by 66 and REX.W, `y` is 4
 * or 8 by REX.W, `s`, for the stack, 8 or 2; a number is always that, and 0 where there is none.
 */
export type SizeRule = "v" | "y" | "s" | number;

export type ImmediateKind =
  | "none"
  /** One byte, not negative. */
  | "byte"
  /** One byte with a sign. */
  | "signed"
  /** Two bytes where the operand size is 2, else four with a sign. */
  | "word"
  /** As many bytes as the operand size. */
  | "full"
  /** Two bytes: the first in `imm`, the second in `immHigh`. */
  | "pair"
  /** A register in the high half of a byte. */
  | "register"
  /** A byte, or four, that is added to the address of the next instruction. */
  | "near"
  | "far";

/** What becomes of control after an instruction. */
export type Flow = "next" | "jump" | "branch" | "call" | "indirect-jump" | "indirect-call" | "halt";

/** Rule sets that accept an instruction: both, that of current Native Client, that of ZeroVM. */
export type FormPolicy = "both" | "nacl" | "zerovm";

/** One row of the table: one encoding of one instruction for all its operand sizes. */
export interface Form {
  /** Its number, the same as long as the table is; what the decoder writes for an instruction. */
  readonly id: number;
  /** Name without, or with `*` for, the suffix of the size; several are those of 2, 4, 8 bytes. */
  readonly names: readonly string[];
  readonly group: string;
  /** 0 one byte, 1 after 0F, 2 after 0F 38, 3 after 0F 3A; the same numbers in a VEX prefix. */
  readonly map: number;
  readonly opcode: number;
  /** Mandatory prefix as bits: 1 for 66, 2 for F2, 4 for F3. */
  readonly mandatory: number;
  readonly vex: Vex | undefined;
  /** The low three bits of the opcode are a register. */
  readonly opcodeRegister: boolean;
  readonly modrm: Modrm;
  /** Last byte of 3DNow! instructions. */
  readonly suffix: number | undefined;
  readonly operands: readonly Operand[];
  readonly size: SizeRule;
  readonly immediate: ImmediateKind;
  readonly flow: Flow;
  readonly policy: FormPolicy;
  /** Flags as bits of `FLAG`: looked at, changed, left without meaning, maybe left as they were. */
  readonly flagsRead: number;
  readonly flagsWritten: number;
  readonly flagsUndefined: number;
  readonly flagsKept: number;
  readonly marks: ReadonlySet<Mark>;
}

export interface Vex {
  /** 0 for 128 bits, 1 for 256. */
  readonly l: number;
  /** 0 or 1; undefined where it is the operand size. */
  readonly w: number | undefined;
}

export interface Modrm {
  readonly present: boolean;
  /** modrm.reg where it is a part of the opcode. */
  readonly extension: number | undefined;
  /** The whole byte where it is a part of the opcode. */
  readonly fixed: number | undefined;
  readonly register: boolean;
  readonly memory: boolean;
}

/**
 * - `lock`: F0 is accepted with memory. `rep`: F3 is. `repcc`: F3 and F2 are.
 * - `hint`: 2E and 3E are. `norex`: a REX prefix is not. `no-w`: REX.W is not.
 * - `zx`: with operand size 4, the write of the first register operand makes it an index.
 * - `nt`: non-temporal. `noderef`: its memory operand is an address only.
 * - `super`: only as the end of a superinstruction. `fixed-nop`: only with displacement 0.
 * - `double`: its memory operand has twice the operand size.
 * - `guard-reg`: modrm.reg is only read, but the rules judge it as if it were written.
 * - `any-vvvv`: VEX.vvvv is accepted with any value though no operand is there; processors refuse
 *   all values but that of no register.
 */
export type Mark =
  | "lock"
  | "rep"
  | "repcc"
  | "hint"
  | "norex"
  | "no-w"
  | "zx"
  | "nt"
  | "noderef"
  | "super"
  | "fixed-nop"
  | "double"
  | "guard-reg"
  | "any-vvvv";

/** The bits of the flags in `Form`. */
export const FLAG = { C: 1, P: 2, A: 4, Z: 8, S: 16, O: 32, D: 64 } as const;

/** The bits of `Form.mandatory`. */
export const MANDATORY = { data16: 1, repne: 2, rep: 4 } as const;
