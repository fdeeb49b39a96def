import { BadText } from "./assembly-error.ts";

/**
 * The sequences that Native Client's rules ask for, as one line each:
 *
 * | line | gives |
 * | --- | --- |
 * | `naclcall SYMBOL` | a call whose end is the end of its bundle |
 * | `naclcall %REG` | the register masked, made an address and called, at the end of its bundle |
 * | `nacljmp %REG` | the same as a jump |
 * | `naclret` | the return address taken from the stack into r11, and jumped to |
 * | `naclrsp OP ARGS` | `OPl ARGS,%esp` and the addition of r15, as `naclrsp sub $24` |
 * | `naclrbp OP ARGS` | the same for rbp |
 * | `naclindex %REG INSTRUCTION` | the register cut to 32 bits, then the instruction that uses it |
 * | `naclstring INSTRUCTION` | rsi, rdi or both made addresses, then the string instruction |
 *
 * Returns the lines, or undefined for a word that is none of these; throws `BadText`.
 */
export function expandMacro(word: string, rest: string): string[] | undefined {
  switch (word) {
    case "naclcall":
      if (!rest.startsWith("%")) return locked([`call ${rest}`], "align_to_end");
      return locked([...masked(rest), `call *${wide(rest)}`], "align_to_end");
    case "nacljmp":
      return locked([...masked(rest), `jmp *${wide(rest)}`]);
    case "naclret":
      return ["popq %r11", ...locked([...masked("%r11"), "jmp *%r11"])];
    case "naclrsp":
      return stackPair("sp", rest);
    case "naclrbp":
      return stackPair("bp", rest);
    case "naclindex": {
      const [, register = "", instruction = ""] = /^(\S+)\s+(.*)$/s.exec(rest) ?? [];
      return locked([`movl ${narrow(register)},${narrow(register)}`, instruction]);
    }
    case "naclstring":
      return locked([...stringAddresses(rest), rest]);
    default:
      return undefined;
  }
}

function locked(lines: readonly string[], option = ""): string[] {
  return [`.bundle_lock ${option}`.trim(), ...lines, ".bundle_unlock"];
}

function masked(register: string): string[] {
  return [`andl $-32,${narrow(register)}`, `addq %r15,${wide(register)}`];
}

function stackPair(register: string, rest: string): string[] {
  const [, operation = "", operands = ""] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
  const destination = operands === "" ? `%e${register}` : `${operands},%e${register}`;
  return locked([`${operation}l ${destination}`, `addq %r15,%r${register}`]);
}

function stringAddresses(instruction: string): string[] {
  const name = instruction.trim().split(/\s+/).at(-1) ?? "";
  const both = /^(movs|cmps)[bwlq]$/.test(name);
  const source = both || /^lods[bwlq]$/.test(name);
  const destination = both || /^(stos|scas)[bwlq]$/.test(name);
  const masks = /\bv?maskmov(q|dqu)\b/.test(instruction);
  if (!source && !destination && !masks) throw new BadText("no string instruction");
  return [
    ...(source ? ["movl %esi,%esi", "leaq (%r15,%rsi,1),%rsi"] : []),
    ...(destination || masks ? ["movl %edi,%edi", "leaq (%r15,%rdi,1),%rdi"] : []),
  ];
}

const OLD = /^%[re]([a-ds][xpi]|bp|di)$/;
const NUMBERED = /^%(r\d+)d?$/;

function wide(register: string): string {
  const old = OLD.exec(register)?.[1];
  const numbered = NUMBERED.exec(register)?.[1];
  if (old !== undefined) return `%r${old}`;
  if (numbered !== undefined) return `%${numbered}`;
  throw new BadText(`"${register}" is no register of 32 or 64 bits`);
}

function narrow(register: string): string {
  const name = wide(register);
  return /\d/.test(name) ? `${name}d` : `%e${name.slice(2)}`;
}
