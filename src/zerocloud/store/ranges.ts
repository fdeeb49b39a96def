/** A piece of an object: where it begins, and how many bytes it has, one at least. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What a `Range` header asks of an object of a known size. */
export type RangeRequest =
  /** No header, or one that is not understood: the whole object is the answer. */
  | { readonly kind: "whole" }
  | { readonly kind: "parts"; readonly parts: readonly ByteRange[] }
  /** Nothing of what was asked for is there: status 416. */
  | { readonly kind: "unsatisfiable" };

/** More parts than anybody needs cost more than they bring. */
export const RANGES_MAX = 50;

const WHOLE: RangeRequest = { kind: "whole" };
const UNSATISFIABLE: RangeRequest = { kind: "unsatisfiable" };

/** The parts that a `Range` header names, in its order; those beyond the end are left out. */
export function parseRange(header: string | undefined, sizeBytes: number): RangeRequest {
  const list = /^\s*bytes\s*=(.*)$/is.exec(header ?? "")?.[1];
  if (list === undefined) return WHOLE;
  const specs = list.split(",").map((spec) => spec.trim());
  const parts: ByteRange[] = [];
  for (const spec of specs) {
    if (spec === "") continue;
    const part = partOf(spec, sizeBytes);
    if (part === "malformed") return WHOLE;
    if (part !== undefined) parts.push(part);
  }
  if (specs.every((spec) => spec === "")) return WHOLE;
  if (parts.length === 0 || parts.length > RANGES_MAX) return UNSATISFIABLE;
  return { kind: "parts", parts };
}

/** @returns undefined where it lies beyond the end */
function partOf(spec: string, sizeBytes: number): ByteRange | "malformed" | undefined {
  const [, first = "", last = ""] = /^(\d*)\s*-\s*(\d*)$/.exec(spec) ?? [];
  if (first === "" && last === "") return "malformed";
  if (first === "") {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? undefined : { offset: sizeBytes - length, length };
  }
  const offset = Number(first);
  const end = last === "" ? Number.POSITIVE_INFINITY : Number(last);
  if (end < offset) return "malformed";
  if (offset >= sizeBytes) return undefined;
  return { offset, length: Math.min(end, sizeBytes - 1) - offset + 1 };
}
