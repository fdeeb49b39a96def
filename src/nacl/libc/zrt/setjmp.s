# setjmp and longjmp: what a function keeps is put away, rbx, rbp, r12, r13, r14, rsp and the place
# behind the call, 8 bytes each.
.text
.globl setjmp
.type setjmp, @function
setjmp:
  movq %rbx, (%edi)
  movq %rbp, 8(%edi)
  movq %r12, 16(%edi)
  movq %r13, 24(%edi)
  movq %r14, 32(%edi)
  leal 8(%rsp), %eax
  movl %eax, 40(%edi)
  movq (%rsp), %rax
  movl %eax, 48(%edi)
  xorl %eax, %eax
  ret
.globl longjmp
.type longjmp, @function
longjmp:
  movl %esi, %eax
  testl %eax, %eax
  jne .Lnonzero
  incl %eax
.Lnonzero:
  movq (%edi), %rbx
  movl 8(%edi), %ebp
  movq 16(%edi), %r12
  movq 24(%edi), %r13
  movq 32(%edi), %r14
  movl 48(%edi), %edx
  movl 40(%edi), %esp
  jmp *%rdx
