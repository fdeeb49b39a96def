import { createHash } from "node:crypto";
import { closeSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { freePort } from "../../../test/support/free-ports.ts";
import { COPYING_GUEST, writingGuest } from "../../../test/support/guests.ts";
import { LOCAL, sourceAt } from "../../../test/support/network-sources.ts";
import { channel, channelsWith, manifestFor } from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import type { ChannelDeclaration } from "../manifest/index.ts";
import { reachWire } from "../network/index.ts";
import type { Report } from "../report/index.ts";
import { replay } from "./replay-record.ts";
import type { SessionRequest } from "./request.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();

function wired(port: number, access: "ro" | "wo", etag = false): ChannelDeclaration {
  const alias = access === "ro" ? "/dev/stdin" : "/dev/stdout";
  return channel(alias, "", access, { sources: [sourceAt(port)], etag });
}

function run(
  channels: readonly ChannelDeclaration[],
  request: Partial<SessionRequest> = {},
  program = COPYING_GUEST,
): Promise<Report> {
  const manifest = manifestFor(newFolder(), program, { channels: channelsWith(...channels) });
  return runSession({ manifest, ...request });
}

function message(kind: number, body: Uint8Array): Uint8Array {
  const head = Buffer.alloc(8);
  head[0] = kind;
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** The end of a wire that says so many bytes, this sum of them and this digest. */
function end(sizeBytes: number, sum: number, digest: Uint8Array = new Uint8Array(0)): Uint8Array {
  const body = Buffer.alloc(14);
  body.writeBigUInt64BE(BigInt(sizeBytes));
  body[8] = 1;
  body.writeUInt32BE(sum, 9);
  body[13] = digest.length === 20 ? 2 : 0;
  return message(2, Buffer.concat([body, digest]));
}

const TEXT = Buffer.from("what a writer says");
const DATA = message(1, TEXT);
const SUM = crc32(TEXT);
const DIGEST = createHash("sha1").update(TEXT).digest();

/** The session that reads what somebody says who greets as a writer does. */
async function told(bytes: readonly Uint8Array[], etag: boolean): Promise<[Report, string]> {
  const port = await freePort();
  const out = join(newFolder(), "out");
  writeFileSync(out, "");
  const reading = run([wired(port, "ro", etag), channel("/dev/stdout", out, "wo")]);
  const { fd } = await reachWire({ host: LOCAL, port, name: "0>0" });
  writeSync(fd, Buffer.concat(bytes));
  closeSync(fd);
  return [await reading, readFileSync(out, "utf8")];
}

describe("a session that reads from the network", () => {
  test.each([
    ["without a digest", [DATA, end(TEXT.length, SUM)], true],
    ["with the digest of all it read", [DATA, end(TEXT.length, SUM, DIGEST)], true],
    ["with a digest that nobody asked for", [DATA, end(TEXT.length, SUM, DIGEST.fill(1))], false],
  ])("knows an end %s", async (_, bytes, etag) => {
    const [{ outcome }, text] = await told(bytes, etag);
    expect(outcome).toEqual({ kind: "exited", code: 0 });
    expect(text).toBe(String(TEXT));
  });

  test.each([
    [
      "another digest",
      [DATA, end(TEXT.length, SUM, Buffer.alloc(20, 7))],
      /;0 corrupted upon eof$/,
    ],
    ["another sum", [DATA, end(TEXT.length, SUM + 1)], /;0 corrupted upon eof$/],
    ["fewer bytes than it says", [DATA, end(TEXT.length + 1, SUM)], /;0 corrupted upon eof$/],
    ["no end at all", [DATA], /^\/dev\/stdin lost 127\.0\.0\.1:\d+: /],
    [
      "no messages",
      [Buffer.from("GET / HTTP/1.1\r\n\r\n")],
      /^\/dev\/stdin lost 127\.0\.0\.1:\d+: /,
    ],
  ])("is lost where what came has %s", async (_, bytes, state) => {
    const [{ outcome, classic }] = await told(bytes, true);
    expect(outcome).toMatchObject({ kind: "lost", cause: "peer" });
    expect(classic.state).toMatch(state);
    expect(classic.exitCode).toBe(32);
  });
});

test("what a session read from the network is in its record, and comes again", async () => {
  const port = await freePort();
  const record = join(newFolder(), "session.record");
  const [read] = await Promise.all([
    run([wired(port, "ro"), channel("/dev/stdout", join(newFolder(), "out"), "wo")], { record }),
    run([wired(port, "wo")], {}, writingGuest("once over the network")),
  ]);
  expect(read?.warnings).toEqual([]);
  // Nobody writes any more, and nobody listens.
  const again = await replay({ path: record });
  expect(again.verified).toEqual({ agrees: true });
  expect(again.traceHash).toBe(read?.traceHash);
});
