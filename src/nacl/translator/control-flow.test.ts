import { describe, expect, it } from "vitest";
import {
  EXIT_LINES,
  nexeOf,
  runTranslated,
  TRAP_BLOCK,
} from "../../../test/support/translated-guest.ts";
import { readModule } from "../../wasm/index.ts";
import { chooseFunctions, outlineLoops } from "../../wasm/outline/index.ts";
import { readNexe } from "../elf/index.ts";
import { translate } from "./index.ts";

/** Runs a program that leaves its result in ebx; returns that, and what was translated later. */
function run(text: string, data = ""): { code: number | undefined; later: number } {
  const program = `_start: nop\n${text}\n.data\n${TRAP_BLOCK}\n${data}`;
  const { exitCode, translatedLater, fault, trap } = runTranslated(nexeOf(program));
  expect({ fault, trap }).toEqual({ fault: undefined, trap: undefined });
  return { code: exitCode, later: translatedLater.length };
}

describe("translated control flow", () => {
  it("calls and returns, recursively", () => {
    const text = `
      movl $10, %edi
      naclcall factorial
      movl %eax, %ebx
      ${EXIT_LINES}
      .p2align 5
      factorial:
      cmpl $1, %edi
      ja deeper
      movl $1, %eax
      naclret
      deeper: pushq %rdi
      decl %edi
      naclcall factorial
      popq %rdi
      imull %edi, %eax
      naclret`;
    expect(run(text)).toEqual({ code: 3628800, later: 0 });
  });

  it("goes through loops of two entries", () => {
    const text = (entry: number) => `
      movl $${entry}, %eax
      xorl %ebx, %ebx
      movl $5, %ecx
      testl %eax, %eax
      jne second
      first: addl $1, %ebx
      second: addl $100, %ebx
      decl %ecx
      jne first
      ${EXIT_LINES}`;
    expect(run(text(0)).code).toBe(505);
    expect(run(text(1)).code).toBe(504);
  });

  it("has functions that are reached by pointers only, also beside jumps by such pointers", () => {
    const text = `
      naclcall wrapper
      movl %eax, %ebx
      movl pointer(%rip), %eax
      naclcall %eax
      addl %eax, %ebx
      ${EXIT_LINES}
      .p2align 5
      wrapper: movl pointer(%rip), %eax
      nacljmp %eax
      .p2align 5
      pointed: movl $21, %eax
      naclret`;
    expect(run(text, "pointer: .long pointed")).toEqual({ code: 42, later: 0 });
  });

  it("puts what loops lead to behind them", () => {
    const text = `
      xorl %ebx, %ebx
      movl $3, %ecx
      outer: movl $4, %edx
      inner: addl $1, %ebx
      cmpl $100, %ebx
      ja never
      subl $1, %edx
      jne inner
      addl $10, %ebx
      subl $1, %ecx
      jne outer
      jmp done
      never: movl $7, %ebx
      done: ${EXIT_LINES}`;
    expect(run(text).code).toBe(42);
  });

  it("has its loops where they can be moved, whatever they lead to", () => {
    const text = `
      naclcall work
      ${EXIT_LINES}
      .p2align 5
      work: movl $1000, %ecx
      again: subl $1, %ecx
      je shared
      cmpl $5, %ecx
      jne again
      movl $there, %r11d
      nacljmp %r11d
      .p2align 5
      other: subl $1, %edi
      shared: movl $9, %ebx
      naclret
      .p2align 5
      there: jmp shared`;
    const nexe = nexeOf(`_start: nop\n${text}\nnaclcall other\n.data\n${TRAP_BLOCK}`);
    const { module } = translate(nexe, readNexe(nexe, "zerovm"));
    const shape = readModule(module);
    const [moved] = chooseFunctions(module, shape).slice(-1);
    expect(outlineLoops(module, shape, { functions: [moved ?? -1] })).not.toBe(module);
    expect(run(text).code).toBe(9);
  });

  it("jumps through tables", () => {
    const text = `
      xorl %ebx, %ebx
      xorl %ecx, %ecx
      again: cmpl $4, %ecx
      ja done
      naclindex %rcx movl table(%r15,%rcx,4), %eax
      nacljmp %rax
      .p2align 5
      one: addl $1, %ebx
      jmp next
      .p2align 5
      two: addl $20, %ebx
      jmp next
      .p2align 5
      three: addl $300, %ebx
      next: incl %ecx
      jmp again
      done: ${EXIT_LINES}`;
    expect(run(text, "table: .long one, two, three, two, one")).toEqual({ code: 342, later: 0 });
  });

  it("comes back where the guest's stack says, though another call is open", () => {
    const text = `
      naclcall outer
      movl $1, %ebx
      jmp end
      .p2align 5
      landing: movl $42, %ebx
      end: ${EXIT_LINES}
      .p2align 5
      outer: naclcall inner
      movl $2, %ebx
      jmp end
      .p2align 5
      inner: naclrsp add $16
      leaq landing(%rip), %rax
      pushq %rax
      naclret`;
    expect(run(text).code).toBe(42);
  });

  it("resumes after a jump out of many calls, at a place behind a call", () => {
    const text = `
      xorl %ebx, %ebx
      naclcall save
      addl $1, %ebx
      cmpl $5, %ebx
      jae end
      movl $20, %edi
      naclcall deep
      movl $99, %ebx
      end: ${EXIT_LINES}
      .p2align 5
      save: movq (%rsp), %rax
      movq %rax, saved(%rip)
      movq %rsp, saved+8(%rip)
      naclret
      .p2align 5
      deep: decl %edi
      je bottom
      naclcall deep
      bottom: naclrsp mov saved+8(%rip)
      naclrsp add $8
      movl saved(%rip), %edx
      nacljmp %rdx`;
    expect(run(text, "saved: .quad 0, 0")).toEqual({ code: 5, later: 1 });
  });

  it("switches between stacks", () => {
    const text = `
      movl $stack_end - 8, %eax
      leaq other(%rip), %rcx
      movq %rcx, stack_end-8(%rip)
      movq %rax, saved(%rip)
      xorl %ebx, %ebx
      movl $1000, %r12d
      again: naclcall switch
      decl %r12d
      jne again
      ${EXIT_LINES}
      .p2align 5
      other: addl $3, %ebx
      naclcall switch
      jmp other
      .p2align 5
      switch: movq %rsp, %rax
      naclrsp mov saved(%rip)
      movq %rax, saved(%rip)
      naclret`;
    const data = "saved: .quad 0\nstack: .zero 4096\nstack_end: .quad 0";
    expect(run(text, data).code).toBe(3000);
  });

  it("jumps to any bundle, also one that nothing names", () => {
    const text = (bundles: number) => `
      xorl %ebx, %ebx
      leaq start(%rip), %rax
      leaq ${bundles * 32}(%rax), %rax
      nacljmp %rax
      .p2align 5
      start: addl $1, %ebx
      .p2align 5
      addl $10, %ebx
      .p2align 5
      addl $100, %ebx
      ${EXIT_LINES}`;
    expect(run(text(0)).code).toBe(111);
    expect(run(text(1))).toEqual({ code: 110, later: 1 });
    expect(run(text(2))).toEqual({ code: 100, later: 1 });
  });

  /** Leaves what it finds of P, C and Z in the lowest bits of ebx, and ends. */
  const READ_FLAGS = `setp %bl
      setc %cl
      setz %dl
      movzbl %bl, %ebx
      movzbl %cl, %ecx
      movzbl %dl, %edx
      leal (%rbx,%rcx,2), %ebx
      leal (%rbx,%rdx,4), %ebx
      ${EXIT_LINES}`;
  /** Two places that read flags: the lowest byte of their addresses is 0 and 0x20. */
  const PLACES = `.p2align 8
      even: ${READ_FLAGS}
      .p2align 8
      nop
      .p2align 5
      odd: ${READ_FLAGS}`;

  it("gives the flags of a computed jump to a place that reads them at its start", () => {
    const text = (place: string) => `
      leaq even(%rip), %rax
      leaq ${place}-even(%rax), %rax
      xorl %ecx, %ecx
      stc
      nacljmp %rax
      ${PLACES}`;
    // Places whose addresses are data are functions, others are found later.
    expect(run(text("even"), "table: .long even, odd")).toEqual({ code: 1, later: 0 });
    expect(run(text("odd"), "table: .long even, odd")).toEqual({ code: 0, later: 0 });
    expect(run(text("even"))).toEqual({ code: 1, later: 0 });
    expect(run(text("odd"))).toEqual({ code: 0, later: 1 });
  });

  it("gives them to the places of a table in the same function", () => {
    const text = (index: number) => `
      movl $${index}, %ecx
      cmpl $1, %ecx
      ja over
      naclindex %rcx movl table(%r15,%rcx,4), %eax
      stc
      nacljmp %rax
      over: hlt
      ${PLACES}`;
    expect(run(text(0), "table: .long even, odd")).toEqual({ code: 1, later: 0 });
    expect(run(text(1), "table: .long even, odd")).toEqual({ code: 0, later: 0 });
  });

  it("calls into the middle of a function that others fall into", () => {
    const text = `
      xorl %ebx, %ebx
      naclcall whole
      naclcall half
      naclcall half
      ${EXIT_LINES}
      .p2align 5
      whole: addl $100, %ebx
      .p2align 5
      half: addl $1, %ebx
      naclret`;
    expect(run(text).code).toBe(103);
  });

  it("ends in a fault at hlt, ud2, a division by zero and code that is not there", () => {
    const end = (text: string) => runTranslated(nexeOf(`_start:\n${text}\n.data\n${TRAP_BLOCK}`));
    expect(end("nop\nhlt").fault).toEqual([1, 0x20001]);
    expect(end("nop\nud2").fault).toEqual([2, 0x20001]);
    expect(end("xorl %ecx, %ecx\ndivl %ecx").fault).toEqual([3, 0x20002]);
    expect(end("movl $0x1000, %eax\nmovl (%r15,%rax,1), %eax\nhlt").trap).toMatch(/out of bounds/);
    expect(end("movl $0x12345600, %eax\nnacljmp %rax").trap).toMatch(/no code at 12345600/);
  });

  it("halts in all of the padding behind the text, and in the slot without a call", () => {
    const end = (text: string) =>
      runTranslated(nexeOf(`_start: nop\n${text}\n.data\n${TRAP_BLOCK}`));
    for (const address of [0x20020, 0x20060, 0x20080, 0x28000, 0x2ffe0, 0x1ffe0]) {
      expect(end(`movl $${address}, %eax\nnacljmp %rax`).fault).toEqual([1, address]);
      expect(end(`movl $${address}, %eax\nnaclcall %rax`).fault).toEqual([1, address]);
    }
    expect(end("naclcall 0x1ffe0").fault).toEqual([1, 0x1ffe0]);
    expect(end("movl $0x30000, %eax\nnacljmp %rax").trap).toMatch(/no code at 30000/);
  });
});
