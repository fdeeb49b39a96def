# A mapper: sends each word of standard input, in small letters, to the reducer that its hash chooses.
# A Native Client program for ZeroVM, in AT&T syntax; examples/native-client says how to read it.
#
# Its reducers are the channels whose names begin with "/dev/out/". It finds them in the table that
# every program of this kind is given, as there are no folders without a library.

        .set    BLOCK, 65536            # bytes read at a time, and kept for each reducer
        .set    LONGEST, 255            # letters of a word; what follows them is left out
        .set    MOST, 16                # reducers
        .set    TOLD, 0xfefffffc        # where the address of what the program is told stands
        .set    CHANNEL, 48             # bytes of a channel in the table
        .set    SEED, 0x811c9dc5        # of the hash FNV-1a
        .set    PRIME, 0x01000193

        .text
        .globl  _start
        .p2align 5
_start:
        movl    $TOLD, %eax
        naclindex %rax movl (%r15,%rax), %eax
        naclindex %rax movl 12(%r15,%rax), %ebx         # channels
        naclindex %rax movl 16(%r15,%rax), %esi         # the first of them
        xorl    %edi, %edi                              # number of this one
        xorl    %r12d, %r12d                            # reducers so far
find:
        naclindex %rsi movl 44(%r15,%rsi), %eax         # its name
        naclindex %rax movq (%r15,%rax), %rcx
        cmpq    folder(%rip), %rcx
        jne     next
        naclindex %rax cmpb $47, 8(%r15,%rax)
        jne     next
        movl    %r12d, %eax
        naclindex %rax movl %edi, outputs(%r15,%rax,4)
        addl    $1, %r12d
        cmpl    $MOST, %r12d
        je      found
next:
        addl    $CHANNEL, %esi
        addl    $1, %edi
        cmpl    %ebx, %edi
        jne     find
found:
        testl   %r12d, %r12d
        je      fail
        movl    %r12d, reducers(%rip)
        xorl    %r12d, %r12d                            # letters of this word
        movl    $SEED, %r13d                            # its hash

read:
        movl    $input, %edi
        naclcall 0x10000                                # eax = bytes read, 0 at the end
        testl   %eax, %eax
        jl      fail
        je      end
        movl    $buffer, %ebx
        leal    (%rbx,%rax), %r14d
letter:
        naclindex %rbx movzbl (%r15,%rbx), %ecx
        orl     $0x20, %ecx                             # a small letter, if it is one
        leal    -97(%rcx), %eax
        cmpl    $26, %eax
        jae     between
        cmpl    $LONGEST, %r12d
        jae     advance
        naclindex %r12 movb %cl, word(%r15,%r12)
        addl    $1, %r12d
        xorl    %ecx, %r13d
        imull   $PRIME, %r13d, %r13d
        jmp     advance
between:
        naclcall send
advance:
        addl    $1, %ebx
        cmpl    %r14d, %ebx
        jne     letter
        jmp     read

end:
        naclcall send
        xorl    %ebx, %ebx
last:
        movl    %ebx, reducer(%rip)
        naclcall flush
        addl    $1, %ebx
        cmpl    reducers(%rip), %ebx
        jne     last
        movl    $done, %edi
        naclcall 0x10000
fail:
        movl    $failed, %edi
        naclcall 0x10000
        hlt

# Puts the word, if there is one, behind the others of its reducer.
        .p2align 5
send:
        testl   %r12d, %r12d
        je      sent
        movl    %r13d, %eax
        xorl    %edx, %edx
        divl    reducers(%rip)
        movl    %edx, reducer(%rip)
        naclindex %rdx movl used(%r15,%rdx,4), %eax
        addl    $LONGEST + 1, %eax
        cmpl    $BLOCK, %eax
        jb      fits
        naclcall flush
fits:
        movl    reducer(%rip), %edx
        naclindex %rdx movl used(%r15,%rdx,4), %esi
        leal    1(%rsi,%r12), %eax
        naclindex %rdx movl %eax, used(%r15,%rdx,4)
        shll    $16, %edx
        leal    kept(%rdx,%rsi), %esi                   # where it goes
        xorl    %ecx, %ecx
copy:
        naclindex %rcx movzbl word(%r15,%rcx), %eax
        naclindex %rsi movb %al, (%r15,%rsi)
        addl    $1, %esi
        addl    $1, %ecx
        cmpl    %r12d, %ecx
        jne     copy
        naclindex %rsi movb $10, (%r15,%rsi)
        xorl    %r12d, %r12d
        movl    $SEED, %r13d
sent:
        naclret

# Writes what is kept for the reducer to its connection.
        .p2align 5
flush:
        movl    reducer(%rip), %edx
        naclindex %rdx movl used(%r15,%rdx,4), %eax
        testl   %eax, %eax
        je      flushed
        movq    %rax, output + 32(%rip)
        naclindex %rdx movl outputs(%r15,%rdx,4), %eax
        movq    %rax, output + 16(%rip)
        xorl    %eax, %eax
        naclindex %rdx movl %eax, used(%r15,%rdx,4)
        shll    $16, %edx
        addl    $kept, %edx
        movq    %rdx, output + 24(%rip)
        movl    $output, %edi
        naclcall 0x10000
flushed:
        naclret

# The calls: function number in ASCII, a word without meaning, arguments.
        .data
        .p2align 4
input:  .quad   0x64616552, 0, 0, buffer, BLOCK, 0      # Read: channel 0
output: .quad   0x74697257, 0, 0, 0, 0, 0               # Writ
done:   .quad   0x74697845, 0, 0                        # Exit: code 0
failed: .quad   0x74697845, 0, 1                        # Exit: code 1
folder: .ascii  "/dev/out"
reducers: .zero 4
reducer: .zero  4
        .bss
        .p2align 4
outputs: .zero  64
used:   .zero   64
word:   .zero   256
buffer: .zero   BLOCK
kept:   .zero   1048576
