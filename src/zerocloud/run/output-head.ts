import { readSync } from "node:fs";
import type { SpooledFile } from "./spooled-file.ts";

/** Longer heads are none. */
const HEAD_BYTES_MAX = 65_536;

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
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * The head of an output whose content type says that it has one.
 * @returns undefined where it has none, or one that cannot be read: the output goes on as it is
 */
export function readOutputHead(file: SpooledFile, contentType: string): OutputHead | undefined {
  const isHttp = contentType.startsWith("message/http");
  if (!isHttp && !contentType.startsWith("message/cgi")) return undefined;
  const block = Buffer.alloc(Math.min(HEAD_BYTES_MAX, file.sizeBytes));
  const got = readSync(file.fd, block, 0, block.length, 0);
  const text = block.subarray(0, got).toString("latin1");
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null) return undefined;
  const lines = text.slice(0, end.index).split(/\r?\n/);
  const bodyStartBytes = end.index + end[0].length;
  const first = isHttp ? /^HTTP\/1\.[0-9] ([1-5][0-9][0-9])(?: .*)?$/.exec(lines[0] ?? "") : null;
  if (isHttp && first === null) return undefined;
  const headers = headersOf(isHttp ? lines.slice(1) : lines);
  if (headers === undefined) return undefined;
  return { ...headOf(headers, first?.[1]), bodyStartBytes };
}

type Headers = readonly (readonly [string, string])[];

function headersOf(lines: readonly string[]): Headers | undefined {
  const headers: [string, string][] = [];
  for (const line of lines) {
    const [, name = "", value = ""] = /^([^:]*):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (!TOKEN.test(name) || value.includes("\0")) return undefined;
    headers.push([name, Buffer.from(value, "latin1").toString()]);
  }
  return headers;
}

function headOf(headers: Headers, line: string | undefined): Omit<OutputHead, "bodyStartBytes"> {
  const last = (name: string): string | undefined =>
    headers.findLast(([given]) => given.toLowerCase() === name)?.[1];
  const named = /^([1-5][0-9][0-9])(?: |$)/.exec(last("status") ?? "")?.[1] ?? line;
  const contentType = last("content-type");
  const others = headers.filter(([name]) => {
    const isOwn = ["status", "content-type"].includes(name.toLowerCase());
    return !isOwn && !RESERVED.test(name);
  });
  return {
    ...(named !== undefined && { status: Number(named) }),
    ...(contentType !== undefined && { contentType }),
    headers: others,
  };
}
