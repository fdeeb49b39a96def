/**
 * Options that make gcc write code with pointers of 32 bits that leaves alone the registers which
 * the sandbox needs: r15 (its base), r11 (addresses on their way) and rbp, which must stay inside.
 * String instructions and `bt` with a register are avoided: the first are slow, the second refused,
 * and only code that is to be small still has it. A `long double` has 64 bits, as in the original:
 * x87 is for nothing else.
 */
export const GCC_OPTIONS: readonly string[] = [
  "-mx32",
  "-maddress-mode=short",
  "-S",
  "-ffixed-r15",
  "-ffixed-r11",
  "-ffixed-rbp",
  "-fomit-frame-pointer",
  "-fno-pic",
  "-fno-pie",
  "-mno-red-zone",
  "-mlong-double-64",
  "-fcf-protection=none",
  "-fno-stack-protector",
  "-fno-asynchronous-unwind-tables",
  "-mstringop-strategy=libcall",
  "-mtune-ctrl=^use_bt",
];

/**
 * Further options where there is a C library: gcc may take its functions for what they are, and
 * must not take the system of the host, or its library's, for that of the program.
 */
export const HOSTED_OPTIONS: readonly string[] = [
  "-nostdinc",
  "-U_FORTIFY_SOURCE",
  ...["__linux__", "__linux", "linux", "__gnu_linux__", "__unix__", "__unix", "unix"].map(
    (name) => `-U${name}`,
  ),
];

/**
 * Further options for a program without a C library, which has the headers of gcc alone: two of
 * them would include others.
 */
export const BARE_OPTIONS: readonly string[] = [
  ...HOSTED_OPTIONS,
  "-ffreestanding",
  "-D_LIBC_LIMITS_H_",
  "-D_MM_MALLOC_H_INCLUDED",
];

/** Further options for programs: there is no code on the stack, by which nested functions work. */
export const PROGRAM_OPTIONS: readonly string[] = ["-Werror=trampolines"];

/** Further options for libraries: a loop that copies must not become a call of itself. */
export const LIBRARY_OPTIONS: readonly string[] = [
  "-O2",
  "-fno-builtin",
  "-fno-tree-loop-distribute-patterns",
];
