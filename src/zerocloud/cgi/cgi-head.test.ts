import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedBytes } from "../../../test/support/changed-bytes.ts";
import { isRefusal } from "../result/index.ts";
import {
  CGI_HEAD_LIMITS,
  CgiHeadReader,
  type CgiKind,
  type CgiReading,
  cgiKindOf,
  HEADER_BYTES_MAX,
  outputOf,
} from "./index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Reads an output in pieces of a size. */
function read(kind: CgiKind, output: Uint8Array, pieceBytes = 7): CgiReading {
  const reader = new CgiHeadReader(kind);
  for (let at = 0; at < output.length; at += pieceBytes) {
    const reading = reader.feed(output.subarray(at, at + pieceBytes));
    if (reading.kind !== "more") return reading;
  }
  return reader.end();
}

/** `STATUS NAME=VALUE … | BODY`, or `raw`. */
function shown(kind: CgiKind, text: string): string {
  const output = bytes(text);
  const all = [1, 7, 100_000].map((pieceBytes) => read(kind, output, pieceBytes));
  expect(all[1]).toEqual(all[0]);
  expect(all[2]).toEqual(all[0]);
  const [head] = all;
  if (head?.kind !== "head") return head?.kind ?? "";
  const headers = head.headers.map(([name, value]) => `${name}=${value} `).join("");
  return `${head.status} ${headers}| ${new TextDecoder().decode(output.subarray(head.bodyOffset))}`;
}

describe("CgiHeadReader", () => {
  it.each([
    ["HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nbody", "200 Content-Type=text/html | body"],
    ["HTTP/1.0 404 Not Found\nX-A:1\nX-B: 2 \n\n", "404 X-A=1 X-B=2 | "],
    ["HTTP/1.1 404\n\n\n", "404 | \n"],
    ["HTTP/1.1 200 OK\nStatus: 503 Busy\n\n", "503 | "],
    ["HTTP/1.1 200 OK\nX-Ü: 1\n\n", "raw"],
    ["HTTP/1.1 200 OK\nX-A: grün\u00a0\n\n", "200 X-A=grün\u00a0 | "],
    ["HTTP/2 200 OK\n\n", "raw"],
    ["HTTP/1.1 100 Continue\n\n", "raw"],
    ["HTTP/1.1 600 No\n\n", "raw"],
    ["HTTP/1.1 20 OK\n\n", "raw"],
    ["200 OK\n\n", "raw"],
    ["Content-Type: text/html\n\nbody", "raw"],
    ["\nbody", "raw"],
    ["", "raw"],
    ["HTTP/1.1 200 OK\nX-A: 1\n", "raw"],
    ["HTTP/1.1 200 OK\nX-A: 1\n continued\n\n", "raw"],
    ["HTTP/1.1 200 OK\nX A: 1\n\n", "raw"],
    ["HTTP/1.1 200 OK\nX-A : 1\n\n", "raw"],
    ["HTTP/1.1 200 OK\n: 1\n\n", "raw"],
    ["HTTP/1.1 200 OK\nno colon\n\n", "raw"],
    ["HTTP/1.1 200 OK\nX-A: a\rX-B: b\n\n", "raw"],
    ["HTTP/1.1 200 OK\nX-A: a\0b\n\n", "raw"],
    ["HTTP/1.1 200 OK\nX-A: a\tb\t\n\n", "200 X-A=a\tb | "],
  ])("reads %j as message/http: %s", (text, expected) => {
    expect(shown("message/http", text)).toBe(expected);
  });

  it.each([
    ["Status: 404 Not Found\n\nno such item", "404 | no such item"],
    ["status: 201\r\nContent-Type: image/png\r\n\r\n", "201 Content-Type=image/png | "],
    ["Content-Type: text/html\n\nbody", "undefined Content-Type=text/html | body"],
    ["\nbody", "undefined | body"],
    ["X-A: 1\nX-A: 2\n\n", "undefined X-A=1 X-A=2 | "],
    ["Status: fine\n\n", "raw"],
    ["Status: 099\n\n", "raw"],
    ["HTTP/1.1 200 OK\n\n", "raw"],
    ["just text\n\n", "raw"],
    ["", "raw"],
  ])("reads %j as message/cgi: %s", (text, expected) => {
    expect(shown("message/cgi", text)).toBe(expected);
  });

  it("takes a head up to its limits, and none beyond", () => {
    const headOf = (size: number) => `X: ${"x".repeat(size - 5)}\n\n`;
    expect(shown("message/cgi", headOf(CGI_HEAD_LIMITS.bytes))).toMatch(/^undefined X=/);
    expect(shown("message/cgi", headOf(CGI_HEAD_LIMITS.bytes + 1))).toBe("raw");
    const lines = (count: number) => `${"X: 1\n".repeat(count)}\n`;
    expect(shown("message/cgi", lines(CGI_HEAD_LIMITS.headers))).toMatch(/^undefined X=/);
    expect(shown("message/cgi", lines(CGI_HEAD_LIMITS.headers + 1))).toBe("raw");
  });

  it("decides as soon as it can, keeps to it, and reads no further", () => {
    const reader = new CgiHeadReader("message/cgi");
    expect(reader.feed(bytes("A: 1\n")).kind).toBe("more");
    const head = reader.feed(bytes("\nbody"));
    expect(head).toMatchObject({ kind: "head", bodyOffset: 6 });
    expect(reader.feed(bytes("more"))).toBe(head);
    expect(reader.end()).toBe(head);
    const endless = new CgiHeadReader("message/cgi");
    expect(endless.feed(new Uint8Array(10_000_000).fill(0x61)).kind).toBe("raw");
  });

  it("survives any output", () => {
    const good = bytes(
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Object-Meta-A: 1\r\n\r\nbody",
    );
    const kinds = fc.constantFrom<CgiKind>("message/http", "message/cgi");
    fc.assert(
      fc.property(
        kinds,
        fc.oneof(changedBytes(good, 4), fc.uint8Array()),
        fc.integer({ min: 1, max: 50 }),
        (kind, output, size) => {
          const head = read(kind, output, size);
          expect(read(kind, output, 1)).toEqual(head);
          if (head.kind !== "head") return;
          expect(head.bodyOffset).toBeLessThanOrEqual(output.length);
          expect(output[head.bodyOffset - 1]).toBe(0x0a);
          for (const [name, value] of head.headers) {
            expect(name).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
            expect(value).not.toMatch(/[\r\n\0]/);
          }
          const told = outputOf(head, "text/html");
          if (isRefusal(told)) expect(told.status).toBe(400);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("cgiKindOf", () => {
  it.each([
    ["message/http", "message/http"],
    ["Message/CGI; x=y", "message/cgi"],
    ["text/html", undefined],
    ["x-message/http", undefined],
  ])("%s: %s", (type, expected) => {
    expect(cgiKindOf(type)).toBe(expected);
  });
});

function output(...headers: (readonly [string, string])[]) {
  const told = outputOf({ kind: "head", status: 201, headers, bodyOffset: 0 }, "text/html");
  return isRefusal(told) ? `${told.status} ${told.text}` : told;
}

describe("outputOf", () => {
  it("parts type, metadata and headers", () => {
    const told = output(
      ["Content-Type", "image/png"],
      ["X-Object-Meta-Color", "Red"],
      ["X-Shop", "1"],
      ["Content-Length", "5"],
      ["X-Nexe-Status", "forged"],
      ["mtime", "5"],
      ["Connection", "close"],
      ["X-Object-Sysmeta-Slo-Etag", "x"],
      ["X-Backend-Timestamp", "x"],
      ["X-Zerovm-Execute", "1.0"],
    );
    expect(told).toEqual({
      kind: "output",
      status: 201,
      contentType: "image/png",
      metadata: { color: "Red" },
      headers: [
        ["X-Object-Meta-Color", "Red"],
        ["X-Shop", "1"],
        ["Content-Length", "5"],
        ["X-Zerovm-Execute", "1.0"],
      ],
    });
  });

  it("has the type of the channel where the program names none", () => {
    expect(output()).toMatchObject({ contentType: "text/html" });
    expect(output(["Content-Type", ""])).toMatchObject({ contentType: "text/html" });
  });

  it("keeps a status that was not set unset", () => {
    expect(outputOf({ kind: "head", headers: [], bodyOffset: 0 }, "a/b")).not.toHaveProperty(
      "status",
    );
  });

  const items = (count: number, value: string) =>
    Array.from({ length: count }, (_, at) => [`X-Object-Meta-${at}`, value] as const);

  it.each([
    [[["X-Object-Meta-", "1"]], "400 Metadata name cannot be empty"],
    [[[`X-Object-Meta-${"n".repeat(129)}`, "1"]], `400 Metadata name too long: ${"n".repeat(129)}`],
    [[["X-Object-Meta-A", "v".repeat(257)]], "400 Metadata value longer than 256: a"],
    [items(91, "1"), "400 Too many metadata items; max 90"],
    [items(17, "v".repeat(250)), "400 Total metadata too large; max 4096"],
    [[["X-A", "v".repeat(HEADER_BYTES_MAX + 1)]], "400 Header value too long: X-A"],
  ] as [(readonly [string, string])[], string][])(
    "refuses what Swift would not take: %#",
    (headers, expected) => {
      expect(output(...headers)).toBe(expected);
    },
  );

  it("takes what is just within the limits", () => {
    expect(output(...items(90, "1"))).toMatchObject({ kind: "output" });
    const longest = [`X-Object-Meta-${"n".repeat(128)}`, "v".repeat(256)] as const;
    expect(output(longest, ["X-A", "v".repeat(HEADER_BYTES_MAX)])).toMatchObject({
      kind: "output",
    });
  });
});
