import type { Columns } from "./row-text.ts";

const KIND = /^v[23h][ycw]?$/;

/**
 * The VEX forms that follow from a row of SSE by its attribute:
 * - `v2`: the same operands. `v3`: a further source between destination and source.
 * - `vh`: the destination is the further register, as for shifts by a constant.
 * - `v3w`: as `v3`, in the strange form that is accepted: for registers, and with L set.
 * - `y` at the end: also with 256 bits. `v3c`: only with 256 bits, the last source stays 128.
 */
export function vexRows([names, encoding, operands, rest]: Columns): Columns[] {
  const words = rest.split(" ");
  const kinds = words.filter((word) => KIND.test(word));
  if (kinds.length === 0) return [];
  const others = words.filter((word) => !KIND.test(word) && !word.startsWith("group.")).join(" ");
  const name = names.replace(/(^|,)(?=\w)/g, "$1v");
  return kinds.flatMap((kind) => {
    const shaped = kind.startsWith("v2") ? operands : withThird(operands, kind);
    const line = (l: number, what: string) =>
      [name, vexEncoding(encoding, l, operands), what, others] as const;
    if (kind === "v3c") return [line(1, widened(shaped).replace("Wh", "Wo"))];
    if (kind === "v3w") return [line(1, shaped)];
    return kind.endsWith("y") ? [line(0, shaped), line(1, widened(shaped))] : [line(0, shaped)];
  });
}

function withThird(operands: string, kind: string): string {
  const [first = "", ...others] = operands.split(" ");
  const second = others[0] ?? "";
  if (kind.startsWith("vh")) return [`=H${first.slice(2)}`, first.slice(1), ...others].join(" ");
  const merged = first.startsWith("+W") ? second : first.slice(1);
  return [first.replace(/[+=]/, "="), `H${merged.slice(-1)}`, ...others].join(" ");
}

function widened(operands: string): string {
  return operands.replace(/([VWHMO])o/g, "$1h");
}

function vexEncoding(encoding: string, l: number, operands: string): string {
  const [, prefix = "np", map = "", rest = ""] =
    /^(?:(66|f2|f3) )?(0f\w*) (.*)$/.exec(encoding) ?? [];
  return `vex.${prefix}.${map}.l${l}.${/[A-Z]y/.test(operands) ? "wy" : "w0"} ${rest}`;
}

/** A row of `l01` stands for one of 128 and one of 256 bits; `x` is the size of both. */
export function bothLengths(row: string): string[] {
  if (!row.includes(".l01.")) return [row];
  return [
    row.replace(".l01.", ".l0.").replace(/([VWHML])x/g, "$1o"),
    row.replace(".l01.", ".l1.").replace(/([VWHML])x/g, "$1h"),
  ];
}
