import { NotBuilt } from "./not-built.ts";
import { narrow, wide } from "./register-names.ts";

/** An operand that the sandbox accepts, and what has to be done right before it is used. */
export interface SafeOperand {
  readonly setup: readonly string[];
  readonly operand: string;
}

interface Address {
  readonly displacement: string;
  readonly base: string;
  readonly index: string;
  readonly scale: string;
}

/** Addresses below are no memory of a program. */
const FIRST_ADDRESS = 65536;
const NUMBER = /^-?(?:0x[0-9a-fA-F]+|\d+)$/;
/** Tables that gcc makes of a switch, with an index that it has compared with their length. */
const SWITCH_TABLE = /^\.L\d+(?:\$\w+)?$/;

/** Whether an operand is memory: neither a register nor a number. */
export function isMemory(operand: string): boolean {
  return !/^[$%*]/.test(operand) || /^%[fg]s:/.test(operand);
}

/**
 * Memory by the rules: below the base in r15 with an index of 32 bits, on the stack, or relative
 * to the code. A sum of registers becomes an index of 32 bits in r11 first, as the short addresses
 * of the compiler mean it: it wraps.
 */
export function safeMemory(text: string): SafeOperand {
  const address = parseAddress(text);
  const { displacement, base, index } = address;
  if (base === "%rip") return { setup: [], operand: text };
  if (base === "" && index === "") return fixedMemory(displacement);
  const constant = displacement === "" ? 0 : numberOf(displacement);
  if (index === "" && (base === "%rsp" || base === "%rbp") && !Number.isNaN(constant)) {
    return { setup: [], operand: `${displacement}(${base})` };
  }
  // Where the sum would wrap, it would be an address that no program has: the same fault.
  if (index === "" && constant >= 0 && constant < FIRST_ADDRESS) {
    return throughIndex(`movl ${narrow(base)}, %r11d`, displacement);
  }
  return throughIndex(`leal ${addressText(address)}, %r11d`, "");
}

/** An entry of a switch's table, in one operand, as translators of such code recognise it. */
export function tableMemory(text: string): SafeOperand | undefined {
  const { displacement, base, index, scale } = parseAddress(text);
  if (base !== "" || index === "" || !SWITCH_TABLE.test(displacement)) return undefined;
  return {
    setup: [`movl ${narrow(index)}, %r11d`],
    operand: `${displacement}(%r15,%r11,${scale})`,
  };
}

/** The operand of `lea`, which computes an address and uses none. */
export function computedAddress(text: string): string {
  const address = parseAddress(text);
  if (address.base === "" && address.index === "") return `${address.displacement}(%rip)`;
  return addressText(address);
}

/** Whether registers of 32 bits make the address, so that it ends at 32 bits. */
export function isShort(text: string): boolean {
  return /%(?:e|r\d+d)/.test(text);
}

function throughIndex(setup: string, displacement: string): SafeOperand {
  return { setup: [setup], operand: `${displacement}(%r15,%r11)` };
}

function fixedMemory(displacement: string): SafeOperand {
  if (!NUMBER.test(displacement)) return { setup: [], operand: `${displacement}(%rip)` };
  return throughIndex(`movl $${displacement}, %r11d`, "");
}

function numberOf(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN;
}

function parseAddress(text: string): Address {
  if (/^%[fg]s:/.test(text)) throw new NotBuilt("variables of a thread have no place in a nexe");
  const [, displacement = text, inside = ""] = /^(.*)\(([^()]*)\)$/.exec(text) ?? [];
  const [base = "", index = "", scale = "1"] = inside.split(",").map((part) => part.trim());
  return { displacement: displacement.trim(), base: wide(base), index: wide(index), scale };
}

function addressText({ displacement, base, index, scale }: Address): string {
  return `${displacement}(${base}${index === "" ? "" : `,${index},${scale}`})`;
}
