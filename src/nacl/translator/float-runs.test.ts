import { expect, it } from "vitest";
import {
  EXIT_LINES,
  nexeOf,
  runTranslated,
  TRAP_BLOCK,
  WRITE_LINES,
} from "../../../test/support/translated-guest.ts";

const SIGNALLING = 0x7ff0_0000_0000_0001n;
const QUIET = 0x7ff8_0000_0000_0001n;
const OWN = 0xfff8_0000_0000_0000n;
const INFINITE = 0x7ff0_0000_0000_0000n;
const ONE = 0x3ff0_0000_0000_0000n;

/** Runs lines between the loading of registers and the storing of them; rbx counts from 5. */
function registersAfter(lines: string): bigint[] {
  const load = [SIGNALLING, ONE, 0n, INFINITE].map(
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

it("gives every NaN of a run the processor's bits, and does nothing else of it twice", () => {
  const after = registersAfter(`
    addsd %xmm1, %xmm0
    addl $2, %ebx
    mulsd %xmm0, %xmm2
    subsd %xmm3, %xmm3
    movapd %xmm3, %xmm4
    addl $1, %ebx
    unpcklpd %xmm0, %xmm4
    divpd %xmm1, %xmm4`);
  expect(after).toEqual([QUIET, 0n, ONE, 0n, QUIET, 0n, OWN, 0n, OWN, QUIET, 8n]);
});

it("sees a NaN that a run leaves in single lanes, or hands on through memory", () => {
  const after = registersAfter(`
    subps %xmm3, %xmm3
    subsd %xmm0, %xmm1
    movsd %xmm1, trap_block(%rip)
    movsd trap_block(%rip), %xmm4
    addsd %xmm4, %xmm2
    xorpd %xmm4, %xmm2`);
  expect(after.slice(0, 10)).toEqual([SIGNALLING, 0n, QUIET, 0n, 0n, 0n, INFINITE, 0n, QUIET, 0n]);
});
