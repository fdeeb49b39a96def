import { expect } from "vitest";
import { EXIT_LINES, nexeOf, runTranslated, TRAP_BLOCK, WRITE_LINES } from "./translated-guest.ts";

/** Bits of doubles. */
export const BITS = {
  signalling: 0x7ff0_0000_0000_0001n,
  quiet: 0x7ff8_0000_0000_0001n,
  /** The NaN of an operation without one. */
  own: 0xfff8_0000_0000_0000n,
  infinite: 0x7ff0_0000_0000_0000n,
  one: 0x3ff0_0000_0000_0000n,
} as const;

/**
 * Runs lines of a translated program. The lower halves of xmm0 to xmm3 are a signalling NaN, one,
 * zero and infinity before, the upper ones zero; rbx counts from 5.
 * @returns both halves of xmm0 to xmm4 one after the other, and rbx
 */
export function registersAfter(lines: string): bigint[] {
  const load = [BITS.signalling, BITS.one, 0n, BITS.infinite].map(
    (bits, register) => `movabsq $${bits}, %rax\nmovq %rax, %xmm${register}`,
  );
  const store = [0, 1, 2, 3, 4].map((at) => `movupd %xmm${at}, out+${16 * at}(%rip)`);
  const text = `_start: ${load.join("\n")}\nmovl $5, %ebx\n${lines}\n${store.join("\n")}
    movq %rbx, out+80(%rip)
    leaq out(%rip), %rsi\nmovl $88, %edx\n${WRITE_LINES}
    xorl %ebx, %ebx\n${EXIT_LINES}
    .data\n${TRAP_BLOCK}\n.bss\nout: .zero 88`;
  const run = runTranslated(nexeOf(text));
  expect(run).toMatchObject({ exitCode: 0, fault: undefined, trap: undefined });
  const view = new DataView(run.written.buffer);
  return Array.from({ length: 11 }, (_, at) => view.getBigUint64(8 * at, true));
}
