import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changedAt, fullOrder, placesOf, REMOVED } from "../../../test/support/orders.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { ZvmError } from "../../base/index.ts";
import { encodeMembers, type Order } from "../cell/index.ts";
import { openRecord } from "./open-record.ts";
import { RECORD_HEADER } from "./record.ts";
import { writeRecord } from "./write-record.ts";

const newFolder = temporaryFolders();
const HASH = "0123456789abcdef".repeat(4);
const EXPECTED = {
  outcome: "exit 0",
  fuel: "12",
  traceHash: HASH,
  channels: [{ alias: "/dev/stdin", putBytes: 0, digest: HASH }],
  etags: [],
};

/** The order of a replay: its descriptors are its parts, and its channels have no others. */
function replayOrder(): Order {
  const { recording: _recording, traceLog: _traceLog, nexe, ...order } = fullOrder();
  if (nexe === undefined) throw new Error("The order has a Native Client program");
  return {
    ...order,
    program: { fd: 0, sizeBytes: 5 },
    nexe: { ...nexe, further: { program: { fd: 1, sizeBytes: 4 } } },
    images: order.images.map((image) => ({ ...image, fd: 2, sizeBytes: 7 })),
    replay: { fd: 3, sizeBytes: 3 },
    channels: order.channels.map((channel) => ({
      ...channel,
      sources: [{ kind: "replayed", of: "stream", interactive: true }],
    })),
  };
}

function recordIn(folder: string): string {
  const path = join(folder, "record");
  const order = replayOrder();
  const [image] = order.images;
  if (image === undefined) throw new Error("The order has an image");
  writeRecord(path, {
    order,
    expected: EXPECTED,
    parts: [
      { name: "program", bytes: Buffer.from("12345") },
      { name: "nexe", bytes: Buffer.from("nexe") },
      { name: "archive", bytes: Buffer.from("archive") },
      { name: "members", bytes: encodeMembers(image.members) },
      { name: "intake", bytes: Buffer.from("in\n") },
      { name: "trace", bytes: Buffer.from("calls") },
    ],
  });
  return path;
}

/** A record with another index. */
function withIndex(bytes: Buffer, change: (index: unknown) => unknown): Buffer {
  const start = RECORD_HEADER.length + 4;
  const end = start + bytes.readUInt32LE(RECORD_HEADER.length);
  const index = change(JSON.parse(bytes.toString("utf8", start, end)));
  const text = Buffer.from(JSON.stringify(index) ?? "");
  const size = Buffer.alloc(4);
  size.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from(RECORD_HEADER), size, text, bytes.subarray(end)]);
}

describe("a record", () => {
  test("comes back as it was written", () => {
    const opened = openRecord(recordIn(newFolder()));
    expect(opened.order).toEqual(replayOrder());
    expect(opened.expected).toEqual(EXPECTED);
    const texts = opened.files.map((_, index) => {
      let text = "";
      opened.read(index, (piece) => {
        text += Buffer.from(piece).toString();
      });
      return text;
    });
    expect(texts).toEqual(["12345", "nexe", "archive", "in\n", "calls"]);
    opened.close();
  });

  test.each([
    ["nothing", () => Buffer.alloc(0), "too short"],
    ["another file", () => Buffer.alloc(100, "x"), "does not begin with 'zerovm record 1'"],
    ["a cut index", (bytes: Buffer) => bytes.subarray(0, 100), "ends before its index"],
    ["a cut part", (bytes: Buffer) => bytes.subarray(0, -1), "its parts need"],
    ["more than its parts", (b: Buffer) => Buffer.concat([b, b]), "its parts need"],
    ["no JSON", (b: Buffer) => withIndex(b, () => undefined), "The index is no JSON"],
  ])("that is %s is refused", (_name, change, message) => {
    const path = recordIn(newFolder());
    writeFileSync(path, change(readFileSync(path)));
    expect(() => openRecord(path)).toThrow(message);
  });

  test.each([
    [["order", "version"], 1, "another version"],
    [["order", "program", "fd"], 1, "does not fit its parts"],
    [["order", "program", "sizeBytes"], 6, "does not fit its parts"],
    [["order", "nexe", "further", "program", "fd"], 2, "does not fit its parts"],
    [["order", "nexe", "further", "translator"], { fd: 1, sizeBytes: 4 }, "does not fit its parts"],
    [["order", "replay"], REMOVED, "has no replay"],
    [["order", "traceLog"], { fd: 3, bytesMax: 1 }, "does not fit its parts"],
    [["parts", "5", "name"], "intake", "does not fit its parts"],
    [["parts", "3", "name"], "archive", "has no members for an image"],
    [["parts", "3", "sha256"], HASH, "is damaged: its members"],
    [["expected", "channels", "0", "digest"], "x", "is no hash"],
    [["expected", "fuel"], "-1", "is no decimal number"],
  ])("with %j changed to %j is refused", (place, change, message) => {
    const path = recordIn(newFolder());
    writeFileSync(
      path,
      withIndex(readFileSync(path), (index) => changedAt(index, place, change)),
    );
    expect(() => openRecord(path)).toThrow(message);
  });

  test("with a source of the host in its order is refused", () => {
    const path = recordIn(newFolder());
    const place = ["order", "channels", "0", "sources", "0"];
    const source = { kind: "file", fd: 0, readAhead: true, cut: false, resize: [] };
    writeFileSync(
      path,
      withIndex(readFileSync(path), (index) => changedAt(index, place, source)),
    );
    expect(() => openRecord(path)).toThrow("does not fit its parts");
  });

  test("whose part was changed is told when the part is read", () => {
    const path = recordIn(newFolder());
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = 0;
    writeFileSync(path, bytes);
    const opened = openRecord(path);
    expect(() => opened.read(4, () => undefined)).toThrow("is damaged: its trace");
    opened.close();
  });
});

test("whatever is changed in a record, it is opened or refused with one clear error", () => {
  const folder = newFolder();
  const good = readFileSync(recordIn(folder));
  const start = RECORD_HEADER.length + 4;
  const end = start + good.readUInt32LE(RECORD_HEADER.length);
  const index: unknown = JSON.parse(good.toString("utf8", start, end));
  const values = fc.oneof(fc.constant(REMOVED), fc.constantFrom(null, -1, 2 ** 60, "", [], {}));
  const inIndex = fc
    .tuple(fc.constantFrom(...placesOf(index).filter(({ length }) => length > 0)), values)
    .map(([place, value]) => withIndex(good, (found) => changedAt(found, place, value)));
  const inBytes = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = Buffer.from(good);
    bytes[at] = byte;
    return bytes;
  });
  const path = join(folder, "changed");
  fc.assert(
    fc.property(fc.oneof(inIndex, inBytes), (bytes) => {
      writeFileSync(path, bytes);
      try {
        openRecord(path).close();
      } catch (error) {
        expect(error).toBeInstanceOf(ZvmError);
        expect((error as ZvmError).code).toBe("ZVM_RECORD");
      }
    }),
    { numRuns: 300 },
  );
});
