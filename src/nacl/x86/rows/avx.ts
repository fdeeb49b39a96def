import { hex } from "./conditions.ts";

/** Forms of AVX and AVX2 that do not follow from a row of SSE. */
const AVX = `
vzeroupper | vex.np.0f.l0.w0 77 | |
vzeroall | vex.np.0f.l1.w0 77 | |
vcvtps2pd | vex.np.0f.l1.w0 5a /r | =Vh Wo |
vcvtpd2psy | vex.66.0f.l1.w0 5a /r | =Vo Wh |
vcvttpd2dqy | vex.66.0f.l1.w0 e6 /r | =Vo Wh |
vcvtdq2pd | vex.f3.0f.l1.w0 e6 /r | =Vh Wo |
vcvtpd2dqy | vex.f2.0f.l1.w0 e6 /r | =Vo Wh |
vmovddup | vex.f2.0f.l1.w0 12 /r | =Vh Wh |
vpermilps | vex.66.0f38.l01.w0 0c /r | =Vx Hx Wx |
vpermilpd | vex.66.0f38.l01.w0 0d /r | =Vx Hx Wx |
vtestps | vex.66.0f38.l01.w0 0e /r | Vx Wx | w.CPAZSO
vtestpd | vex.66.0f38.l01.w0 0f /r | Vx Wx | w.CPAZSO
vpermps | vex.66.0f38.l1.w0 16 /r | =Vh Hh Wh |
vbroadcastss | vex.66.0f38.l01.w0 18 /r | =Vx Wd |
vbroadcastsd | vex.66.0f38.l1.w0 19 /r | =Vh Wq |
vbroadcastf128 | vex.66.0f38.l1.w0 1a /r:m | =Vh Mo |
vmaskmovps | vex.66.0f38.l01.w0 2c /r:m | =Vx Hx Mx |
vmaskmovpd | vex.66.0f38.l01.w0 2d /r:m | =Vx Hx Mx |
vmaskmovps | vex.66.0f38.l01.w0 2e /r:m | =Mx Hx Vx |
vmaskmovpd | vex.66.0f38.l01.w0 2f /r:m | =Mx Hx Vx |
vpermd | vex.66.0f38.l1.w0 36 /r | =Vh Hh Wh |
vpsrlvd | vex.66.0f38.l01.w0 45 /r | =Vx Hx Wx |
vpsrlvq | vex.66.0f38.l01.w1 45 /r | =Vx Hx Wx |
vpsravd | vex.66.0f38.l01.w0 46 /r | =Vx Hx Wx |
vpsllvd | vex.66.0f38.l01.w0 47 /r | =Vx Hx Wx |
vpsllvq | vex.66.0f38.l01.w1 47 /r | =Vx Hx Wx |
vpbroadcastd | vex.66.0f38.l01.w0 58 /r | =Vx Wd |
vpbroadcastq | vex.66.0f38.l01.w0 59 /r | =Vx Wq |
vbroadcasti128 | vex.66.0f38.l1.w0 5a /r:m | =Vh Mo |
vpbroadcastb | vex.66.0f38.l01.w0 78 /r | =Vx Wb |
vpbroadcastw | vex.66.0f38.l01.w0 79 /r | =Vx Ww |
vpmaskmovd | vex.66.0f38.l01.w0 8c /r:m | =Vx Hx Mx |
vpmaskmovq | vex.66.0f38.l01.w1 8c /r:m | =Vx Hx Mx |
vpmaskmovd | vex.66.0f38.l01.w0 8e /r:m | =Mx Hx Vx |
vpmaskmovq | vex.66.0f38.l01.w1 8e /r:m | =Mx Hx Vx |
vpermq | vex.66.0f3a.l1.w1 00 /r | =Vh Wh Ib |
vpermpd | vex.66.0f3a.l1.w1 01 /r | =Vh Wh Ib |
vpblendd | vex.66.0f3a.l01.w0 02 /r | =Vx Hx Wx Ib |
vpermilps | vex.66.0f3a.l01.w0 04 /r | =Vx Wx Ib |
vpermilpd | vex.66.0f3a.l01.w0 05 /r | =Vx Wx Ib |
vperm2f128 | vex.66.0f3a.l1.w0 06 /r | =Vh Hh Wh Ib |
vinsertf128 | vex.66.0f3a.l1.w0 18 /r | =Vh Hh Wo Ib |
vextractf128 | vex.66.0f3a.l1.w0 19 /r | =Wo Vh Ib |
vinserti128 | vex.66.0f3a.l1.w0 38 /r | =Vh Hh Wo Ib |
vextracti128 | vex.66.0f3a.l1.w0 39 /r | =Wo Vh Ib |
vperm2i128 | vex.66.0f3a.l1.w0 46 /r | =Vh Hh Wh Ib |
vblendvps | vex.66.0f3a.l01.w0 4a /r | =Vx Hx Wx Lx |
vblendvpd | vex.66.0f3a.l01.w0 4b /r | =Vx Hx Wx Lx |
vpblendvb | vex.66.0f3a.l01.w0 4c /r | =Vx Hx Wx Lx |
`;

/** Multiply and add: the low digit of the opcode, name, one lane only. */
const FUSED: readonly (readonly [low: number, name: string, single: boolean])[] = [
  [0x6, "fmaddsub", false],
  [0x7, "fmsubadd", false],
  [0x8, "fmadd", false],
  [0x9, "fmadd", true],
  [0xa, "fmsub", false],
  [0xb, "fmsub", true],
  [0xc, "fnmadd", false],
  [0xd, "fnmadd", true],
  [0xe, "fnmsub", false],
  [0xf, "fnmsub", true],
];

function fusedRows([low, name, single]: readonly [number, string, boolean]): string {
  const orders = ["132", "213", "231"];
  return orders
    .flatMap((order, at) => {
      const opcode = hex(0x90 + at * 0x10 + low);
      if (!single) {
        return ["s", "d"].map(
          (kind, w) => `
v${name}${order}p${kind} | vex.66.0f38.l01.w${w} ${opcode} /r | +Vx Hx Wx | group.fma`,
        );
      }
      return ["s", "d"].map((kind, w) => {
        const size = w === 0 ? "d" : "q";
        return `
v${name}${order}s${kind} | vex.66.0f38.l0.w${w} ${opcode} /r | +V${size} H${size} W${size} | group.fma`;
      });
    })
    .join("");
}

/** VEX instructions with rows of their own. */
export const AVX_ROWS = AVX + FUSED.map(fusedRows).join("");
