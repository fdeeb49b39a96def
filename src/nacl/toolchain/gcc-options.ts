/**
 * Options that make gcc write code with pointers of 32 bits that leaves alone the registers which
 * the sandbox needs: r15 (its base), r11 (addresses on their way) and rbp, which must stay inside.
 * String instructions and `bt` with a register are avoided: the first are slow, the second refused,
 * and only code that is to be small still has it.
 */
export const GCC_OPTIONS: readonly string[] = [
  "-mx32",
  "-maddress-mode=short",
  "-S",
  "-ffreestanding",
  "-ffixed-r15",
  "-ffixed-r11",
  "-ffixed-rbp",
  "-fomit-frame-pointer",
  "-fno-pic",
  "-fno-pie",
  "-mno-red-zone",
  "-fcf-protection=none",
  "-fno-stack-protector",
  "-fno-asynchronous-unwind-tables",
  "-mstringop-strategy=libcall",
  "-mtune-ctrl=^use_bt",
];

/** Further options for the runtime: a loop that copies must not become a call of itself. */
export const RUNTIME_OPTIONS: readonly string[] = ["-O2", "-fno-tree-loop-distribute-patterns"];
