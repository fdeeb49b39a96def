# Where a program starts, and the call into the page of trampolines.
.text
.globl _start
.type _start, @function
_start:
  subl $8, %esp
  call __zvm_start
  hlt
.globl __zvm_trap
.type __zvm_trap, @function
__zvm_trap:
  subl $8, %esp
  call 0x10000
  addl $8, %esp
  ret
