/*
 * What some builds of clang's library for WebAssembly want of a C library: they were compiled with
 * guards on their stack, for which wasi-libc has nothing. Where it has, its own are taken.
 */
#include <stdint.h>

__attribute__((weak)) uintptr_t __stack_chk_guard = 0x0d0aff00;

__attribute__((weak, noreturn)) void __stack_chk_fail(void) { __builtin_trap(); }
