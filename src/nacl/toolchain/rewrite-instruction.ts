import { bitByRegister } from "./bit-by-register.ts";
import { computedAddress, isMemory, isShort, safeMemory, tableMemory } from "./memory-operand.ts";
import { NotBuilt } from "./not-built.ts";
import { narrow, wide } from "./register-names.ts";
import type { SourceLine } from "./source-line.ts";

/** An instruction as it was read. */
export type Instruction = Extract<SourceLine, { kind: "instruction" }>;

const STRING = /^(?:movs|stos|lods|cmps|scas)[bwlq]$/;
const JUMP = /^(?:j[a-z]+|loop(?:n?[ez])?)$/;
/** Instructions whose last operand is only read. */
const READS_LAST = /^(?:cmp|test|push|bt)[bwlq]?$|^u?comis[sd]$/;
const HIGH_BYTE = /^%[abcd]h$/;
/** What gcc writes with `rep` for processors of today, where it is the same without it. */
const BIT_SCAN = /^bs[fr][lq]?$/;

/** The lines that an instruction becomes by the rules; `next` is the one behind it, if any. */
export function rewriteInstruction(it: Instruction, next: SourceLine | undefined): string[] {
  const { prefix, name, operands } = it;
  const [first = ""] = operands;
  if (/^retq?$/.test(name)) return ["naclret"];
  if (/^leaveq?$/.test(name)) return ["movq %rbp, %rsp", ...poppedStack("%rbp")];
  if (/^popq?$/.test(name) && isStack(first)) return poppedStack(first);
  if (/^callq?$/.test(name)) return call(first);
  if (JUMP.test(name)) return first.startsWith("*") ? indirectJump(first) : [lineOf(it, operands)];
  if (STRING.test(name) && !operands.some((part) => part.includes("%xmm"))) {
    // The macro takes addresses of 32 bits in any case.
    return [["naclstring", prefix === "addr32" ? "" : prefix, name].filter(Boolean).join(" ")];
  }
  if (BIT_SCAN.test(name) && prefix.startsWith("rep")) {
    return rewriteInstruction({ ...it, prefix: "" }, next);
  }
  if (name === "nop" && prefix !== "") return ["pause"];
  if (/^lea[lq]$/.test(name)) return loadAddress(it);
  return bitByRegister(name, operands) ?? plain(it, next);
}

/** Through r11, so that the register keeps what it holds. */
function call(target: string): string[] {
  if (!target.startsWith("*")) return [`naclcall ${target}`];
  return locked([...targetInR11(target), "call *%r11"], "align_to_end");
}

function indirectJump(target: string): string[] {
  return locked([...targetInR11(target), "jmp *%r11"]);
}

function targetInR11(target: string): string[] {
  const register = target.slice(1).trim();
  if (!register.startsWith("%")) throw new NotBuilt(`a jump through memory: ${target}`);
  return [`movl ${narrow(register)}, %r11d`, "andl $-32, %r11d", "addq %r15, %r11"];
}

function poppedStack(register: string): string[] {
  return ["popq %r11", ...stackWrite([], `movl %r11d, ${narrow(register)}`, register)];
}

/** Writes of esp and ebp are completed to an address inside, without a change of the flags. */
function stackWrite(setup: readonly string[], line: string, register: string): string[] {
  const name = wide(register);
  return locked([...setup, line, `leaq (${name},%r15), ${name}`]);
}

function loadAddress(it: Instruction): string[] {
  const [source = "", target = ""] = it.operands;
  const address = computedAddress(source);
  if (isStack(target)) return stackWrite([], `leal ${address}, ${narrow(target)}`, target);
  // An address of 32 bits ends there, also where the register has more.
  return isShort(source)
    ? [`leal ${address}, ${narrow(target)}`]
    : [`${it.name} ${address}, ${target}`];
}

function plain(it: Instruction, next: SourceLine | undefined): string[] {
  let setup: readonly string[] = [];
  const operands = it.operands.map((operand) => {
    if (!isMemory(operand)) return operand;
    const safe = (feedsJump(it, next) ? tableMemory(operand) : undefined) ?? safeMemory(operand);
    setup = safe.setup;
    return safe.operand;
  });
  const target = operands.at(-1) ?? "";
  if (isStack(target) && !READS_LAST.test(it.name)) return stackResult(it, setup, operands);
  const line = lineOf(it, operands);
  if (setup.length === 0) return [line];
  const high = operands.find((operand) => HIGH_BYTE.test(operand));
  return high === undefined ? locked([...setup, line]) : throughLowByte(setup, line, high);
}

/** ah and its like have no place beside r11: the low byte takes theirs for a moment. */
function throughLowByte(setup: readonly string[], line: string, high: string): string[] {
  const low = high.replace("h", "l");
  const exchange = `xchgb ${low}, ${high}`;
  const access = locked(["movl %r11d, %r11d", line.replace(high, low)]);
  return [...setup, exchange, ...access, exchange];
}

function stackResult(
  it: Instruction,
  setup: readonly string[],
  operands: readonly string[],
): string[] {
  const [source = "", target = ""] = operands;
  if (it.name === "movq" && isStack(source)) return [lineOf(it, operands)];
  const short = it.name.replace(/q$/, "l");
  return stackWrite(setup, lineOf({ ...it, name: short }, operands.map(narrow)), target);
}

/** Whether the next instruction jumps to what this one loads. */
function feedsJump({ name, operands }: Instruction, next: SourceLine | undefined): boolean {
  if (next?.kind !== "instruction" || name !== "movl") return false;
  return next.name === "jmp" && next.operands[0] === `*${wide(operands[1] ?? "")}`;
}

function isStack(operand: string): boolean {
  return /^%[er][sb]p$/.test(operand);
}

function lineOf({ prefix, name }: Instruction, operands: readonly string[]): string {
  return `${prefix === "notrack" ? "" : prefix} ${name} ${operands.join(", ")}`.trim();
}

function locked(lines: readonly string[], option = ""): string[] {
  return [`.bundle_lock ${option}`.trim(), ...lines, ".bundle_unlock"];
}
