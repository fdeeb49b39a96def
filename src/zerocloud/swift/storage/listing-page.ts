import { isObject } from "../../../base/index.ts";
import { wireError } from "../orders/index.ts";
import type { SwiftAnswer } from "./swift-calls.ts";
import { isSuccess, swiftError } from "./swift-errors.ts";

/** 10,000 names of 1 KiB, escaped, with what is said of each. */
const PAGE_BYTES_MAX = 128 * 2 ** 20;

/**
 * The names of a page of a listing in JSON.
 * @throws ZvmError as Swift answered, ZVM_SWIFT_WIRE where it is no listing
 */
export async function readListingPage(answer: SwiftAnswer, what: string): Promise<string[]> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of answer.body) {
    sizeBytes += piece.length;
    if (sizeBytes > PAGE_BYTES_MAX)
      throw wireError(`a listing has more than ${PAGE_BYTES_MAX} bytes`);
    pieces.push(piece);
  }
  if (!isSuccess(answer.status)) throw swiftError(answer.status, what);
  // Without a body there is nothing in it.
  if (sizeBytes === 0) return [];
  return namesIn(parsed(Buffer.concat(pieces).toString("utf8")));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw wireError("a listing is no JSON", cause);
  }
}

function namesIn(rows: unknown): string[] {
  if (!Array.isArray(rows)) throw wireError("a listing is no list");
  return rows.flatMap((row: unknown) => {
    const name = isObject(row) ? row["name"] : undefined;
    return typeof name === "string" ? [name] : [];
  });
}
