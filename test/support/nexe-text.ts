/** Lines that call the sandbox with arguments that are constants; the result is in rax. */
export function trapLines(name: string, ...args: readonly (number | string)[]): string {
  const number = `0x${Buffer.from(name, "latin1").reverse().toString("hex")}`;
  const words = args.map((value, index) => {
    return `movl $${value}, %eax\nmovq %rax, words+${16 + 8 * index}(%rip)`;
  });
  return `movq $${number}, words(%rip)\n${words.join("\n")}
    movl $words, %edi
    naclcall 0x10000`;
}

/** A program of these lines, of which `size` bytes from `out` on are written at the end. */
export function writingNexe(lines: string, size: number, more = ""): string {
  return `.text
    .globl _start
    .p2align 5
    _start: ${lines}
    finish: ${trapLines("Writ", 1, "out", size, 0)}
    ${trapLines("Exit", 0)}
    hlt
    ${more}
    .data
    .p2align 4
    words: .quad 0, 0, 0, 0, 0, 0
    out: .zero ${size}`;
}
