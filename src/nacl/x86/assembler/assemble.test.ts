import { describe, expect, it } from "vitest";
import { decodeText, printInstruction } from "../index.ts";
import { assemble, TEXT_ADDRESS } from "./index.ts";

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** The instructions of the text, each with its offset, without nops and halts. */
function listing(text: string): string[] {
  const assembly = assemble(text);
  const found = decodeText(assembly.text);
  return Array.from(
    { length: found.count },
    (_, at) => `${found.offset[at]?.toString(16)}: ${printInstruction(found, at, TEXT_ADDRESS)}`,
  ).filter((line) => !/: (nop|hlt|xchgw %ax)/.test(line));
}

describe("the assembler", () => {
  it("lays the sections out on segments of their own", () => {
    const { addresses, symbols, entry, rodata, data, bssSize, text } = assemble(`
      .section .rodata
      message: .asciz "hi\\n"
      .data
      value: .long 7, message - value
      .quad end
      .bss
      buffer: .zero 100
      .p2align 4
      end:
      .text
      nop
      .p2align 5
      .globl _start
      _start: movl value(%rip),%eax   # a comment
      movl $buffer+4,%ecx; hlt
    `);
    expect(addresses).toEqual({ text: 0x20000, rodata: 0x30000, data: 0x40000, bss: 0x40010 });
    expect(entry).toBe(0x20020);
    expect(hexOf(rodata)).toBe("68 69 0a 00");
    expect(hexOf(data)).toBe("07 00 00 00 00 00 ff ff 80 00 04 00 00 00 00 00");
    expect([symbols.get("buffer"), symbols.get("end"), bssSize]).toEqual([0x40010, 0x40080, 112]);
    expect(hexOf(text.subarray(32))).toMatch(/^8b 05 da ff 01 00 b9 14 00 04 00 f4 f4 f4/);
    expect(text.length).toBe(64);
  });

  it("takes the short form of a jump where it reaches", () => {
    expect(
      listing(`
      a: jmp b
      jne far
      b: jmp a
      .zero 200, 0x90
      far: loop far
    `),
    ).toEqual(["0: jmp 0x20008", "2: jne 0x200d2", "8: jmp 0x20000", "d2: loop 0x200d2"]);
  });

  it("lets no instruction cross the end of a bundle", () => {
    const long = "movabsq $0x1122334455667788,%rax\n".repeat(4);
    expect(listing(long).map((line) => line.split(":")[0])).toEqual(["0", "a", "14", "20"]);
    const raw = assemble(`.bundle_align_mode 0\n${long}`).text;
    expect(hexOf(raw.subarray(30, 32))).toBe("48 b8");
  });

  it("puts the sequences that the rules ask for into one bundle", () => {
    expect(
      listing(`
      .zero 25, 0x90
      naclret
      naclcall f
      naclcall %rax
      naclrsp sub $24
      naclrbp mov 8(%rsp)
      naclindex %rcx movl (%r15,%rcx,4),%edx
      naclstring rep movsl
      f: nacljmp %r9d
    `),
    ).toEqual(
      [
        ...["19: popq %r11", "20: andl $-0x20,%r11d", "24: addq %r15,%r11", "27: jmp *%r11"],
        "3b: call 0x200a0",
        ...["58: andl $-0x20,%eax", "5b: addq %r15,%rax", "5e: call *%rax"],
        ...["60: subl $0x18,%esp", "63: addq %r15,%rsp"],
        ...["66: movl 0x8(%rsp),%ebp", "6a: addq %r15,%rbp"],
        ...["6d: movl %ecx,%ecx", "6f: movl (%r15,%rcx,4),%edx"],
        ...["80: movl %esi,%esi", "82: leaq (%r15,%rsi,1),%rsi"],
        ...["86: movl %edi,%edi", "88: leaq (%r15,%rdi,1),%rdi", "8c: rep movsl"],
        ...["8e: andl $-0x20,%r9d", "92: addq %r15,%r9", "95: jmp *%r9"],
      ].map((line) => line.replace("0x200a0", "0x2008e")),
    );
  });

  it("knows what is usually left out", () => {
    expect(
      listing(`
        .comm table, 40, 16
        shl %eax; sarq (%rsp)
        imul $100, %ecx
        shldq %rax, %rdx
        movabs $1, %rax
        movl $table, %edi
        jz .
        cmpnltsd %xmm1, %xmm2
      `),
    ).toEqual([
      "0: shll $0x1,%eax",
      "2: sarq $0x1,(%rsp)",
      "6: imull $0x64,%ecx,%ecx",
      "9: shldq %cl,%rax,%rdx",
      "d: movabsq $0x1,%rax",
      "17: movl $0x30000,%edi",
      "1c: je 0x2001c",
      "20: cmpsd $0x5,%xmm1,%xmm2",
    ]);
  });

  it("knows the names of AVX for comparisons, and for conversions whose source tells its width", () => {
    expect(
      listing(`
        vcmpltps %ymm1, %ymm2, %ymm3
        vcmpneq_oqpd %xmm1, %xmm2, %xmm3
        vcvtpd2psx (%rsp), %xmm1
        vcvtpd2psy (%rsp), %xmm1
        vcvttpd2dq %xmm2, %xmm1
        vcvttpd2dq %ymm2, %xmm1
      `),
    ).toEqual([
      "0: vcmpps $0x1,%ymm1,%ymm2,%ymm3",
      "5: vcmppd $0xc,%xmm1,%xmm2,%xmm3",
      "a: vcvtpd2ps (%rsp),%xmm1",
      "f: vcvtpd2psy (%rsp),%xmm1",
      "14: vcvttpd2dq %xmm2,%xmm1",
      "18: vcvttpd2dqy %ymm2,%xmm1",
    ]);
    expect(() => assemble("cmpge_oqps %xmm1, %xmm2")).toThrow("unknown instruction");
  });

  it("reads operands as they are usually written", () => {
    expect(
      listing(
        `
      SIZE = 4 * (1 << 3)
      mov %eax, %ebx
      add $SIZE, %rsp
      movb $'a', -1(%rbp)
      cmovz %ecx, %edx
      lock xaddl %eax, (%rsp)
      lock incl (%rsp)
      movzbl %ah, %eax
      movl 0x20000, %eax
    `,
      ),
    ).toEqual([
      "0: movl %eax,%ebx",
      "2: addq $0x20,%rsp",
      "9: movb $0x61,-0x1(%rbp)",
      "d: cmovel %ecx,%edx",
      "10: lock xaddl %eax,(%rsp)",
      "15: lock incl (%rsp)",
      "19: movzbl %ah,%eax",
      "20: movl 0x20000,%eax",
    ]);
  });

  it.each([
    ["bogus %eax", 'line 2: unknown instruction "bogus": bogus %eax'],
    ["ret", 'line 2: unknown instruction "ret": ret'],
    ["addl %eax", 'line 2: "addl" does not take these operands: addl %eax'],
    ["addl %rax,%ebx", 'line 2: "addl" does not take these operands: addl %rax,%ebx'],
    ["add $1,(%rsp)", 'line 2: "add" needs a suffix for the size: add $1,(%rsp)'],
    ["movb %ah,%r8b", "line 2: no encoding holds these operands: movb %ah,%r8b"],
    ["lock movl %eax,(%rsp)", "line 2: no encoding holds these operands: lock movl %eax,(%rsp)"],
    ["jmp nowhere", 'line 2: "nowhere" is not defined: jmp nowhere'],
    ["x: nop; x: nop", 'line 2: "x" is defined twice: x: nop; x: nop'],
    [".byte 256", "line 2: 256 does not fit into 1 bytes: .byte 256"],
    [".byte 1 +", "line 2: an expression ends too soon: .byte 1 +"],
    [".fourbyte 1", 'line 2: unknown directive ".fourbyte": .fourbyte 1'],
    ["movl (%r15,%rsp),%eax", "line 2: %rsp is no index: movl (%r15,%rsp),%eax"],
    [".bundle_lock", "line 2: no .bundle_unlock follows: .bundle_lock"],
    ["movl %zax,%eax", "line 2: unknown register %zax: movl %zax,%eax"],
    [".ascii hello", "line 2: hello is no text in quotes: .ascii hello"],
    ["loop .+300", "line 2: no encoding holds these operands: loop .+300"],
  ])("says of %s on which line it stands and what is wrong", (text, message) => {
    expect(() => assemble(`nop\n${text}\n`)).toThrow(
      expect.objectContaining({ name: "AssemblyError", message }),
    );
  });
});
