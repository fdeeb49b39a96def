const SSE3 = `
movsldup | f3 0f 12 /r | =Vo Wo | v2y
movshdup | f3 0f 16 /r | =Vo Wo | v2y
movddup | f2 0f 12 /r | =Vo Wq | v2
haddpd | 66 0f 7c /r | +Vo Wo | v3y
haddps | f2 0f 7c /r | +Vo Wo | v3y
hsubpd | 66 0f 7d /r | +Vo Wo | v3y
hsubps | f2 0f 7d /r | +Vo Wo | v3y
addsubpd | 66 0f d0 /r | +Vo Wo | v3y
addsubps | f2 0f d0 /r | +Vo Wo | v3y
lddqu | f2 0f f0 /r:m | =Vo Mo | v2y
`;

/** Operations of SSSE3, which also work on the 64-bit registers: opcode, name. */
const SSSE3 = `
00 pshufb;01 phaddw;02 phaddd;03 phaddsw;04 pmaddubsw;05 phsubw;06 phsubd;07 phsubsw
08 psignb;09 psignw;0a psignd;0b pmulhrsw`;

/** The same, with one source. */
const ABSOLUTE = "1c pabsb;1d pabsw;1e pabsd";

function items(text: string): string[] {
  return text.trim().split(/[;\n]/);
}

function wideRow(text: string): string {
  const [opcode, name] = text.split(" ");
  return `
${name} | 0f38 ${opcode} /r | +Pq Qq |
${name} | 66 0f38 ${opcode} /r | +Vo Wo | v3y`;
}

function absoluteRow(text: string): string {
  const [opcode, name] = text.split(" ");
  return `
${name} | 0f38 ${opcode} /r | =Pq Qq |
${name} | 66 0f38 ${opcode} /r | =Vo Wo | v2y`;
}

/** Two-operand integer operations of SSE4.1 and SSE4.2. */
const LANES = `
28 pmuldq;29 pcmpeqq;2b packusdw;37 pcmpgtq;38 pminsb;39 pminsd;3a pminuw;3b pminud
3c pmaxsb;3d pmaxsd;3e pmaxuw;3f pmaxud;40 pmulld`;

function laneRow(text: string): string {
  const [opcode, name] = text.split(" ");
  return `
${name} | 66 0f38 ${opcode} /r | +Vo Wo | v3y`;
}

/** Widening moves, with the bytes that they read for 16 and for 32 bytes of result. */
const WIDENING = `
bw q o;bd d q;bq w d;wd q o;wq d q;dq q o`;

function wideningRow(text: string, index: number): string {
  const [lanes, source, twice] = text.split(" ");
  return ["s", "z"]
    .map((sign) => {
      const opcode = `${sign === "s" ? 2 : 3}${index}`;
      return `
pmov${sign}x${lanes} | 66 0f38 ${opcode} /r | =Vo W${source} | v2
vpmov${sign}x${lanes} | vex.66.0f38.l1.w0 ${opcode} /r | =Vh W${twice} |`;
    })
    .join("");
}

const SSE4 = `
palignr | 0f3a 0f /r | +Pq Qq Ib |
palignr | 66 0f3a 0f /r | +Vo Wo Ib | v3y
pblendvb | 66 0f38 10 /r | +Vo Wo Oo |
blendvps | 66 0f38 14 /r | +Vo Wo Oo |
blendvpd | 66 0f38 15 /r | +Vo Wo Oo |
ptest | 66 0f38 17 /r | Vo Wo | w.CPAZSO v2y
movntdqa | 66 0f38 2a /r:m | =Vo Mo | nt v2y
phminposuw | 66 0f38 41 /r | =Vo Wo | v2
roundps | 66 0f3a 08 /r | =Vo Wo Ib | v2y any-vvvv
roundpd | 66 0f3a 09 /r | =Vo Wo Ib | v2y any-vvvv
roundss | 66 0f3a 0a /r | +Vd Wd Ib | v3
roundsd | 66 0f3a 0b /r | +Vq Wq Ib | v3
blendps | 66 0f3a 0c /r | +Vo Wo Ib | v3y
blendpd | 66 0f3a 0d /r | +Vo Wo Ib | v3y
pblendw | 66 0f3a 0e /r | +Vo Wo Ib | v3y
pextrb | 66 0f3a 14 /r | =Ed:1 Vo Ib | v2
pextrw | 66 0f3a 15 /r | =Ed:2 Vo Ib | v2
pextrd,pextrd,pextrq | 66 0f3a 16 /r | =Ey Vo Ib | v2
extractps | 66 0f3a 17 /r:r | =Ed Vo Ib |
extractps | 66 0f3a 17 /r:m | =Ed Vo Ib | v2
pinsrb | 66 0f3a 20 /r | +Vo Ed:1 Ib | v3
insertps | 66 0f3a 21 /r | +Vo Wd Ib | v3
pinsrd,pinsrd,pinsrq | 66 0f3a 22 /r | +Vo Ey Ib | v3
dpps | 66 0f3a 40 /r | +Vo Wo Ib | v3y
dppd | 66 0f3a 41 /r | +Vo Wo Ib | v3
mpsadbw | 66 0f3a 42 /r | +Vo Wo Ib | v3y
pcmpestrm | 66 0f3a 60 /r | Vo Wo Ib ~Ad ~Dd ~=Oo | w.CPAZSO v2
pcmpestri | 66 0f3a 61 /r | Vo Wo Ib ~Ad ~Dd ~=Cd | w.CPAZSO v2
pcmpistrm | 66 0f3a 62 /r | Vo Wo Ib ~=Oo | w.CPAZSO v2
pcmpistri | 66 0f3a 63 /r | Vo Wo Ib ~=Cd | w.CPAZSO v2
`;

const SSE4A = `
extrq | 66 0f 79 /r:r | +Vo Wo | group.sse4a
insertq | f2 0f 78 /r:r | +Vo Wo Ib Ib | group.sse4a
insertq | f2 0f 79 /r:r | +Vo Wo | group.sse4a
movntss | f3 0f 2b /r:m | =Md Vd | nt group.sse4a
movntsd | f2 0f 2b /r:m | =Mq Vq | nt group.sse4a
`;

/** What SSE3, SSSE3, SSE4.1, SSE4.2 and SSE4A brought, with the VEX forms that follow. */
export const SSE4_ROWS = [
  SSE3,
  ...items(SSSE3).map(wideRow),
  ...items(ABSOLUTE).map(absoluteRow),
  ...items(LANES).map(laneRow),
  ...items(WIDENING).map(wideningRow),
  SSE4,
  SSE4A,
].join("");
