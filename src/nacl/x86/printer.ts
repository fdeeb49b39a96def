import type { Form, Operand } from "./form.ts";
import { formOf, mnemonicOf } from "./forms.ts";
import { type Instructions, NO_REGISTER, PREFIX, RIP } from "./instructions.ts";
import { generalName } from "./registers.ts";

const BYTES_OF_YMM = 32;

/**
 * One instruction in AT&T syntax, as `addl $0x1,0x10(%r15,%rax,4)`. Assembling it gives an
 * instruction of the same meaning, though maybe not the same bytes. Targets of jumps are addresses
 * if `base`, that of the first byte, is given. Padding prefixes and branch hints are left out.
 */
export function printInstruction(instructions: Instructions, at: number, base = 0): string {
  const form = formOf(instructions.form[at] ?? 0);
  const size = instructions.size[at] ?? 0;
  const shown = form.operands.filter((operand) => !operand.implicit);
  const texts = shown.map((operand, index) => {
    const second = index > 0 && shown[index - 1]?.kind === "immediate";
    return printOperand(instructions, at, form, operand, second, base);
  });
  const name = printPrefixes(instructions.prefixes[at] ?? 0, form) + mnemonicOf(form, size);
  return texts.length === 0 ? name : `${name} ${texts.reverse().join(",")}`;
}

function printPrefixes(prefixes: number, form: Form): string {
  if ((prefixes & PREFIX.lock) !== 0) return "lock ";
  if ((prefixes & PREFIX.repne) !== 0) return "repnz ";
  if ((prefixes & PREFIX.rep) === 0) return "";
  return form.marks.has("repcc") ? "repz " : "rep ";
}

function printOperand(
  instructions: Instructions,
  at: number,
  form: Form,
  operand: Operand,
  second: boolean,
  base: number,
): string {
  const size = operand.size === 0 ? (instructions.size[at] ?? 0) : operand.size;
  const reg = instructions.reg[at] ?? 0;
  const rm = instructions.rm[at] ?? 0;
  const vector = size === BYTES_OF_YMM ? "%ymm" : "%xmm";
  const isMemory = rm === NO_REGISTER;
  switch (operand.kind) {
    case "rm":
      if (form.flow !== "next") return `*${generalName(rm, size)}`;
      return isMemory ? printMemory(instructions, at) : generalName(rm, size);
    case "opcode":
      return generalName(rm, size);
    case "reg":
      return generalName(reg, size);
    case "memory":
      return printMemory(instructions, at);
    case "immediate":
      return printImmediate(instructions, at, form, second);
    case "target":
      return printTarget(instructions, at, base);
    case "one":
      return "$0x1";
    case "xmm-reg":
      return vector + reg;
    case "xmm-rm":
      return isMemory ? printMemory(instructions, at) : vector + rm;
    case "xmm-vvvv":
      return vector + (instructions.vvvv[at] ?? 0);
    case "xmm-imm":
      return vector + (instructions.imm[at] ?? 0);
    case "mm-reg":
      return `%mm${reg}`;
    case "mm-rm":
      return isMemory ? printMemory(instructions, at) : `%mm${rm}`;
    case "xmm0":
      return "%xmm0";
    case "st":
      return rm === 0 ? "%st" : `%st(${rm})`;
    case "st0":
      return "%st";
    default:
      return generalName(FIXED[operand.kind] ?? 0, size);
  }
}

/** Numbers of the registers that are named by an operand's kind alone. */
const FIXED: Readonly<Record<string, number>> = { rax: 0, rcx: 1, rdx: 2, rbx: 3 };

function printTarget(instructions: Instructions, at: number, base: number): string {
  const end = (instructions.offset[at] ?? 0) + (instructions.length[at] ?? 0);
  return hexOf(base + end + (instructions.imm[at] ?? 0));
}

function printMemory(instructions: Instructions, at: number): string {
  const base = instructions.base[at] ?? NO_REGISTER;
  const index = instructions.index[at] ?? NO_REGISTER;
  const disp = instructions.disp[at] ?? 0;
  const where = base === NO_REGISTER ? "" : base === RIP ? "%rip" : generalName(base, 8);
  const scaled =
    index === NO_REGISTER ? "" : `,${generalName(index, 8)},${1 << (instructions.scale[at] ?? 0)}`;
  if (where === "" && scaled === "") return hexOf(disp);
  return `${disp === 0 ? "" : hexOf(disp)}(${where}${scaled})`;
}

function printImmediate(
  instructions: Instructions,
  at: number,
  form: Form,
  second: boolean,
): string {
  const low = instructions.imm[at] ?? 0;
  const high = instructions.immHigh[at] ?? 0;
  if (form.immediate === "pair") return `$${hexOf(second ? high : low)}`;
  if (form.immediate !== "full" || instructions.size[at] !== 8) return `$${hexOf(low)}`;
  const value = (BigInt(high) << 32n) | BigInt(low >>> 0);
  return value < 0n ? `$-0x${(-value).toString(16)}` : `$0x${value.toString(16)}`;
}

function hexOf(value: number): string {
  return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}
