import { createCipheriv, createDecipheriv } from "node:crypto";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HostIoError, textOf } from "../base/index.ts";
import { FakeConnection } from "./fake-connection.ts";
import { FakeHost } from "./fake-host.ts";
import { PendingWrites } from "./pending-writes.ts";
import type { Seal } from "./wire.ts";
import { wireReader, wireWriter } from "./wire-backend.ts";
import { PeerFailure } from "./wire-failure.ts";

function sealWith(fill: number): Seal {
  const key = new Uint8Array(32).fill(fill);
  const nonce = (number: bigint): Uint8Array => {
    const bytes = Buffer.alloc(12);
    bytes.writeBigUInt64BE(number, 4);
    return bytes;
  };
  return {
    tagBytes: 16,
    seal(number, head, body, into) {
      const cipher = createCipheriv("aes-256-gcm", key, nonce(number)).setAAD(head);
      into.set(Buffer.concat([cipher.update(body), cipher.final(), cipher.getAuthTag()]));
    },
    open(number, head, sealed, into) {
      const open = createDecipheriv("aes-256-gcm", key, nonce(number)).setAAD(head);
      open.setAuthTag(sealed.subarray(-16));
      into.set(open.update(sealed.subarray(0, -16)));
      try {
        open.final();
        return true;
      } catch {
        return false;
      }
    },
  };
}

const SEALS = { writer: sealWith(1), reader: sealWith(2) };

function ends(connection: FakeConnection, seals?: typeof SEALS) {
  const pending = new PendingWrites(new FakeHost());
  const common = { pending, crc32, ...(seals !== undefined && { seals }) };
  return {
    writer: wireWriter({
      ...common,
      wire: connection.writing,
      peer: "node reader",
      source: { alias: "/dev/out/reader", index: 0, isOnly: true },
    }),
    reader: wireReader({
      ...common,
      wire: connection.reading,
      peer: "node writer",
      source: { alias: "/dev/in/writer", index: 0, isOnly: true },
    }),
  };
}

function readAll(reader: ReturnType<typeof ends>["reader"], blockBytes = 1000): Uint8Array {
  const all: number[] = [];
  const block = new Uint8Array(blockBytes);
  for (;;) {
    const got = reader.read(block, 0, block.length, -1);
    if (got === 0) return Uint8Array.from(all);
    for (const byte of block.subarray(0, got)) all.push(byte);
  }
}

function failureOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(PeerFailure);
    return error instanceof PeerFailure ? textOf(error.state) : "";
  }
  throw new Error("it did not fail");
}

const WRITES = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 6 });

describe("a wire", () => {
  test.each([
    ["open", undefined],
    ["sealed", SEALS],
  ])("gives what was written, however it comes (%s)", (_, seals) => {
    fc.assert(
      fc.property(WRITES, fc.integer({ min: 1, max: 50 }), (writes, pieceBytes) => {
        const connection = new FakeConnection();
        const { writer, reader } = ends(connection, seals);
        for (const bytes of writes) writer.write(bytes, 0, bytes.length, -1);
        writer.close(0);
        connection.pieceBytes = pieceBytes;
        expect(readAll(reader, 37)).toEqual(Uint8Array.from(writes.flatMap((it) => [...it])));
        reader.close(0);
        expect(reader.peer?.closing).toEqual({ reads: 0, readBytes: 0, writes: 0 });
      }),
    );
  });

  test("has messages as the protocol says, byte for byte", () => {
    const connection = new FakeConnection();
    const { writer } = ends(connection);
    writer.write(Buffer.from("abc"), 0, 3, -1);
    writer.close(0, { hash: "md5", hex: "900150983cd24fb0d6963f7d28e17f72" });
    expect(Buffer.from(connection.sent).toString("hex")).toBe(
      [
        "0100000000000003",
        "616263",
        "020000000000001e",
        "0000000000000003",
        "01352441c2",
        "01900150983cd24fb0d6963f7d28e17f72",
      ].join(""),
    );
  });

  test("cuts what is large into messages of 64 KiB", () => {
    const connection = new FakeConnection();
    const { writer, reader } = ends(connection);
    const bytes = new Uint8Array(150_000).map((_, at) => at % 251);
    writer.write(bytes, 0, bytes.length, -1);
    expect(connection.sent.length).toBe(150_000 + 3 * 8);
    writer.close(0);
    expect(readAll(reader, 100_000)).toEqual(bytes);
  });

  test("compares digests where both sides have one and all was read", () => {
    const digest = { hash: "md5", hex: "0".repeat(32) } as const;
    for (const [own, wanted, fails] of [
      [digest, 3, true],
      [undefined, 3, false],
      [{ ...digest, hash: "sha1" } as const, 3, false],
      [digest, 1, false],
    ] as const) {
      const { writer, reader } = ends(new FakeConnection());
      writer.write(Buffer.from("abc"), 0, 3, -1);
      writer.close(0, { hash: "md5", hex: "900150983cd24fb0d6963f7d28e17f72" });
      reader.read(new Uint8Array(wanted), 0, wanted, -1);
      const close = (): void => reader.close(0, own);
      if (fails) expect(failureOf(close)).toBe("/dev/in/writer;0 corrupted upon eof");
      else close();
    }
  });
});

describe("a reader", () => {
  test("names the writer that closed before the end, wherever that was", () => {
    const whole = new FakeConnection();
    const { writer } = ends(whole);
    writer.write(new Uint8Array(100), 0, 100, -1);
    writer.close(0);
    for (let size = 0; size < whole.sent.length; size += 1) {
      const cut = new FakeConnection();
      cut.sent.push(...whole.sent.slice(0, size));
      const { reader } = ends(cut);
      expect(failureOf(() => readAll(reader))).toBe(
        "/dev/in/writer lost node writer: it ended before the end of what it writes",
      );
    }
  });

  test.each([
    ["open", undefined],
    ["sealed", SEALS],
  ])("takes no message in which a bit is another (%s)", (_, seals) => {
    const whole = new FakeConnection();
    const { writer } = ends(whole, seals);
    writer.write(Buffer.from("some bytes"), 0, 10, -1);
    writer.close(0);
    for (let at = 0; at < whole.sent.length; at += 1) {
      const changed = new FakeConnection();
      changed.sent.push(...whole.sent);
      changed.sent[at] = (changed.sent[at] ?? 0) ^ 0x10;
      const { reader } = ends(changed, seals);
      expect(failureOf(() => readAll(reader))).toMatch(/corrupted upon eof|lost node writer/);
    }
  });

  test("ends in one clear failure whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const connection = new FakeConnection();
        connection.sent.push(...bytes);
        expect(failureOf(() => readAll(ends(connection).reader))).toMatch(/lost|corrupted/);
      }),
    );
  });

  test("does not take sealed messages out of their order", () => {
    const connection = new FakeConnection();
    const { writer, reader } = ends(connection, SEALS);
    writer.write(Buffer.from("one"), 0, 3, -1);
    const first = connection.sent.splice(0);
    writer.write(Buffer.from("two"), 0, 3, -1);
    connection.sent.push(...first);
    expect(failureOf(() => readAll(reader))).toMatch(/what it sent is no message/);
  });

  test("has not lost its peer where only its own time is over", () => {
    const over = new HostIoError("ETIMEDOUT", "over");
    const connection = new FakeConnection();
    const { reader } = ends(connection);
    connection.sent.splice = () => {
      throw over;
    };
    expect(() => readAll(reader)).toThrow(over);
  });
});

describe("a session that ends", () => {
  test.each([
    ["open", undefined],
    ["sealed", SEALS],
  ])("tells and takes what it can, in pieces of any size (%s)", (_, seals) => {
    fc.assert(
      fc.property(WRITES, fc.integer({ min: 1, max: 50 }), (writes, pieceBytes) => {
        const [connection, shown] = [new FakeConnection(), new FakeConnection()];
        connection.roomBytes = pieceBytes;
        const { writer } = ends(connection, seals);
        const { reader } = ends(shown, seals);
        for (const bytes of writes) writer.write(bytes, 0, bytes.length, -1);
        while (writer.peer?.advance() === true) {
          // Each time it goes on where it stopped.
        }
        writer.close(0);
        while (connection.sent.length > 0) {
          expect(reader.peer?.advance()).toBe(true);
          shown.sent.push(...connection.sent.splice(0, pieceBytes));
        }
        expect(reader.peer?.advance()).toBe(false);
        reader.close(0);
        const readBytes = writes.reduce((sum, { length }) => sum + length, 0);
        expect(reader.peer?.closing).toEqual({
          reads: readBytes > 0 ? 2 : 1,
          readBytes,
          writes: 0,
        });
      }),
    );
  });
});

describe("a session that fails", () => {
  test.each([
    ["open", undefined],
    ["sealed", SEALS],
  ])("tells its reader why (%s)", (_, seals) => {
    const { writer, reader } = ends(new FakeConnection(), seals);
    writer.write(Buffer.from("abc"), 0, 3, -1);
    writer.peer?.break("it faulted: unreachable");
    expect(failureOf(() => readAll(reader))).toBe(
      "/dev/in/writer lost node writer: it faulted: unreachable",
    );
  });

  test.each([
    ["open", undefined],
    ["sealed", SEALS],
  ])("tells its writer why (%s)", (_, seals) => {
    const connection = new FakeConnection();
    const { writer, reader } = ends(connection, seals);
    reader.peer?.break("its limit of time was reached");
    connection.sent.push = () => {
      throw new HostIoError("EPIPE", "EPIPE");
    };
    expect(failureOf(() => writer.write(new Uint8Array(9), 0, 9, -1))).toBe(
      "/dev/out/reader lost node reader: its limit of time was reached",
    );
  });

  test("says no more of a message that went out in part", () => {
    const connection = new FakeConnection();
    const { writer } = ends(connection);
    const push = connection.sent.push.bind(connection.sent);
    connection.sent.push = () => {
      throw new HostIoError("ECONNRESET", "ECONNRESET");
    };
    expect(failureOf(() => writer.write(new Uint8Array(9), 0, 9, -1))).toBe(
      "/dev/out/reader lost node reader: it closed the connection",
    );
    connection.sent.push = push;
    writer.peer?.break("why");
    expect(connection.sent.length).toBe(0);
  });
});
