import { RECORD } from "./layout.ts";
import type { Operation } from "./operation.ts";
import type { Variant } from "./variant.ts";

/** Names of the general registers of a record, in its order. */
export const GENERAL: readonly string[] =
  "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14".split(" ");

/** A variant, what is different behind it, and the state that it began in. */
export function describe(
  variant: Variant,
  start: DataView,
  set: number,
  lines: readonly string[],
): string {
  const { index, text, observer } = variant;
  const inputs = [
    ...GENERAL.map((name, at) => `${name}=${hex(start.getBigUint64(8 * at, true))}`),
    ...new Set(variant.operations.flatMap((operation) => vectorsOf(operation, start))),
    `memory=${bytesText(start, RECORD.window, RECORD.windowBytes)}`,
    `flags=${hex(BigInt(start.getUint8(RECORD.flags)))}`,
    `O=${start.getUint8(RECORD.overflow)} D=${start.getUint8(RECORD.direction)}`,
  ];
  const head = `--only ${index}: ${text} (state ${set}, ${observer.name})`;
  return [head, ...lines, `from ${inputs.join(" ")}`].join("\n    ");
}

/** The vector registers that an operation names. */
function vectorsOf(operation: Operation, start: DataView): string[] {
  const { form, reg, rm, vvvv, immediate } = operation;
  return form.operands.flatMap(({ kind }) => {
    const register = {
      xmm0: 0,
      "xmm-reg": reg,
      "mm-reg": reg,
      "xmm-rm": rm,
      "mm-rm": rm,
      "xmm-vvvv": vvvv,
      "xmm-imm": (immediate.at(-1) ?? 0) >> 4,
    }[kind as string];
    if (typeof register !== "number") return [];
    if (kind.startsWith("xmm")) {
      const lower = bytesText(start, RECORD.xmm + 16 * register, 16);
      if (form.vex === undefined) return [`xmm${register}=${lower}`];
      return [`ymm${register}=${lower}${bytesText(start, RECORD.upper + 16 * register, 16)}`];
    }
    if (!kind.startsWith("mm-")) return [];
    return [`mm${register}=${bytesText(start, RECORD.mm + 8 * register, 8)}`];
  });
}

/** Bytes as they lie in memory. */
function bytesText(view: DataView, at: number, count: number): string {
  return Buffer.from(view.buffer, view.byteOffset + at, count).toString("hex");
}

/** A number as it is shown. */
export function hex(value: bigint): string {
  return value.toString(16);
}
