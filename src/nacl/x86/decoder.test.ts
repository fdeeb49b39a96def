import { describe, expect, it } from "vitest";
import {
  Decoder,
  decodeText,
  FACTS,
  FLOW,
  Instructions,
  MEMORY,
  NO_FORM,
  NO_REGISTER,
  PREFIX,
  printInstruction,
  RIP,
  STRING,
} from "./index.ts";

const out = new Instructions(1);

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.split(" "), (byte) => Number.parseInt(byte, 16));
}

/** The length and text of the first instruction; undefined where it is refused. */
function decoded(hex: string): string | undefined {
  const bytes = bytesOf(hex);
  const length = new Decoder(bytes).decode(0, bytes.length, out, 0);
  return length === 0 ? undefined : `${length} ${printInstruction(out, 0)}`;
}

describe("an instruction", () => {
  it.each([
    ["41 01 c3", "3 addl %eax,%r11d"],
    ["83 44 87 10 ff", "5 addl $-0x1,0x10(%rdi,%rax,4)"],
    ["43 83 44 87 10 ff", "6 addl $-0x1,0x10(%r15,%r8,4)"],
    ["48 8b 05 10 00 00 00", "7 movq 0x10(%rip),%rax"],
    ["8b 04 25 78 56 34 12", "7 movl 0x12345678,%eax"],
    ["8b 04 24", "3 movl (%rsp),%eax"],
    ["41 8b 45 00", "4 movl (%r13),%eax"],
    ["42 8b 04 25 00 00 00 00", "8 movl (,%r12,1),%eax"],
    ["48 b8 f0 de bc 9a 78 56 34 12", "10 movabsq $0x123456789abcdef0,%rax"],
    ["66 b8 34 12", "4 movw $0x1234,%ax"],
    ["88 e0", "2 movb %ah,%al"],
    ["40 88 e0", "3 movb %spl,%al"],
    ["0f be c3", "3 movsbl %bl,%eax"],
    ["48 63 c3", "3 movslq %ebx,%rax"],
    ["f0 48 0f c7 4d 00", "6 lock cmpxchg16b (%rbp)"],
    ["41 83 e3 e0", "4 andl $-0x20,%r11d"],
    ["41 ff e3", "3 jmp *%r11"],
    ["eb fe", "2 jmp 0x0"],
    ["f3 a4", "2 rep movsb"],
    ["f2 ae", "2 repnz scasb"],
    ["f2 0f 58 c1", "4 addsd %xmm1,%xmm0"],
    ["66 0f 71 d1 05", "5 psrlw $0x5,%xmm1"],
    ["0f 0f c1 9e", "4 pfadd %mm1,%mm0"],
    ["c5 f4 58 c2", "4 vaddps %ymm2,%ymm1,%ymm0"],
    ["c4 e3 71 4a c2 30", "6 vblendvps %xmm3,%xmm2,%xmm1,%xmm0"],
    ["d9 c9", "2 fxch %st(1)"],
    ["dc e1", "2 fsub %st,%st(1)"],
    ["90", "1 nop"],
    ["41 90", "2 xchgl %eax,%r8d"],
    ["f3 90", "2 pause"],
    ["66 66 66 2e 0f 1f 84 00 00 00 00 00", "12 nopw (%rax,%rax,1)"],
  ])("%s is %s", (hex, text) => {
    expect(decoded(hex)).toBe(text);
  });

  it.each([
    ["a return", "c3"],
    ["a system call", "0f 05"],
    ["an interrupt", "cd 80"],
    ["a jump through memory", "ff 20"],
    ["a segment prefix", "64 8b 04 24"],
    ["an address of 32 bits", "67 8b 04 24"],
    ["REX before another prefix", "48 f0 0f c7 4d 00"],
    ["two REX prefixes", "40 41 01 c3"],
    ["66 twice", "66 66 90"],
    ["66 before a byte operation", "66 00 c0"],
    ["66 with REX.W", "66 48 01 c3"],
    ["lock on a register", "f0 01 c3"],
    ["lock on a load", "f0 8b 04 24"],
    ["rep on a jump", "f3 e9 00 00 00 00"],
    ["repne on a store of strings", "f2 ab"],
    ["a nop of 66 with a displacement", "66 0f 1f 44 00 01"],
    ["seven times 66 before a nop", "66 66 66 66 66 66 66 2e 0f 1f 84 00 00 00 00 00"],
    ["VEX after a prefix", "66 c5 f4 58 c2"],
    ["a VEX operand that is not there", "c5 f0 28 c1"],
    ["a bit test by register", "0f a3 c8"],
    ["a move from an absolute address", "a1 00 00 00 00 00 00 00 00"],
  ])("%s is refused", (_what, hex) => {
    expect(decoded(hex)).toBeUndefined();
  });

  it("is refused as long as one byte of it lies behind the limit", () => {
    const whole = bytesOf("43 81 44 87 10 78 56 34 12");
    const decoder = new Decoder(whole);
    for (let limit = 0; limit < whole.length; limit++) {
      expect(decoder.decode(0, limit, out, 0)).toBe(0);
    }
    expect(decoder.decode(0, whole.length, out, 0)).toBe(whole.length);
  });
});

describe("the fields", () => {
  it("name the parts of a memory operand", () => {
    decoded("43 83 44 87 10 ff");
    expect([out.base[0], out.index[0], out.scale[0], out.disp[0]]).toEqual([15, 8, 2, 16]);
    expect([out.rm[0], out.imm[0], out.size[0]]).toEqual([NO_REGISTER, -1, 4]);
    expect(FACTS.memory[out.form[0] ?? 0]).toBe(MEMORY.dereferenced);
    decoded("8d 05 00 00 00 00");
    expect([out.base[0], FACTS.memory[out.form[0] ?? 0]]).toEqual([RIP, MEMORY.address]);
  });

  it("tell where a jump goes and what a string instruction reaches", () => {
    decoded("e8 fb ff ff ff");
    expect([FACTS.flow[out.form[0] ?? 0], out.imm[0]]).toEqual([FLOW.call, -5]);
    decoded("f3 a5");
    expect(FACTS.strings[out.form[0] ?? 0]).toBe(STRING.rsi | STRING.rdi);
    expect([FACTS.superOnly[out.form[0] ?? 0], out.prefixes[0]]).toEqual([1, PREFIX.rep]);
  });

  it("hold all 64 bits of an immediate", () => {
    decoded("48 b8 f0 de bc 9a 78 56 34 12");
    expect([out.imm[0], out.immHigh[0]]).toEqual([0x9abcdef0 | 0, 0x12345678]);
  });
});

describe("a text", () => {
  it("begins anew at each bundle, whatever stands before", () => {
    const text = new Uint8Array(96).fill(0x90);
    text.set(bytesOf("b8 00"), 30);
    text.set(bytesOf("c3"), 40);
    const found = decodeText(text);
    const unknown = Array.from({ length: found.count }, (_, at) => at).filter(
      (at) => found.form[at] === NO_FORM,
    );
    expect(unknown.map((at) => [found.offset[at], found.length[at]])).toEqual([
      [30, 2],
      [40, 24],
    ]);
    expect(found.count).toBe(30 + 1 + 8 + 1 + 32);
  });

  it("of any bytes is covered without a gap", () => {
    let state = 12345;
    const text = Uint8Array.from({ length: 1 << 17 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    });
    const found = decodeText(text);
    let at = 0;
    for (let slot = 0; slot < found.count; slot++) {
      if (found.offset[slot] !== at) break;
      const length = found.length[slot] ?? 0;
      if (length === 0 || (at % 32) + length > 32) break;
      at += length;
    }
    expect(at).toBe(text.length);
  });
});
