import { TYPE } from "../../../wasm/rewrite/index.ts";
import { WRITABLE_GLOBALS } from "../../elf/index.ts";

/** A global of a translated program: its export name, type and value at the start. */
export interface GlobalShape {
  readonly name: string;
  readonly type: number;
  readonly initial: number;
}

const GENERAL = [
  "rax",
  "rcx",
  "rdx",
  "rbx",
  "rsp",
  "rbp",
  "rsi",
  "rdi",
  "r8",
  "r9",
  "r10",
  "r11",
  "r12",
  "r13",
  "r14",
  "r15",
];

function numbered(prefix: string, count: number, type: number): GlobalShape[] {
  return Array.from({ length: count }, (_, at) => ({ name: `${prefix}${at}`, type, initial: 0 }));
}

/** MXCSR after a reset: all exceptions masked, nearest rounding. */
export const MXCSR_DEFAULT = 0x1f80;
/** Control word of the x87 after a reset: all exceptions masked, 64 bits of precision. */
export const X87_CONTROL_DEFAULT = 0x37f;

/**
 * The globals that hold the guest's state between functions, in the order of their indices. rsp,
 * rax, rdi and rbx are passed as parameters and results instead while code runs.
 */
export const GLOBALS: readonly GlobalShape[] = [
  ...GENERAL.map((name) => ({ name, type: TYPE.I64, initial: 0 })),
  ...numbered("xmm", 16, TYPE.V128),
  ...numbered("mm", 8, TYPE.I64),
  { name: "pc", type: TYPE.I32, initial: 0 },
  { name: "flags", type: TYPE.I32, initial: 0 },
  { name: "df", type: TYPE.I32, initial: 0 },
  { name: "missed", type: TYPE.I32, initial: 0 },
  { name: "direct", type: TYPE.I32, initial: 0 },
  { name: "resumed", type: TYPE.I32, initial: 0 },
  { name: "mxcsr", type: TYPE.I32, initial: MXCSR_DEFAULT },
  { name: "tsc", type: TYPE.I64, initial: 0 },
  ...numbered("st_sign", 8, TYPE.I32),
  { name: "x87_top", type: TYPE.I32, initial: 0 },
  { name: "x87_empty", type: TYPE.I32, initial: 0xff },
  { name: "x87_control", type: TYPE.I32, initial: X87_CONTROL_DEFAULT },
  { name: "x87_status", type: TYPE.I32, initial: 0 },
  { name: "x87_place", type: TYPE.I32, initial: 0 },
  { name: "x87_format", type: TYPE.I32, initial: 0 },
  { name: WRITABLE_GLOBALS.START, type: TYPE.I32, initial: 0 },
  { name: WRITABLE_GLOBALS.END, type: TYPE.I32, initial: 0 },
];

/** Further globals of programs that may have VEX: the upper halves of the vector registers. */
export const UPPER_GLOBALS: readonly GlobalShape[] = numbered("ymm", 16, TYPE.V128);

function indexOf(name: string): number {
  return GLOBALS.findIndex((shape) => shape.name === name);
}

/** Indices of globals. */
export const GLOBAL = {
  /** The general registers begin at 0, in the processor's order. */
  RAX: 0,
  RBX: 3,
  RSP: 4,
  RBP: 5,
  RDI: 7,
  XMM: 16,
  MM: 32,
  /** Guest address that an indirect call or jump goes to. */
  PC: indexOf("pc"),
  /** Status flags that a function hands on to the next, as bits of `FLAG`. */
  FLAGS: indexOf("flags"),
  /** 1 while string instructions go down. */
  DIRECTION: indexOf("df"),
  /** 1 where a place was called that is no function of the table. */
  MISSED: indexOf("missed"),
  /** Where a direct jump to another module goes: the flags stay as they are on this way. */
  DIRECT: indexOf("direct"),
  /** 1 where the program goes on with the registers and the place that the host has set. */
  RESUMED: indexOf("resumed"),
  MXCSR: indexOf("mxcsr"),
  /** What rdtsc gave last. */
  COUNTER: indexOf("tsc"),
  /** Sign and exponent of the first register of the x87; its significand is that of MM. */
  X87_SIGN: indexOf("st_sign0"),
  /** Number of the register that is ST(0). */
  X87_TOP: indexOf("x87_top"),
  /** A bit for each register that has no value. */
  X87_EMPTY: indexOf("x87_empty"),
  X87_CONTROL: indexOf("x87_control"),
  /** The status word without the top. */
  X87_STATUS: indexOf("x87_status"),
  /** Guest address of the instruction that worked on the stack last. */
  X87_PLACE: indexOf("x87_place"),
  /** What its functions round for: 0 unless it is a lane of SSE. */
  X87_FORMAT: indexOf("x87_format"),
  /** The first of `UPPER_GLOBALS`. */
  UPPER: GLOBALS.length,
  WRITABLE_START: indexOf(WRITABLE_GLOBALS.START),
  WRITABLE_END: indexOf(WRITABLE_GLOBALS.END),
} as const;
