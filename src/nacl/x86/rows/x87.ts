import { hex } from "./conditions.ts";

/** Operations of D8 and its neighbours by modrm.reg; compares write no register. */
const BINARY = ["fadd", "fmul", "fcom", "fcomp", "fsub", "fsubr", "fdiv", "fdivr"];

/**
 * The AT&T names of the forms of DC and DE that write ST(i) swap subtraction and division with
 * their reverse: `fsub %st,%st(1)` leaves ST(0) - ST(1) in ST(1).
 */
function binaryRows(name: string, number: number): string {
  const compare = name.startsWith("fcom");
  const role = compare ? "" : "+";
  const memory = `
${name}s | d8 /${number}:m | ~${role}Sn Md |
${name}l | dc /${number}:m | ~${role}Sn Mq |
${name.replace("f", "fi")}s | de /${number}:m | ~${role}Sn Mw |
${name.replace("f", "fi")}l | da /${number}:m | ~${role}Sn Md |`;
  const first = `
${name} | d8 /${number}:r | ${compare ? "~Sn Tn" : "+Sn Tn"} |`;
  if (compare) return memory + first;
  return `${memory}${first}
${name} | dc /${number}:r | +Tn Sn |
${name}p | de /${number}:r | +Tn Sn |`;
}

const MOVES: readonly (readonly [code: number, name: string, flags: string])[] = [
  [0xda, "fcmovb", "C"],
  [0xda, "fcmove", "Z"],
  [0xda, "fcmovbe", "CZ"],
  [0xda, "fcmovu", "P"],
  [0xdb, "fcmovnb", "C"],
  [0xdb, "fcmovne", "Z"],
  [0xdb, "fcmovnbe", "CZ"],
  [0xdb, "fcmovnu", "P"],
];

function moveRow([code, name, flags]: readonly [number, string, string], at: number): string {
  return `
${name} | ${hex(code)} /${at % 4}:r | +Sn Tn | r.${flags}`;
}

/** Operations of D9 that work on the top of the stack, by their second byte. */
const TOP: readonly (readonly [second: number, name: string])[] = [
  [0xd0, "fnop"],
  [0xe0, "fchs"],
  [0xe1, "fabs"],
  [0xe4, "ftst"],
  [0xe5, "fxam"],
  [0xe8, "fld1"],
  [0xe9, "fldl2t"],
  [0xea, "fldl2e"],
  [0xeb, "fldpi"],
  [0xec, "fldlg2"],
  [0xed, "fldln2"],
  [0xee, "fldz"],
  [0xf0, "f2xm1"],
  [0xf1, "fyl2x"],
  [0xf2, "fptan"],
  [0xf3, "fpatan"],
  [0xf4, "fxtract"],
  [0xf5, "fprem1"],
  [0xf6, "fdecstp"],
  [0xf7, "fincstp"],
  [0xf8, "fprem"],
  [0xf9, "fyl2xp1"],
  [0xfa, "fsqrt"],
  [0xfb, "fsincos"],
  [0xfc, "frndint"],
  [0xfd, "fscale"],
  [0xfe, "fsin"],
  [0xff, "fcos"],
];

const OTHERS = `
fwait | 9b | |
flds | d9 /0:m | Md |
fsts | d9 /2:m | =Md |
fstps | d9 /3:m | =Md |
fldenv | d9 /4:m | Me |
fldcw | d9 /5:m | Mw |
fnstenv | d9 /6:m | =Me |
fnstcw | d9 /7:m | =Mw |
fld | d9 /0:r | Tn |
fxch | d9 /1:r | +Tn |
fildl | db /0:m | Md |
fisttpl | db /1:m | =Md |
fistl | db /2:m | =Md |
fistpl | db /3:m | =Md |
fldt | db /5:m | Mt |
fstpt | db /7:m | =Mt |
fnclex | db /e2 | |
fninit | db /e3 | |
fucomi | db /5:r | Sn Tn | w.CPAZSO
fcomi | db /6:r | Sn Tn | w.CPAZSO
fucompp | da /e9 | |
fldl | dd /0:m | Mq |
fisttpll | dd /1:m | =Mq |
fstl | dd /2:m | =Mq |
fstpl | dd /3:m | =Mq |
frstor | dd /4:m | Mf |
fnsave | dd /6:m | =Mf |
fnstsw | dd /7:m | =Mw |
ffree | dd /0:r | Tn |
fst | dd /2:r | =Tn |
fstp | dd /3:r | =Tn |
fucom | dd /4:r | Tn |
fucomp | dd /5:r | Tn |
fcompp | de /d9 | |
filds | df /0:m | Mw |
fisttps | df /1:m | =Mw |
fists | df /2:m | =Mw |
fistps | df /3:m | =Mw |
fbld | df /4:m | Mt |
fildll | df /5:m | Mq |
fbstp | df /6:m | =Mt |
fistpll | df /7:m | =Mq |
fnstsw | df /e0 | =Aw |
fucomip | df /5:r | Sn Tn | w.CPAZSO
fcomip | df /6:r | Sn Tn | w.CPAZSO
`;

/** The stack of eighty-bit floats. */
export const X87_ROWS = [
  ...BINARY.map(binaryRows),
  ...MOVES.map(moveRow),
  ...TOP.map(([second, name]) => `\n${name} | d9 /${hex(second)} | |`),
  OTHERS,
].join("");
