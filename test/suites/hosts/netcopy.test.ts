import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Line, type LineOptions, newLine, type SessionEnd } from "./line.ts";

const SIZE_BYTES = 32 * 2 ** 20;

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Every session ended in order, and nothing of it is left. */
async function expectAllWell(line: Line, ends: readonly SessionEnd[]): Promise<void> {
  expect(ends).toEqual(
    ends.map(() => expect.objectContaining({ status: 0, stdout: "", stderr: "" })),
  );
  expect(ends.map(({ report }) => report["outcome"])).toEqual(
    ends.map(() => expect.objectContaining({ kind: "exited", code: 0 })),
  );
  expect(await line.leftovers()).toEqual([]);
}

/** 32 MiB of random bytes pass three hosts, and arrive. */
async function copy(line: Line, options: LineOptions): Promise<void> {
  const bytes = randomBytes(SIZE_BYTES);
  line.shell.put("in", bytes);
  const ends = await line.ends(line.start(options));
  await expectAllWell(line, ends);
  expect(digestOf(readFileSync(join(line.shell.folder, "out")))).toBe(digestOf(bytes));
  // They came over the switch, and over nothing else.
  for (const number of [2, 3]) {
    expect(line.network.receivedBytes(line.host(number))).toBeGreaterThan(SIZE_BYTES);
  }
}

describe("32 MiB of random bytes over three hosts", () => {
  test("by numbers, which a name server on the first host knows", async (context) => {
    const line = newLine(context);
    const server = await line.serveNames(line.host(1));
    await copy(line, { by: "number" });
    const { status, stdout, stderr } = await server.end;
    expect([status, stderr]).toEqual([0, ""]);
    for (const node of [1, 2, 3])
      expect(stdout).toContain(`node ${node} reported from 10.77.0.${node},`);
  });

  test("by addresses of IPv4", async (context) => {
    await copy(newLine(context), { by: "ipv4" });
  });

  test("by addresses of IPv6", async (context) => {
    await copy(newLine(context), { by: "ipv6" });
  });

  test("by numbers, with a key", async (context) => {
    const line = newLine(context);
    await line.serveNames(line.host(2));
    await copy(line, { by: "number", server: line.host(2), more: [line.newKey()] });
  });
});

const TEXT = "this is what nobody may read ";
const PLAIN_BYTES = 4 * 2 ** 20;

interface Watched {
  readonly frames: number;
  readonly bytes: number;
  /** Frames with the text. */
  readonly found: number;
  /** Frames that nobody could look at. */
  readonly dropped: number;
}

/** What passes the cable of the second host while a text goes along the line. */
async function watched(line: Line, options: LineOptions): Promise<Watched> {
  const script = join(import.meta.dirname, "watch_wire.py");
  const { switchName } = line.network;
  const { port } = line.host(2);
  const watcher = line.startAt(switchName, "/usr/bin/python3", script, port, TEXT);
  let printed = "";
  watcher.child.stdout?.on("data", (chunk: Buffer) => {
    printed += chunk.toString("latin1");
  });
  await expect.poll(() => printed, { timeout: 20_000 }).toBe("ready\n");
  line.shell.put("in", Buffer.alloc(PLAIN_BYTES, TEXT));
  const ends = await line.ends(line.start(options));
  watcher.child.stdin?.end();
  const { stdout, stderr } = await watcher.end;
  expect(stderr).toBe("");
  await expectAllWell(line, ends);
  expect(readFileSync(join(line.shell.folder, "out")).equals(Buffer.alloc(PLAIN_BYTES, TEXT))).toBe(
    true,
  );
  return JSON.parse(stdout.split("\n")[1] ?? "") as Watched;
}

describe("who watches the cable of a host", () => {
  test("reads all that passes without a key", async (context) => {
    const seen = await watched(newLine(context), { by: "ipv4" });
    expect(seen.dropped).toBe(0);
    // In at one end, and out at the other.
    expect(seen.bytes).toBeGreaterThan(2 * PLAIN_BYTES);
    expect(seen.found).toBeGreaterThan((2 * PLAIN_BYTES) / 65_536);
  });

  test("sees as many bytes with a key, and finds nothing in them", async (context) => {
    const line = newLine(context);
    const seen = await watched(line, { by: "ipv4", more: [line.newKey()] });
    expect(seen.dropped).toBe(0);
    expect(seen.bytes).toBeGreaterThan(2 * PLAIN_BYTES);
    expect(seen.found).toBe(0);
  });
});
