import { CONDITIONS, hex } from "./conditions.ts";

/** The eight operations that share one pattern of encodings, in the order of their numbers. */
const ARITHMETIC = ["add", "or", "adc", "sbb", "and", "sub", "xor", "cmp"];

function arithmeticRows(name: string, number: number): string {
  const compare = name === "cmp";
  const carried = name === "adc" || name === "sbb";
  const logical = name === "or" || name === "and" || name === "xor";
  const role = compare ? "" : "+";
  const flags = carried ? "f.adc" : logical ? "f.logic" : "f.add";
  const lock = compare ? "" : " lock";
  const extends_ = compare || carried ? "" : " zx";
  const at = (step: number) => hex(number * 8 + step);
  return `
${name}* | ${at(0)} /r | ${role}Eb Gb | ${flags}${lock}
${name}* | ${at(1)} /r | ${role}Ev Gv | ${flags}${lock}${extends_}
${name}* | ${at(2)} /r | ${role}Gb Eb | ${flags}
${name}* | ${at(3)} /r | ${role}Gv Ev | ${flags}${extends_}
${name}* | ${at(4)} | ${role}Ab Ib | ${flags}
${name}* | ${at(5)} | ${role}Av Iz | ${flags}${extends_}
${name}* | 80 /${number} | ${role}Eb Ib | ${flags}${lock}
${name}* | 83 /${number} | ${role}Ev Is | ${flags}${lock}${extends_}
${name}* | 81 /${number} | ${role}Ev Iz | ${flags}${lock}${extends_}`;
}

/**
 * Rotates and shifts by the number of their modrm.reg; /6 is a second shl that is refused. With
 * the count 1 the overflow flag has a meaning, with the count 0 no flag is changed.
 */
const SHIFTS: readonly (readonly [number: number, name: string, flags: string])[] = [
  [0, "rol", "f.rotate"],
  [1, "ror", "f.rotate"],
  [2, "rcl", "f.carry"],
  [3, "rcr", "f.carry"],
  [4, "shl", "f.shift"],
  [5, "shr", "f.shift"],
  [7, "sar", "f.shift"],
];

function shiftRows([number, name, flags]: readonly [number, string, string]): string {
  return `
${name}* | d0 /${number} | +Eb 1b | ${flags}.one
${name}* | d1 /${number} | +Ev 1b | ${flags}.one
${name}* | c0 /${number} | +Eb Ib | ${flags} k.*
${name}* | c1 /${number} | +Ev Ib | ${flags} k.*
${name}* | d2 /${number} | +Eb Cb | ${flags} k.*
${name}* | d3 /${number} | +Ev Cb | ${flags} k.*`;
}

function conditionRows([name, flags]: readonly [string, string], code: number): string {
  return `
cmov${name}* | 0f ${hex(0x40 + code)} /r | +Gv Ev | r.${flags}
set${name} | 0f ${hex(0x90 + code)} /r | =Eb | r.${flags}`;
}

const ONES = `
push* | 50+r | Zs |
pop* | 58+r | =Zs |
movsl* | 63 /r | =Gv Ed | zx
push* | 6a | Is | size.8
push* | 68 | Iz | size.s
imul* | 6b /r | =Gv Ev Is | f.mul zx
imul* | 69 /r | =Gv Ev Iz | f.mul zx
test* | 84 /r | Eb Gb | f.logic
test* | 85 /r | Ev Gv | f.logic
test* | a8 | Ab Ib | f.logic
test* | a9 | Av Iz | f.logic
test* | f6 /0 | Eb Ib | f.logic
test* | f7 /0 | Ev Iz | f.logic
xchg* | 86 /r | +Eb +Gb | lock
xchg* | 87 /r | +Ev +Gv | lock zx
xchg* | 90+r | +Zv +Av | zx
nop | 90 | | norex
pause | f3 90 | | norex
mov* | 88 /r | =Eb Gb |
mov* | 89 /r | =Ev Gv | zx
mov* | 8a /r | =Gb Eb |
mov* | 8b /r | =Gv Ev | zx
mov* | c6 /0 | =Eb Ib |
mov* | c7 /0 | =Ev Iz | zx
mov* | b0+r | =Zb Ib |
movw,movl,movabsq | b8+r | =Zv Iv | zx
lea* | 8d /r:m | =Gv Mn | noderef zx
pop* | 8f /0 | =Es |
cbtw,cwtl,cltq | 98 | ~+Av |
cwtd,cltd,cqto | 99 | ~Av ~=Dv |
sahf | 9e | | w.CPAZS nacl
lahf | 9f | | r.CPAZS nacl
cmc | f5 | | r.C w.C
clc | f8 | | w.C
stc | f9 | | w.C
cld | fc | | w.D
std | fd | | w.D
not* | f6 /2 | +Eb | lock
not* | f7 /2 | +Ev | lock zx
neg* | f6 /3 | +Eb | f.add lock
neg* | f7 /3 | +Ev | f.add lock zx
mul* | f6 /4 | Eb ~=Aw | f.mul
mul* | f7 /4 | Ev ~+Av ~=Dv | f.mul
imul* | f6 /5 | Eb ~=Aw | f.mul
imul* | f7 /5 | Ev ~+Av ~=Dv | f.mul
div* | f6 /6 | Eb ~+Aw | f.div
div* | f7 /6 | Ev ~+Av ~+Dv | f.div
idiv* | f6 /7 | Eb ~+Aw | f.div
idiv* | f7 /7 | Ev ~+Av ~+Dv | f.div
inc* | fe /0 | +Eb | f.inc lock
dec* | fe /1 | +Eb | f.inc lock
inc* | ff /0 | +Ev | f.inc lock zx
dec* | ff /1 | +Ev | f.inc lock zx
push* | ff /6 | Es |
`;

const TWOS = `
nop* | 0f 1f /0 | Ey | noderef
nopw | 66 0f 1f /0:m | Mw | noderef fixed-nop
shld* | 0f a4 /r | +Ev Gv Ib | f.shift k.*
shld* | 0f a5 /r | +Ev Gv Cb | f.shift k.*
shrd* | 0f ac /r | +Ev Gv Ib | f.shift k.*
shrd* | 0f ad /r | +Ev Gv Cb | f.shift k.*
imul* | 0f af /r | +Gv Ev | f.mul zx
cmpxchg* | 0f b0 /r | +Eb Gb ~+Ab | f.add lock guard-reg
cmpxchg* | 0f b1 /r | +Ev Gv ~+Av | f.add lock guard-reg
movzb* | 0f b6 /r | =Gv Eb | zx
movzw* | 0f b7 /r | =Gv Ew | zx
movsb* | 0f be /r | =Gv Eb | zx
movsw* | 0f bf /r | =Gv Ew | zx
bt* | 0f ba /4 | Ev Ib | f.bit
bts* | 0f ba /5 | +Ev Ib | f.bit lock
btr* | 0f ba /6 | +Ev Ib | f.bit lock
btc* | 0f ba /7 | +Ev Ib | f.bit lock
bsf* | 0f bc /r | +Gv Ev | f.scan
bsr* | 0f bd /r | +Gv Ev | f.scan
popcnt* | f3 0f b8 /r | =Gy Ey | w.CPAZSO
tzcnt* | f3 0f bc /r | =Gy Ey | f.count
lzcnt* | f3 0f bd /r | =Gy Ey | f.count
xadd* | 0f c0 /r | +Eb +Gb | f.add lock
xadd* | 0f c1 /r | +Ev +Gv | f.add lock zx
movnti* | 0f c3 /r:m | =My Gy | nt
-,cmpxchg8b,cmpxchg16b | 0f c7 /1:m | +My ~+Ay ~+Dy ~By ~Cy | w.Z lock double
bswap* | 0f c8+r | +Zy |
movbe* | 0f38 f0 /r:m | =Gv Mv |
movbe* | 0f38 f1 /r:m | =Mv Gv |
crc32b | f2 0f38 f0 /r | +Gy Eb |
-,crc32l,crc32q | f2 0f38 f1 /r | +Gy Ey |
crc32w | 66+f2 0f38 f1 /r | +Gd Ew | nacl no-w
`;

/** Integer instructions on registers and memory. */
export const INTEGER_ROWS = [
  ...ARITHMETIC.map(arithmeticRows),
  ...SHIFTS.map(shiftRows),
  ...CONDITIONS.map(conditionRows),
  ONES,
  TWOS,
].join("");
