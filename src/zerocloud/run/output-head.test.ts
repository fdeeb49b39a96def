import { expect, test } from "vitest";
import { readOutputHead } from "./output-head.ts";
import { SpooledFile } from "./spooled-file.ts";

function headOf(text: string, contentType: string) {
  const file = new SpooledFile();
  try {
    file.write(Buffer.from(text));
    return readOutputHead(file, contentType);
  } finally {
    file.close();
  }
}

test("only types that say so have a head", () => {
  expect(headOf("Status: 201 Made\n\nx", "text/html")).toBeUndefined();
  expect(headOf("Status: 201 Made\n\nx", "message/cgi; charset=x")).toMatchObject({ status: 201 });
});

test.each([
  ["HTTP/1.1 404 Not Found\nA: b\n\nx", { status: 404, headers: [["A", "b"]], bodyStartBytes: 29 }],
  ["HTTP/1.0 200 OK\r\n\r\n", { status: 200, headers: [], bodyStartBytes: 19 }],
  ["HTTP/1.1 200\n\n", { status: 200, headers: [], bodyStartBytes: 14 }],
  ["HTTP/1.1 200 OK\nStatus: 500 No\n\n", { status: 500 }],
  [
    "HTTP/1.1 200 OK\nContent-Type: a/b\nX-Nexe-Etag: x\nmtime: 1\n\n",
    { contentType: "a/b", headers: [] },
  ],
  ["no status line\n\nx", undefined],
  ["HTTP/1.1 999 No\n\n", undefined],
  ["HTTP/1.1 200 OK\nno header\n\n", undefined],
  ["HTTP/1.1 200 OK\nA: b\n", undefined],
  ["", undefined],
])("message/http %j", (text, head) => {
  const found = headOf(text, "message/http");
  if (head === undefined) expect(found).toBeUndefined();
  else expect(found).toMatchObject(head);
});

test("message/cgi has no line of its own", () => {
  expect(headOf("Content-Type: a/b\nX-Object-Meta-K: ü\n\nbody", "message/cgi")).toEqual({
    kind: "output",
    contentType: "a/b",
    metadata: { k: "ü" },
    headers: [["X-Object-Meta-K", "ü"]],
    bodyStartBytes: 39,
  });
  expect(headOf("just text\n\nmore", "message/cgi")).toBeUndefined();
});

test("a head without an end is none, however long", () => {
  expect(headOf(`A: ${"x".repeat(100_000)}`, "message/cgi")).toBeUndefined();
});

test("a head beyond the limits of Swift is refused", () => {
  const head = `X-Object-Meta-${"k".repeat(200)}: v\n\nbody`;
  expect(headOf(head, "message/cgi")).toMatchObject({
    kind: "refusal",
    status: 400,
    text: expect.stringContaining("Metadata name too long"),
  });
});
