import { type Refusal, refuse } from "../result/index.ts";
import type { HeaderTable } from "./header-table.ts";

/** The part of an object that a program reads, as the sender named it. */
export type InputRange =
  | {
      readonly kind: "from";
      readonly startBytes: number;
      /** The last byte, included; absent for the end of the object. */
      readonly lastBytes?: number;
    }
  /** So many bytes at the end. */
  | { readonly kind: "last"; readonly sizeBytes: number };

const RANGE = /^bytes\s*=\s*([0-9]{0,15})\s*-\s*([0-9]{0,15})$/i;

/**
 * The part of its object that the program gets as its input, of `X-Zerovm-Range: bytes=FROM-TO`;
 * undefined for all of it.
 */
export function inputRangeOf(headers: HeaderTable): InputRange | Refusal | undefined {
  const text = headers["x-zerovm-range"]?.trim();
  if (text === undefined) return undefined;
  if (text.includes(",")) return refuse(400, "X-Zerovm-Range takes one range");
  const [, start = "", end = ""] = RANGE.exec(text) ?? [];
  const isEmpty = start === "" && end === "";
  const isBackward = start !== "" && end !== "" && Number(end) < Number(start);
  if (isEmpty || isBackward) return refuse(400, "X-Zerovm-Range format is bytes=FROM-TO");
  if (start === "") return { kind: "last", sizeBytes: Number(end) };
  const last = end === "" ? {} : { lastBytes: Number(end) };
  return { kind: "from", startBytes: Number(start), ...last };
}

/** A part that lies within an object. */
export interface InputSpan {
  readonly kind: "span";
  readonly startBytes: number;
  readonly sizeBytes: number;
}

/** What a range means for an object of a size; it has to begin within the object. */
export function spanOf(range: InputRange, objectBytes: number): InputSpan | Refusal {
  const isLast = range.kind === "last";
  const startBytes = isLast ? Math.max(0, objectBytes - range.sizeBytes) : range.startBytes;
  const last = isLast ? objectBytes : Math.min(range.lastBytes ?? objectBytes, objectBytes - 1);
  const isNothing = startBytes >= objectBytes || (isLast && range.sizeBytes === 0);
  if (isNothing) return refuse(416, `The object has ${objectBytes} bytes`);
  return { kind: "span", startBytes, sizeBytes: Math.min(last + 1, objectBytes) - startBytes };
}
