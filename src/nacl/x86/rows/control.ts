import { CONDITIONS, hex } from "./conditions.ts";

function jumpRows([name, flags]: readonly [string, string], code: number): string {
  return `
j${name} | ${hex(0x70 + code)} | Jb | r.${flags} jcc hint
j${name} | 0f ${hex(0x80 + code)} | Jz | r.${flags} jcc hint`;
}

const OTHERS = `
loopne | e0 | Jb ~+Cq | r.Z jcc
loope | e1 | Jb ~+Cq | r.Z jcc
loop | e2 | Jb ~+Cq | jcc
jrcxz | e3 | Jb ~Cq | jcc hint
jmp | eb | Jb | jmp
jmp | e9 | Jz | jmp
call | e8 | Jz | call
call | ff /2:r | Eq | icall super
jmp | ff /4:r | Eq | ijmp super
hlt | f4 | | halt
ud2 | 0f 0b | | halt norex
`;

/** Jumps, calls and ends. */
export const CONTROL_ROWS = CONDITIONS.map(jumpRows).join("") + OTHERS;

/** String instructions: all of them only as the end of a superinstruction. */
export const STRING_ROWS = `
movsb | a4 | ~=Yb ~Xb ~+Cq | rep f.string super
movsw,movsl,movsq | a5 | ~=Yv ~Xv ~+Cq | rep f.string super
cmpsb | a6 | ~Xb ~Yb ~+Cq | repcc f.string w.CPAZSO k.* super
cmpsw,cmpsl,cmpsq | a7 | ~Xv ~Yv ~+Cq | repcc f.string w.CPAZSO k.* super
stosb | aa | ~=Yb ~Ab ~+Cq | rep f.string super
stosw,stosl,stosq | ab | ~=Yv ~Av ~+Cq | rep f.string super
lodsb | ac | ~=Ab ~Xb ~+Cq | rep f.string super
lodsw,lodsl,lodsq | ad | ~=Av ~Xv ~+Cq | rep f.string super
scasb | ae | ~Ab ~Yb ~+Cq | repcc f.string w.CPAZSO k.* super
scasw,scasl,scasq | af | ~Av ~Yv ~+Cq | repcc f.string w.CPAZSO k.* super
`;

/** Instructions that ask the processor or order its memory accesses. */
export const SYSTEM_ROWS = `
cpuid | 0f a2 | ~+Ad ~=Bd ~+Cd ~=Dd |
rdtsc | 0f 31 | ~=Ad ~=Dd | nacl
lfence | 0f ae /e8 | |
mfence | 0f ae /f0 | |
sfence | 0f ae /f8 | |
clflush | 0f ae /7:m | Mn | zerovm
prefetchnta | 0f 18 /0:m | Mn | noderef nt
prefetcht0 | 0f 18 /1:m | Mn | noderef
prefetcht1 | 0f 18 /2:m | Mn | noderef
prefetcht2 | 0f 18 /3:m | Mn | noderef
prefetch | 0f 0d /0:m | Mn | noderef
prefetchw | 0f 0d /1:m | Mn | noderef
prefetchw | 0f 0d /3:m | Mn | noderef
`;
