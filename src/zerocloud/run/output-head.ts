import { readSync } from "node:fs";
import {
  CGI_HEAD_LIMITS,
  CgiHeadReader,
  cgiKindOf,
  outputOf,
  type ProgramOutput,
} from "../cgi/index.ts";
import { isRefusal, type Refusal } from "../result/index.ts";
import type { SpooledFile } from "./spooled-file.ts";

/** What a program wrote in front of its output, as CGI programs do. */
export interface OutputHead extends ProgramOutput {
  /** Where the output begins. */
  readonly bodyStartBytes: number;
}

/** As long as a head and the end of it can be. */
const BLOCK_BYTES = CGI_HEAD_LIMITS.bytes + 2;

/**
 * The head of an output whose content type says that it has one.
 * @returns undefined where it has none, or one that cannot be read: the output goes on as it is; a
 *   refusal where Swift would not take what it says
 */
export function readOutputHead(
  file: SpooledFile,
  contentType: string,
): OutputHead | Refusal | undefined {
  const kind = cgiKindOf(contentType);
  if (kind === undefined) return undefined;
  const reader = new CgiHeadReader(kind);
  const block = Buffer.alloc(Math.min(BLOCK_BYTES, file.sizeBytes));
  reader.feed(block.subarray(0, readSync(file.fd, block, 0, block.length, 0)));
  const reading = reader.end();
  if (reading.kind !== "head") return undefined;
  const output = outputOf(reading, contentType);
  return isRefusal(output) ? output : { ...output, bodyStartBytes: reading.bodyOffset };
}
