import { assert } from "../../base/index.ts";
import type { Answer, ArgumentCheck, SystemCall } from "./system-calls.ts";

/** Machines that a filter can be written for. Only the first is tested. */
export type Machine = "x64" | "arm64";

/** `struct sock_filter`: code in 2 bytes, both jumps in one each, a constant in 4. */
const INSTRUCTION_BYTES = 8;

const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const AND = 0x54;
const RETURN = 0x06;

/** Places in `struct seccomp_data`. */
const NUMBER_AT = 0;
const ARCHITECTURE_AT = 4;
const ARGUMENTS_AT = 16;
const ARGUMENT_BYTES = 8;

const KILL_PROCESS = 0x8000_0000;
const FAIL = 0x0005_0000;
const ALLOW = 0x7fff_0000;

const ARCHITECTURE: Readonly<Record<Machine, number>> = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
/** Calls of the x32 interface of x86-64 have this bit in their number. */
const X32_BIT = 0x4000_0000;
const ERRNO: Readonly<Record<Answer, number>> = { EACCES: 13, EINVAL: 22, ENOSYS: 38, success: 0 };

interface Instruction {
  readonly code: number;
  readonly constant: number;
  /** Instructions to leave out when a comparison holds, and when it does not. */
  readonly yes?: number;
  readonly no?: number;
}

/**
 * The program by which the kernel judges each system call of a cell: machine and interface first,
 * then the rows of the table in their order. What no row allows ends the process.
 * @param pid the process itself, as it sees itself
 */
export function filterProgram(
  table: readonly SystemCall[],
  machine: Machine,
  pid: number,
): Uint8Array {
  const program: Instruction[] = [
    { code: LOAD_WORD, constant: ARCHITECTURE_AT },
    { code: JUMP_EQUAL, constant: ARCHITECTURE[machine], yes: 1 },
    { code: RETURN, constant: KILL_PROCESS },
    { code: LOAD_WORD, constant: NUMBER_AT },
  ];
  if (machine === "x64") {
    program.push({ code: JUMP_AT_LEAST, constant: X32_BIT, no: 1 });
    program.push({ code: RETURN, constant: KILL_PROCESS });
  }
  for (const row of table) {
    const number = row[machine];
    if (number === undefined) continue;
    const judgement = judge(row, pid);
    program.push({ code: JUMP_EQUAL, constant: number, no: judgement.length }, ...judgement);
  }
  program.push({ code: RETURN, constant: KILL_PROCESS });
  return encode(program);
}

function judge({ answers, check, otherwise }: SystemCall, pid: number): Instruction[] {
  const end: Instruction = { code: RETURN, constant: verdict(answers, ALLOW) };
  if (check === undefined) return [end];
  const refusal: Instruction = { code: RETURN, constant: verdict(otherwise, KILL_PROCESS) };
  return [...checkArgument(check, pid), refusal, end];
}

function verdict(answer: Answer | undefined, otherwise: number): number {
  return answer === undefined ? otherwise : FAIL | ERRNO[answer];
}

/** Goes on at the next instruction where the check fails, one further where it holds. */
function checkArgument(check: ArgumentCheck, pid: number): Instruction[] {
  const low = ARGUMENTS_AT + check.arg * ARGUMENT_BYTES;
  const values = "oneOf" in check ? check.oneOf : [pid];
  const comparisons = values.map((constant, index) => {
    return { code: JUMP_EQUAL, constant, yes: values.length - index };
  });
  if ("mask" in check && check.mask !== undefined) {
    // No such argument has anything in its upper half that the kernel would look at.
    return [
      { code: LOAD_WORD, constant: low },
      { code: AND, constant: check.mask },
      ...comparisons,
    ];
  }
  return [
    // These arguments are `int` to the kernel, but a caller may set the upper half.
    { code: LOAD_WORD, constant: low + 4 },
    { code: JUMP_EQUAL, constant: 0, no: values.length + 1 },
    { code: LOAD_WORD, constant: low },
    ...comparisons,
  ];
}

function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, constant, yes = 0, no = 0 }, index) => {
    assert(yes < 256 && no < 256, "a jump of the filter is too long");
    const at = index * INSTRUCTION_BYTES;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, yes);
    view.setUint8(at + 3, no);
    view.setUint32(at + 4, constant >>> 0, true);
  });
  return bytes;
}
