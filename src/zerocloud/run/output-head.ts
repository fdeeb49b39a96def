import { readSync } from "node:fs";
import { CGI_HEAD_LIMITS, CgiHeadReader, cgiKindOf } from "../cgi/index.ts";
import type { SpooledFile } from "./spooled-file.ts";

/** What a program wrote in front of its output, as CGI programs do. */
export interface OutputHead {
  /** Of HTTP; undefined where the program named none. */
  readonly status?: number;
  readonly contentType?: string;
  /** Other headers in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Where the output begins. */
  readonly bodyStartBytes: number;
}

/** Headers that no program can set. */
const RESERVED = /^(?:x-nexe-|mtime$)/i;

/** As long as a head and the end of it can be. */
const BLOCK_BYTES = CGI_HEAD_LIMITS.bytes + 2;

/**
 * The head of an output whose content type says that it has one.
 * @returns undefined where it has none, or one that cannot be read: the output goes on as it is
 */
export function readOutputHead(file: SpooledFile, contentType: string): OutputHead | undefined {
  const kind = cgiKindOf(contentType);
  if (kind === undefined) return undefined;
  const reader = new CgiHeadReader(kind);
  const block = Buffer.alloc(Math.min(BLOCK_BYTES, file.sizeBytes));
  reader.feed(block.subarray(0, readSync(file.fd, block, 0, block.length, 0)));
  const reading = reader.end();
  if (reading.kind !== "head") return undefined;
  const { status, headers, bodyOffset: bodyStartBytes } = reading;
  const isType = ([name]: readonly [string, string]): boolean =>
    name.toLowerCase() === "content-type";
  const own = headers.findLast(isType)?.[1];
  return {
    ...(status !== undefined && { status }),
    ...(own !== undefined && { contentType: own }),
    headers: headers.filter((header) => !isType(header) && !RESERVED.test(header[0])),
    bodyStartBytes,
  };
}
