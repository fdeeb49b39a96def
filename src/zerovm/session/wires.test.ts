import { createHash } from "node:crypto";
import { readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { COPYING_GUEST, guestOf, LOOPING_GUEST } from "../../../test/support/guests.ts";
import {
  channel,
  channelsWith,
  manifestFor,
  openDescriptors,
  openedSince,
} from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { streamPair } from "../libc/index.ts";
import type { Report } from "../report/index.ts";
import type { SessionRequest, WireEnd } from "./request.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();

const KEYS = { writer: new Uint8Array(32).fill(1), reader: new Uint8Array(32).fill(2) };
const EARLY_GUEST = guestOf("(drop (call $read (i32.const 0) (i32.const 1024) (i32.const 5)))");
const FAULTING_GUEST = guestOf(
  "(drop (call $read (i32.const 0) (i32.const 1024) (i32.const 5))) (unreachable)",
);

interface Sides {
  readonly writer?: Uint8Array;
  readonly reader?: Uint8Array;
  readonly keys?: WireEnd["keys"];
  readonly readerKeys?: WireEnd["keys"];
  readonly checked?: boolean;
  readonly etag?: boolean;
  readonly input?: Uint8Array;
  readonly timeoutSeconds?: number;
}

/** Two sessions: what one writes to its standard output is the standard input of the other. */
async function connected(sides: Sides): Promise<{ reports: Report[]; output: Uint8Array }> {
  const { writer = COPYING_GUEST, reader = COPYING_GUEST, keys, readerKeys = keys } = sides;
  const {
    checked = false,
    etag = false,
    input = new Uint8Array(300_000).fill(7),
    timeoutSeconds = 20,
  } = sides;
  const [writing, reading] = streamPair();
  const folder = newFolder();
  writeFileSync(join(folder, "in"), input);
  const first = session({
    program: writer,
    wired: "/dev/stdout",
    other: channel("/dev/stdin", join(folder, "in"), "ro"),
    end: { fd: writing, name: "node reader", checked, ...(keys !== undefined && { keys }) },
    etag,
    timeoutSeconds,
  });
  const second = session({
    program: reader,
    wired: "/dev/stdin",
    other: channel("/dev/stdout", join(folder, "out"), "wo"),
    end: {
      fd: reading,
      name: "node writer",
      checked,
      ...(readerKeys !== undefined && { keys: readerKeys }),
    },
    etag,
    timeoutSeconds,
  });
  const reports = await Promise.all([runSession(first), runSession(second)]);
  return { reports, output: readFileSync(join(folder, "out")) };
}

function session(parts: {
  readonly program: Uint8Array;
  readonly wired: string;
  readonly other: ReturnType<typeof channel>;
  readonly end: WireEnd;
  readonly etag: boolean;
  readonly timeoutSeconds: number;
}): SessionRequest {
  const { program, wired, other, end, etag, timeoutSeconds } = parts;
  const access = wired === "/dev/stdin" ? "ro" : "wo";
  const manifest = manifestFor(newFolder(), program, {
    channels: channelsWith(channel(wired, "/dev/null", access, { etag }), other),
    timeoutSeconds,
  });
  return { manifest, substitutes: new Map([[wired, { kind: "wires", ends: [end] }]]) };
}

describe("two sessions with a wire between them", () => {
  test.each([
    ["open", {}],
    ["sealed", { keys: KEYS }],
    ["summed up", { checked: true }],
    ["with digests", { etag: true }],
  ])("pass on all bytes and the end (%s)", async (_, sides) => {
    const input = randomBytes(1_000_003);
    const before = openDescriptors();
    const { reports, output } = await connected({ ...sides, input });
    expect(reports.map(({ outcome }) => outcome)).toEqual([
      { kind: "exited", code: 0 },
      { kind: "exited", code: 0 },
    ]);
    expect(Buffer.compare(output, input)).toBe(0);
    await expect.poll(() => openedSince(before)).toEqual([]);
  });

  test("account for the end as for an operation of no bytes", async () => {
    const { reports } = await connected({ input: new Uint8Array(10_000) });
    expect(reports[0]?.channels[1]).toMatchObject({
      puts: 3,
      hostWrites: 4,
      hostWriteBytes: 10_000,
    });
    expect(reports[1]?.channels[0]).toMatchObject({ hostReads: 4, hostReadBytes: 10_000 });
  });

  test("let the writer end although the reader wanted only the beginning", async () => {
    const { reports } = await connected({ reader: EARLY_GUEST, input: randomBytes(3_000_000) });
    expect(reports.map(({ outcome }) => outcome.kind)).toEqual(["exited", "exited"]);
    expect(reports[1]?.channels[0]).toMatchObject({
      gets: 1,
      getBytes: 5,
      hostReadBytes: 3_000_000,
    });
  });

  test("give the same traces in every run", async () => {
    const runs = [await connected({}), await connected({})];
    const hashes = runs.map(({ reports }) => reports.map(({ traceHash }) => traceHash));
    expect(hashes[0]).toEqual(hashes[1]);
    expect(hashes[0]?.[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a session that loses the one at the other end of a wire", () => {
  test("reads why the writer failed, and names it", async () => {
    const { reports } = await connected({ writer: FAULTING_GUEST });
    expect(reports[0]?.outcome).toMatchObject({ kind: "faulted", fault: "unreachable" });
    expect(reports[1]?.outcome).toMatchObject({
      kind: "lost",
      cause: "peer",
      message: "/dev/stdin lost node writer: it faulted: unreachable",
    });
  });

  test("hears while it writes why the reader failed", async () => {
    const { reports } = await connected({
      reader: FAULTING_GUEST,
      input: new Uint8Array(5_000_000),
    });
    expect(reports[0]?.outcome).toMatchObject({
      kind: "lost",
      cause: "peer",
      message: "/dev/stdout lost node reader: it faulted: unreachable",
    });
  });

  test("ends when the writer reaches its time limit", async () => {
    const { reports } = await connected({ writer: LOOPING_GUEST, timeoutSeconds: 1 });
    expect(reports[0]?.outcome).toEqual({ kind: "limited", limit: "time" });
    expect(reports[1]?.outcome.kind).toMatch(/limited|lost/);
  });

  test.each([
    ["other keys", { keys: KEYS, readerKeys: { ...KEYS, writer: KEYS.reader } }],
    ["no keys", { readerKeys: KEYS }],
  ])("takes nothing that was sealed with %s", async (_, sides) => {
    const { reports, output } = await connected(sides);
    expect(reports[1]?.outcome).toMatchObject({ kind: "lost", cause: "peer" });
    expect(output.length).toBe(0);
  });
});

test("a session that is refused lets go of its wires", async () => {
  const [one, other] = streamPair();
  const request = session({
    program: new Uint8Array([1, 2, 3]),
    wired: "/dev/stdin",
    other: channel("/dev/stdout", "/dev/null", "wo"),
    end: { fd: one, name: "node writer" },
    etag: false,
    timeoutSeconds: 5,
  });
  expect((await runSession(request)).outcome.kind).toBe("refused");
  expect(readSync(other, new Uint8Array(1))).toBe(0);
});

function randomBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = createHash("sha256").update("wires").digest();
  for (let at = 0; at < size; at += state.length) {
    state = createHash("sha256").update(state).digest();
    bytes.set(state.subarray(0, Math.min(state.length, size - at)), at);
  }
  return bytes;
}
