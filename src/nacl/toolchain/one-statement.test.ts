import { expect, test } from "vitest";
import { oneStatementALine } from "./one-statement.ts";

function lines(text: string): string[] {
  return oneStatementALine(text, "a.c").trimEnd().split("\n");
}

test.each([
  ["nop; nop ;nop", ["nop", "nop", "nop"]],
  ['.string "a;b#c/*d*/" # e', ['.string "a;b#c/*d*/"']],
  ["movb $';', %al; movb $'#', %bl # it's", ["movb $';', %al", "movb $'#', %bl"]],
  ["nop /* a\n b; c\n */ nop", ["nop", "nop"]],
  ["nop // a; b", ["nop"]],
  ["rep; nop\nlock; xaddl %eax, (%rdx)", ["rep nop", "lock xaddl %eax, (%rdx)"]],
  ["rep\nmovsb\nrep ret", ["rep movsb", "rep ret"]],
  ['# 7 "a.c" 1\n# a remark\n# 0 "" 2', ['# 7 "a.c" 1', '# 0 "" 2']],
])("%j", (text, wanted) => {
  expect(lines(text)).toEqual(wanted);
});

test("labels that are numbers have a name each, and are found by their direction", () => {
  expect(lines("1: jmp 1f\n1: jnz 1b; jmp 2f\n2: leal 1b(%rip), %eax; movl $2b, %ecx")).toEqual([
    ".Lnumbered.1.1: jmp .Lnumbered.1.2",
    ".Lnumbered.1.2: jnz .Lnumbered.1.2",
    "jmp .Lnumbered.2.1",
    ".Lnumbered.2.1: leal .Lnumbered.1.2(%rip), %eax",
    "movl $.Lnumbered.2.1, %ecx",
  ]);
});

test("numbers and names that only look like such labels stay", () => {
  const text = 'movl $0x1f, %eax\nmovl .L1b, %ecx\nmovl f$1b, %edx\nandl $0b1, %eax\n.string "1f"';
  expect(lines(text)).toEqual(text.split("\n"));
});
