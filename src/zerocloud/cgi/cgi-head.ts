import { byteStringOf, textOf } from "../../base/index.ts";
import { isHeaderName } from "../result/index.ts";

/** Outputs that begin with headers. */
export type CgiKind = "message/http" | "message/cgi";

/** Which of them a channel of a content type is; undefined where it is neither. */
export function cgiKindOf(contentType: string): CgiKind | undefined {
  const kinds = ["message/http", "message/cgi"] as const;
  return kinds.find((kind) => contentType.toLowerCase().startsWith(kind));
}

export interface CgiHead {
  readonly kind: "head";
  /** 200 to 599; undefined where the program set none. */
  readonly status?: number;
  /** In their order, names as they were written, values as text; `Status` is not among them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Where the body begins in the output. */
  readonly bodyOffset: number;
}

/** `more`: the head is not complete yet. `raw`: the output has none, and goes on as it is. */
export type CgiReading = CgiHead | { readonly kind: "raw" } | { readonly kind: "more" };

/** More than any answer needs; an output with more in front of its first empty line has no head. */
export const CGI_HEAD_LIMITS = Object.freeze({ bytes: 16_384, headers: 200 });

const MORE = Object.freeze({ kind: "more" });
const RAW = Object.freeze({ kind: "raw" });

/**
 * Reads the head of an output that comes in pieces. Lines end with LF or CRLF; an empty one ends
 * the head. What cannot be read is no head: no part of it counts.
 */
export class CgiHeadReader {
  readonly #kind: CgiKind;
  /** What came of the head, one character for each byte. */
  #text = "";
  /** Where the line begins that is not yet complete. */
  #lineStart = 0;
  readonly #lines: string[] = [];
  #result: CgiHead | typeof RAW | undefined;

  constructor(kind: CgiKind) {
    this.#kind = kind;
  }

  /** Takes the next bytes of the output; those behind the head change nothing. */
  feed(chunk: Uint8Array): CgiReading {
    if (this.#result !== undefined) return this.#result;
    const room = CGI_HEAD_LIMITS.bytes - this.#text.length;
    this.#text += byteStringOf(chunk.subarray(0, room));
    for (;;) {
      const end = this.#text.indexOf("\n", this.#lineStart);
      if (end < 0) break;
      const line = this.#text.slice(this.#lineStart, end).replace(/\r$/, "");
      this.#lineStart = end + 1;
      if (line === "") return this.#finish(readHead(this.#kind, this.#lines, end + 1));
      this.#lines.push(line);
    }
    return this.#text.length < CGI_HEAD_LIMITS.bytes ? MORE : this.#finish(RAW);
  }

  /** Says that the output has ended. */
  end(): CgiHead | typeof RAW {
    return this.#result ?? this.#finish(RAW);
  }

  #finish(result: CgiHead | typeof RAW): CgiHead | typeof RAW {
    this.#text = "";
    this.#result = result;
    return result;
  }
}

const STATUS_LINE = /^HTTP\/1\.[0-9] ([0-9]{3})(?: .*)?$/s;
const STATUS_VALUE = /^([0-9]{3})(?: .*)?$/s;
const HEADER_LINE = /^([^:]*):[ \t]*(.*)$/s;

function readHead(
  kind: CgiKind,
  lines: readonly string[],
  bodyOffset: number,
): CgiHead | typeof RAW {
  const [first = "", ...rest] = lines;
  const isHttp = kind === "message/http";
  const line = isHttp ? STATUS_LINE.exec(first)?.[1] : "";
  const headers = readHeaders(isHttp ? rest : lines);
  if (line === undefined || headers === undefined) return RAW;
  const named = headers.filter(([name]) => name.toLowerCase() === "status").at(-1)?.[1];
  const word = named === undefined ? line : (STATUS_VALUE.exec(named)?.[1] ?? "0");
  const status = word === "" ? undefined : Number(word);
  if (status !== undefined && (status < 200 || status > 599)) return RAW;
  return {
    kind: "head",
    ...(status === undefined ? {} : { status }),
    headers: headers.filter(([name]) => name.toLowerCase() !== "status"),
    bodyOffset,
  };
}

/** Undefined where one of them is no header: nothing is guessed, and no line continues another. */
function readHeaders(lines: readonly string[]): (readonly [string, string])[] | undefined {
  if (lines.length > CGI_HEAD_LIMITS.headers) return undefined;
  const headers: (readonly [string, string])[] = [];
  for (const line of lines) {
    const [, name = "", value = ""] = HEADER_LINE.exec(line) ?? [];
    if (!isHeaderName(name) || hasControlBytes(value)) return undefined;
    headers.push([name, textOf(withoutBlanks(value))]);
  }
  return headers;
}

/** Without blanks at its end; other bytes that text has as blanks are parts of characters here. */
function withoutBlanks(value: string): string {
  let end = value.length;
  while (end > 0 && (value[end - 1] === " " || value[end - 1] === "\t")) end -= 1;
  return value.slice(0, end);
}

/** Tabs may stand in a value. */
function hasControlBytes(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no header may have
  return /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value);
}
