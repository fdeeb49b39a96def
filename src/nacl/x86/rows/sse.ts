import { hex } from "./conditions.ts";

/** Arithmetic that exists for all lanes and for one, of singles and of doubles. */
const ARITHMETIC: readonly (readonly [opcode: number, name: string])[] = [
  [0x58, "add"],
  [0x59, "mul"],
  [0x5c, "sub"],
  [0x5d, "min"],
  [0x5e, "div"],
  [0x5f, "max"],
];

function arithmeticRows([opcode, name]: readonly [number, string]): string {
  return `
${name}ps | 0f ${hex(opcode)} /r | +Vo Wo | v3y
${name}pd | 66 0f ${hex(opcode)} /r | +Vo Wo | v3y
${name}ss | f3 0f ${hex(opcode)} /r | +Vd Wd | v3
${name}sd | f2 0f ${hex(opcode)} /r | +Vq Wq | v3`;
}

/** Operations on all bits and shuffles: the same for singles and doubles. */
const PAIRED: readonly (readonly [opcode: number, name: string])[] = [
  [0x14, "unpcklp"],
  [0x15, "unpckhp"],
  [0x54, "andp"],
  [0x55, "andnp"],
  [0x56, "orp"],
  [0x57, "xorp"],
];

function pairedRows([opcode, name]: readonly [number, string]): string {
  return `
${name}s | 0f ${hex(opcode)} /r | +Vo Wo | v3y
${name}d | 66 0f ${hex(opcode)} /r | +Vo Wo | v3y`;
}

const SSE = `
movups | 0f 10 /r | =Vo Wo | v2y
movups | 0f 11 /r | =Wo Vo | v2y
movss | f3 0f 10 /r:m | =Vo Md | v2
movss | f3 0f 11 /r:m | =Md Vd | v2
movss | f3 0f 10 /r:r | +Vd Wd | v3w
movss | f3 0f 11 /r:r | +Wd Vd | v3w
movhlps | 0f 12 /r:r | +Vq Wo | v3
movlps | 0f 12 /r:m | +Vq Mq | v3
movlps | 0f 13 /r:m | =Mq Vq | v2
movlhps | 0f 16 /r:r | +Vo Wq | v3
movhps | 0f 16 /r:m | +Vo Mq | v3
movhps | 0f 17 /r:m | =Mq Vo | v2 any-vvvv
movaps | 0f 28 /r | =Vo Wo | v2y
movaps | 0f 29 /r | =Wo Vo | v2y
cvtpi2ps | 0f 2a /r | +Vq Qq |
cvtsi2ssl,cvtsi2ssl,cvtsi2ssq | f3 0f 2a /r | +Vd Ey | v3
movntps | 0f 2b /r:m | =Mo Vo | nt v2y
cvttps2pi | 0f 2c /r | =Pq Wq |
cvttss2si* | f3 0f 2c /r | =Gy Wd | v2
cvtps2pi | 0f 2d /r | =Pq Wq |
cvtss2si* | f3 0f 2d /r | =Gy Wd | v2
ucomiss | 0f 2e /r | Vd Wd | w.CPAZSO v2 any-vvvv
comiss | 0f 2f /r | Vd Wd | w.CPAZSO v2 any-vvvv
movmskps | 0f 50 /r:r | =Gd Wo | v2y
sqrtps | 0f 51 /r | =Vo Wo | v2y any-vvvv
sqrtss | f3 0f 51 /r | =Vd Wd | v3
rsqrtps | 0f 52 /r | =Vo Wo | v2y
rsqrtss | f3 0f 52 /r | =Vd Wd | v3
rcpps | 0f 53 /r | =Vo Wo | v2y
rcpss | f3 0f 53 /r | =Vd Wd | v3
ldmxcsr | 0f ae /2:m | Md | v2
stmxcsr | 0f ae /3:m | =Md | v2
cmpps | 0f c2 /r | +Vo Wo Ib | v3y
cmpss | f3 0f c2 /r | +Vd Wd Ib | v3
shufps | 0f c6 /r | +Vo Wo Ib | v3y
`;

const SSE2 = `
movupd | 66 0f 10 /r | =Vo Wo | v2y
movupd | 66 0f 11 /r | =Wo Vo | v2y
movsd | f2 0f 10 /r:m | =Vo Mq | v2
movsd | f2 0f 11 /r:m | =Mq Vq | v2
movsd | f2 0f 10 /r:r | +Vq Wq | v3w
movsd | f2 0f 11 /r:r | +Wq Vq | v3w
movlpd | 66 0f 12 /r:m | +Vq Mq | v3
movlpd | 66 0f 13 /r:m | =Mq Vq | v2
movhpd | 66 0f 16 /r:m | +Vo Mq | v3
movhpd | 66 0f 17 /r:m | =Mq Vo | v2 any-vvvv
movapd | 66 0f 28 /r | =Vo Wo | v2y
movapd | 66 0f 29 /r | =Wo Vo | v2y
cvtpi2pd | 66 0f 2a /r | =Vo Qq |
cvtsi2sdl,cvtsi2sdl,cvtsi2sdq | f2 0f 2a /r | +Vq Ey | v3
movntpd | 66 0f 2b /r:m | =Mo Vo | nt v2y
cvttpd2pi | 66 0f 2c /r | =Pq Wo |
cvttsd2si* | f2 0f 2c /r | =Gy Wq | v2
cvtpd2pi | 66 0f 2d /r | =Pq Wo |
cvtsd2si* | f2 0f 2d /r | =Gy Wq | v2
ucomisd | 66 0f 2e /r | Vq Wq | w.CPAZSO v2 any-vvvv
comisd | 66 0f 2f /r | Vq Wq | w.CPAZSO v2 any-vvvv
movmskpd | 66 0f 50 /r:r | =Gd Wo | v2y
sqrtpd | 66 0f 51 /r | =Vo Wo | v2y any-vvvv
sqrtsd | f2 0f 51 /r | =Vq Wq | v3
cvtps2pd | 0f 5a /r | =Vo Wq | v2
cvtpd2ps | 66 0f 5a /r | =Vo Wo | v2
cvtss2sd | f3 0f 5a /r | +Vq Wd | v3
cvtsd2ss | f2 0f 5a /r | +Vd Wq | v3
cvtdq2ps | 0f 5b /r | =Vo Wo | v2y
cvtps2dq | 66 0f 5b /r | =Vo Wo | v2y
cvttps2dq | f3 0f 5b /r | =Vo Wo | v2y
punpcklqdq | 66 0f 6c /r | +Vo Wo | v3y
punpckhqdq | 66 0f 6d /r | +Vo Wo | v3y
movd,movd,movq | 66 0f 6e /r | =Vo Ey | v2
movdqa | 66 0f 6f /r | =Vo Wo | v2y
movdqu | f3 0f 6f /r | =Vo Wo | v2y
pshufd | 66 0f 70 /r | =Vo Wo Ib | v2y
pshufhw | f3 0f 70 /r | =Vo Wo Ib | v2y
pshuflw | f2 0f 70 /r | =Vo Wo Ib | v2y
psrldq | 66 0f 73 /3:r | +Wo Ib | vh
pslldq | 66 0f 73 /7:r | +Wo Ib | vh
movd,movd,movq | 66 0f 7e /r | =Ey Vq | zx v2
movq | f3 0f 7e /r | =Vo Wq | v2
movdqa | 66 0f 7f /r | =Wo Vo | v2y
movdqu | f3 0f 7f /r | =Wo Vo | v2y
cmppd | 66 0f c2 /r | +Vo Wo Ib | v3y
cmpsd | f2 0f c2 /r | +Vq Wq Ib |
pinsrw | 66 0f c4 /r | +Vo Ed:2 Ib | v3
pextrw | 66 0f c5 /r:r | =Gd Wo Ib | v2
shufpd | 66 0f c6 /r | +Vo Wo Ib | v3y
movq | 66 0f d6 /r | =Wq Vq | v2
movq2dq | f3 0f d6 /r:r | =Vo Qq |
movdq2q | f2 0f d6 /r:r | =Pq Wq |
pmovmskb | 66 0f d7 /r:r | =Gd Wo | v2y
cvttpd2dq | 66 0f e6 /r | =Vo Wo | v2
cvtdq2pd | f3 0f e6 /r | =Vo Wq | v2
cvtpd2dq | f2 0f e6 /r | =Vo Wo | v2
movntdq | 66 0f e7 /r:m | =Mo Vo | nt v2y
maskmovdqu | 66 0f f7 /r:r | Vo Wo ~=Yo | super v2
`;

/** Floats and integers in the 128-bit registers, with the VEX forms that follow from them. */
export const SSE_ROWS = [
  ...ARITHMETIC.map(arithmeticRows),
  ...PAIRED.map(pairedRows),
  SSE,
  SSE2,
].join("");
