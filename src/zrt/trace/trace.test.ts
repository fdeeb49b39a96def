import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hex, sha256, TestGuest } from "../../../test/support/guest-harness.ts";
import type { Hash } from "../../base/index.ts";
import { Trace } from "./trace.ts";

/** Keeps what would be hashed, as hex. */
class Recording implements Hash {
  readonly pieces: number[] = [];
  updates = 0;

  update(bytes: Uint8Array): void {
    this.updates += 1;
    for (const byte of bytes) this.pieces.push(byte);
  }

  digestHex(): string {
    return Buffer.from(this.pieces).toString("hex");
  }
}

const HEADER = Buffer.from("zerovm trace 1\n").toString("hex");

function recorded(steps: (trace: Trace) => void): string {
  const hash = new Recording();
  const trace = new Trace(hash);
  steps(trace);
  const whole = trace.finish([]);
  expect(whole.startsWith(HEADER)).toBe(true);
  return whole.slice(HEADER.length).replace(/../gu, "$& ").trim();
}

describe("the records, byte by byte", () => {
  const memory = new Uint8Array([9, 0x61, 0x62, 0x63, 9]);

  test.each<[string, (trace: Trace) => void, string]>([
    ["nothing", () => {}, ""],
    ["a call without arguments", (trace) => trace.call(0x0129), "01 29 01"],
    [
      "a call with an i32 and an i64",
      (trace) => {
        trace.call(6);
        trace.argument(-1);
        trace.argument(-2n);
      },
      "01 06 00 ff ff ff ff fe ff ff ff ff ff ff ff",
    ],
    [
      "a call with four i32",
      (trace) => trace.call4(27, 1, 0x1234, 2 ** 31, -1),
      "01 1b 00 01 00 00 00 34 12 00 00 00 00 00 80 ff ff ff ff",
    ],
    ["bytes written", (trace) => trace.wrote(memory, 1, 3), "02 01 00 00 00 03 00 00 00 61 62 63"],
    ["a word written", (trace) => trace.wroteU32(8, 5), "02 08 00 00 00 04 00 00 00 05 00 00 00"],
    ["data in", (trace) => trace.dataIn(0x10, 0x20), "03 10 00 00 00 20 00 00 00"],
    ["data out", (trace) => trace.dataOut(0x10, 0xffffffff), "04 10 00 00 00 ff ff ff ff"],
    ["a result", (trace) => trace.result(28), "05 1c"],
    [
      "a point",
      (trace) => {
        const summary = { alias: "a", gets: 1, getBytes: 2, puts: 0, putBytes: 0, digest: "d" };
        trace.point([summary]);
      },
      "06 00 00 00 00 0b 00 00 00 61 00 31 00 32 00 30 00 30 00 64 07",
    ],
  ])("%s", (_name, steps, expected) => {
    expect(recorded(steps)).toBe(expected);
  });

  test("channels end it, each as text with NULs", () => {
    const hash = new Recording();
    const traffic = { gets: 1, getBytes: 2, puts: 30, putBytes: 4 };
    const whole = new Trace(hash).finish([
      { alias: "/a", ...traffic, digest: "ff" },
      { alias: "/b", ...traffic },
    ]);
    const text = (alias: string, digest: string): string => {
      const fields = Buffer.from([alias, 1, 2, 30, 4, digest].join("\0"));
      return `06000000000${fields.length.toString(16)}000000${fields.toString("hex")}`;
    };
    expect(whole).toBe(HEADER + text("/a", "ff") + text("/b", "-"));
  });

  test("what is longer than the buffer is hashed all the same", () => {
    const bytes = new Uint8Array(200_000).map((_, index) => index % 251);
    const hash = new Recording();
    const trace = new Trace(hash);
    trace.call(42);
    trace.wrote(bytes, 0, 70_000);
    trace.wrote(bytes, 0, 60_000);
    trace.wrote(bytes, 0, 6_000);
    trace.result(0);
    trace.finish([]);
    expect(hash.pieces).toHaveLength(15 + 3 + 3 * 9 + 136_000 + 2);
    expect(hash.pieces.slice(15 + 3 + 9, 15 + 3 + 9 + 70_000)).toEqual([...bytes.slice(0, 70_000)]);
  });

  test("what is longer than a digest takes at once goes to it in pieces", () => {
    const sizes: number[] = [];
    const hash: Hash = { update: (bytes) => void sizes.push(bytes.length), digestHex: () => "" };
    // Never touched, so that it takes no memory of the machine.
    const memory = new Uint8Array(2 ** 31 + 20);
    new Trace(hash).wrote(memory, 10, 2 ** 31 + 5);
    expect(sizes).toEqual([15, 9, 2 ** 30, 2 ** 30, 5]);
  });

  test("many records go to the hash by the bufferful, none is lost", () => {
    const hash = new Recording();
    const trace = new Trace(hash);
    for (let count = 0; count < 20_000; count++) {
      trace.call4(27, 1, 2, 3, 4);
      trace.dataOut(1, 2);
      trace.wroteU32(3, 4);
      trace.result(0);
    }
    for (let count = 0; count < 40_000; count++) trace.call(41);
    for (let count = 0; count < 40_000; count++) trace.result(0);
    trace.finish([]);
    expect(hash.pieces).toHaveLength(15 + 20_000 * (19 + 9 + 13 + 2) + 40_000 * 5);
    expect(hash.updates).toBeLessThan(30);
  });
});

describe("the hash of a session", () => {
  interface World {
    readonly stdin?: string;
    readonly contents?: string;
  }

  function traceOf(steps: (guest: TestGuest) => void, { stdin, contents }: World = {}): string {
    const guest = new TestGuest({ stdin: stdin ?? "input", args: ["prog"] });
    guest.file("f", contents ?? "contents");
    steps(guest);
    const channels = guest.channels.map((channel) => channel.close());
    return guest.trace.finish(channels);
  }

  function usual(guest: TestGuest): void {
    guest.read(0, 5);
    guest.read(guest.opened("f"), 5);
    guest.unchecked("clock_time_get", [0, 0n, 8]);
    guest.write(1, "out");
  }

  test("is the same for the same run", () => {
    expect(traceOf(usual)).toBe(traceOf(usual));
    expect(traceOf(usual)).toMatch(/^[0-9a-f]{64}$/u);
  });

  test("of nothing is that of the header", () => {
    const header = sha256();
    header.update(new TextEncoder().encode("zerovm trace 1\n"));
    expect(new Trace(sha256()).finish([])).toBe(header.digestHex());
  });

  test.each<[string, (guest: TestGuest) => void, World?]>([
    ["one more call", (guest) => void [usual(guest), guest.unchecked("sched_yield")]],
    [
      "one more look at the clock",
      (guest) => [guest.unchecked("clock_time_get", [0, 0n, 8]), usual(guest)],
    ],
    ["one changed byte read from a file", usual, { contents: "cOntents" }],
    ["less to read from a channel", usual, { stdin: "inpu" }],
    ["one byte more written", (guest) => [usual(guest), guest.write(1, "x")]],
  ])("differs with %s", (_name, steps, world = {}) => {
    expect(traceOf(steps, world)).not.toBe(traceOf(usual));
  });

  test("differs with a changed byte of a channel, where the channel has a digest", () => {
    const channels = (digest: string) => [
      { alias: "/dev/stdin", gets: 1, getBytes: 5, puts: 0, putBytes: 0, digest },
    ];
    const [one, other] = ["aa", "ab"].map((digest) => new Trace(sha256()).finish(channels(digest)));
    expect(one).not.toBe(other);
  });

  test.each<[string, Step[], Step[]]>([
    [
      "two swapped calls",
      [
        ["sched_yield", []],
        ["fd_sync", [1]],
      ],
      [
        ["fd_sync", [1]],
        ["sched_yield", []],
      ],
    ],
    ["another argument", [["fd_advise", [4, 1n, 0n, 0]]], [["fd_advise", [4, 2n, 0n, 0]]]],
    [
      "another errno",
      [
        ["fd_close", [3]],
        ["fd_sync", [3]],
      ],
      [
        ["fd_sync", [3]],
        ["fd_sync", [3]],
      ],
    ],
    ["another module", [["fd_tell", [1, 8]]], [["fd_seek", [1, 0n, 1, 8]]]],
    [
      "preview0 for preview1",
      [["fd_filestat_get", [1, 8]]],
      [["unstable.fd_filestat_get", [1, 8]]],
    ],
    ["another place of the result", [["fd_tell", [1, 8]]], [["fd_tell", [1, 16]]]],
  ])("differs with %s", (_name, one, other) => {
    const run = (steps: Step[]) => (guest: TestGuest) => {
      for (const [name, args] of steps) guest.unchecked(name, args);
    };
    expect(traceOf(run(one))).not.toBe(traceOf(run(other)));
    expect(traceOf(run(one))).toBe(traceOf(run(one)));
  });

  test("random bytes of a device enter it as they are, another seed is another hash", () => {
    const hashOf = (seed: bigint): string => {
      const guest = new TestGuest({ seed });
      guest.read(guest.opened("dev/urandom"), 16);
      return guest.trace.finish([]);
    };
    expect(hashOf(1n)).toBe(hashOf(1n));
    expect(hashOf(1n)).not.toBe(hashOf(2n));
  });

  test("of the example in the documentation is over the bytes that stand there", () => {
    const url = new URL("../../../docs/reference/trace-hash.md", import.meta.url);
    const [, example = ""] = readFileSync(url, "utf8").split("```");
    const lines = example.trim().split("\n");
    const stream = lines.map((line) => /^(?:[0-9a-f]{2} )+/u.exec(line)?.[0] ?? "").join("");
    const hash = sha256();
    hash.update(new Uint8Array(hex(stream)));
    const guest = new TestGuest();
    guest.bytes.set(hex("00 04 00 00 02 00 00 00"), 16);
    guest.unchecked("fd_write", [1, 16, 1, 32]);
    expect(() => guest.unchecked("proc_exit", [0])).toThrow("exit 0");
    expect(guest.trace.finish([])).toBe(hash.digestHex());
  });

  test("an exit is the last record, with its code", () => {
    const exit = (code: number): string =>
      traceOf((guest) => {
        expect(() => guest.unchecked("proc_exit", [code])).toThrow(`exit ${code}`);
      });
    expect(exit(1)).not.toBe(exit(2));
    expect(exit(1)).not.toBe(traceOf(() => {}));
  });
});

type Step = readonly [name: string, args: readonly (number | bigint)[]];
