# Counts the lines of standard input: a Native Client program for ZeroVM, in AT&T syntax.
#
# Every address is r15 and a register of 32 bits: `naclindex` writes the pair of instructions that the
# sandbox's rules ask for, `naclcall` and `naclret` are calls and returns by those rules.

        .set    BLOCK, 65536

        .text
        .globl  _start
        .p2align 5
_start:
        xorl    %ebx, %ebx              # lines so far
read:
        movl    $input, %edi
        naclcall 0x10000                # eax = bytes read, 0 at the end
        testl   %eax, %eax
        jle     print
        movl    %eax, %ecx
        movl    $buffer, %edx
scan:
        xorl    %eax, %eax
        naclindex %rdx cmpb $10, (%r15,%rdx)
        sete    %al
        addl    %eax, %ebx
        addl    $1, %edx
        subl    $1, %ecx
        jne     scan
        jmp     read

# Writes the number in ebx and a newline, from the last digit to the first.
print:
        movl    %ebx, %eax
        movl    $digits_end, %esi
        movl    $10, %ecx
digit:
        xorl    %edx, %edx
        divl    %ecx
        addl    $48, %edx
        subl    $1, %esi
        naclindex %rsi movb %dl, (%r15,%rsi)
        testl   %eax, %eax
        jne     digit
        movl    $digits_end + 1, %edx
        subl    %esi, %edx
        movl    %esi, %esi
        movq    %rsi, output + 24(%rip)
        movl    %edx, %edx
        movq    %rdx, output + 32(%rip)
        movl    $output, %edi
        naclcall 0x10000
        movl    $done, %edi
        naclcall 0x10000
        hlt

# The calls: function number in ASCII, a word without meaning, arguments.
        .data
        .p2align 4
input:  .quad   0x64616552, 0, 0, buffer, BLOCK, 0      # Read: channel 0
output: .quad   0x74697257, 0, 1, 0, 0, 0               # Writ: channel 1
done:   .quad   0x74697845, 0, 0                        # Exit: code 0
        .zero   16
digits_end:
        .ascii  "\n"
        .bss
buffer: .zero   BLOCK
