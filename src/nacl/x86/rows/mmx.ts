/** Integer operations that MMX and SSE2 share: opcode, name, bytes that MMX reads of memory. */
const SHARED = `
60 punpcklbw d;61 punpcklwd d;62 punpckldq d;63 packsswb;64 pcmpgtb;65 pcmpgtw;66 pcmpgtd
67 packuswb;68 punpckhbw;69 punpckhwd;6a punpckhdq;6b packssdw;74 pcmpeqb;75 pcmpeqw;76 pcmpeqd
d1 psrlw;d2 psrld;d3 psrlq;d4 paddq;d5 pmullw;d8 psubusb;d9 psubusw;da pminub;db pand
dc paddusb;dd paddusw;de pmaxub;df pandn;e0 pavgb;e1 psraw;e2 psrad;e3 pavgw;e4 pmulhuw
e5 pmulhw;e8 psubsb;e9 psubsw;ea pminsw;eb por;ec paddsb;ed paddsw;ee pmaxsw;ef pxor
f1 psllw;f2 pslld;f3 psllq;f4 pmuludq;f5 pmaddwd;f6 psadbw;f8 psubb;f9 psubw;fa psubd
fb psubq;fc paddb;fd paddw;fe paddd`;

/** Shifts of all lanes by a register: the count is 16 bytes, also where the lanes are 32. */
const COUNTED = /^ps(rl|ra|ll)/;

function sharedRow(text: string): string {
  const [opcode, name = "", size = "q"] = text.split(" ");
  const vex = COUNTED.test(name) ? "v3 v3c" : "v3y";
  return `
${name} | 0f ${opcode} /r | +Pq Q${size} | group.mmx
${name} | 66 0f ${opcode} /r | +Vo Wo | ${vex}`;
}

/** Shifts of all lanes by a constant: opcode, modrm.reg, name. */
const BY_CONSTANT = `
71 2 psrlw;71 4 psraw;71 6 psllw;72 2 psrld;72 4 psrad;72 6 pslld;73 2 psrlq;73 6 psllq`;

function constantRow(text: string): string {
  const [opcode, number, name] = text.split(" ");
  return `
${name} | 0f ${opcode} /${number}:r | +Qq Ib | group.mmx
${name} | 66 0f ${opcode} /${number}:r | +Wo Ib | vhy`;
}

const MMX_ONLY = `
movd,movd,movq | 0f 6e /r | =Py Ey | group.mmx
movd,movd,movq | 0f 7e /r | =Ey Py | zx group.mmx
movq | 0f 6f /r | =Pq Qq | group.mmx
movq | 0f 7f /r | =Qq Pq | group.mmx
emms | 0f 77 | | group.mmx
pshufw | 0f 70 /r | =Pq Qq Ib | group.mmx
pinsrw | 0f c4 /r | +Pq Ed:2 Ib | group.mmx
pextrw | 0f c5 /r:r | =Gd Qq Ib | group.mmx
pmovmskb | 0f d7 /r:r | =Gd Qq | group.mmx
movntq | 0f e7 /r:m | =Mq Pq | nt group.mmx
maskmovq | 0f f7 /r:r | Pq Qq ~=Yq | super group.mmx
`;

/** 3DNow! operations by their last byte. */
const THREE_D_NOW = `
0c pi2fw;0d pi2fd;1c pf2iw;1d pf2id;8a pfnacc;8e pfpnacc;90 pfcmpge;94 pfmin;96 pfrcp
97 pfrsqrt;9a pfsub;9e pfadd;a0 pfcmpgt;a4 pfmax;a6 pfrcpit1;a7 pfrsqit1;aa pfsubr;ae pfacc
b0 pfcmpeq;b4 pfmul;b6 pfrcpit2;b7 pmulhrw;bb pswapd;bf pavgusb`;

function threeDNowRow(text: string): string {
  const [suffix, name] = text.split(" ");
  return `
${name} | 0f 0f /r =${suffix} | +Pq Qq | group.3dnow`;
}

function items(text: string): string[] {
  return text.trim().split(/[;\n]/);
}

/** Integer lanes in the 64-bit registers, and those of SSE2 that share their opcodes. */
export const MMX_ROWS = [
  ...items(SHARED).map(sharedRow),
  ...items(BY_CONSTANT).map(constantRow),
  MMX_ONLY,
].join("");

/** Floats in the 64-bit registers. */
export const THREE_D_NOW_ROWS = `${items(THREE_D_NOW).map(threeDNowRow).join("")}
femms | 0f 0e | | group.3dnow
`;
