import { createHash } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freePort } from "../../../test/support/free-ports.ts";
import { COPYING_GUEST, guestOf, writingGuest } from "../../../test/support/guests.ts";
import { LOCAL, sourceAt } from "../../../test/support/network-sources.ts";
import {
  channel,
  channelsWith,
  manifestFor,
  openDescriptors,
  openedSince,
} from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import type { ChannelDeclaration, Manifest, Source } from "../manifest/index.ts";
import { formatReportText, type Report } from "../report/index.ts";
import type { SessionRequest } from "./request.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();

type Fields = Partial<ChannelDeclaration>;

function reading(sources: readonly Source[], fields: Fields = {}): ChannelDeclaration {
  return channel("/dev/stdin", "", "ro", { sources, ...fields });
}

function writing(sources: readonly Source[], fields: Fields = {}): ChannelDeclaration {
  return channel("/dev/stdout", "", "wo", { sources, ...fields });
}

interface Node extends Omit<Partial<SessionRequest>, "program"> {
  readonly program?: Uint8Array;
  readonly channels: readonly ChannelDeclaration[];
  readonly fields?: Partial<Manifest>;
}

function run({
  program = COPYING_GUEST,
  channels,
  fields = {},
  ...request
}: Node): Promise<Report> {
  const all = channelsWith(...channels);
  return runSession({
    manifest: manifestFor(newFolder(), program, { channels: all, ...fields }),
    ...request,
  });
}

/** A file of these bytes. */
function fileOf(contents: Uint8Array | string): string {
  const path = join(newFolder(), "file");
  writeFileSync(path, contents, { mode: 0o600 });
  return path;
}

/** Writes a text, and faults. */
function faultingAfter(text: string): Uint8Array {
  return writingGuest(text, 1, "(unreachable)");
}

const DATA = createHash("sha512").update("data").digest("hex").repeat(2500);

describe("sessions with network channels", () => {
  test.each([
    ["over IPv4", LOCAL, false],
    ["over IPv6", "::1", false],
    ["sealed with the key of their job", LOCAL, true],
  ])("pass on all bytes and the end (%s)", async (_, address, isSealed) => {
    const fields = isSealed ? { key: fileOf("0123456789abcdef".repeat(4)) } : {};
    const port = await freePort();
    const out = fileOf("");
    const before = openDescriptors();
    const etag = { etag: true };
    const reports = await Promise.all([
      run({
        channels: [reading([sourceAt(port, address)], etag), channel("/dev/stdout", out, "wo")],
        fields,
      }),
      run({
        channels: [
          channel("/dev/stdin", fileOf(DATA), "ro"),
          writing([sourceAt(port, address)], etag),
        ],
        fields,
      }),
    ]);
    expect(reports.map(({ outcome }) => outcome)).toEqual([
      { kind: "exited", code: 0 },
      { kind: "exited", code: 0 },
    ]);
    expect(readFileSync(out, "utf8")).toBe(DATA);
    expect(reports[0]?.etags[0]?.hex).toBe(reports[1]?.etags[0]?.hex);
    await expect.poll(() => openedSince(before)).toEqual([]);
  });

  test("form a line of three, and account for local and network traffic apart", async () => {
    const [one, other] = [await freePort(), await freePort()];
    const out = fileOf("");
    // The original's list copies 32 MiB like this.
    const data = DATA.repeat(105);
    const reports = await Promise.all([
      run({ channels: [channel("/dev/stdin", fileOf(data), "ro"), writing([sourceAt(one)])] }),
      run({ channels: [reading([sourceAt(one)]), writing([sourceAt(other)])] }),
      run({ channels: [reading([sourceAt(other)]), channel("/dev/stdout", out, "wo")] }),
    ]);
    expect(readFileSync(out, "utf8") === data).toBe(true);
    const size = data.length;
    const numbers = reports.map((report) => formatReportText(report).split("\n")[4]?.split(" "));
    const bytes = numbers.map((it) => [3, 5, 7, 9].map((index) => Number(it?.[index])));
    expect(bytes).toEqual([
      [size, 0, 0, size],
      [0, 0, size, size],
      [0, size, size, 0],
    ]);
  });

  test("read what two of three sources agree on", async () => {
    const ports = [await freePort(), await freePort(), await freePort()];
    const out = fileOf("");
    const source = (text: string, port = 0): Promise<Report> =>
      run({ program: writingGuest(text), channels: [writing([sourceAt(port)])] });
    const [report] = await Promise.all([
      run({
        channels: [reading(ports.map((port) => sourceAt(port))), channel("/dev/stdout", out, "wo")],
      }),
      source("what is right", ports[0]),
      source("what is wrong", ports[1]),
      source("what is right", ports[2]),
    ]);
    expect(report?.outcome).toEqual({ kind: "exited", code: 0 });
    expect(readFileSync(out, "utf8")).toBe("what is right");
  });

  test.each([
    ["the first", 0, "what is right"],
    ["the second, which wrote nothing", 1, ""],
    ["the last, which is not asked", 2, "what is right"],
  ])("survive one of three that faults: %s", async (_, place, text) => {
    const ports = [await freePort(), await freePort(), await freePort()];
    const out = fileOf("");
    const source = (program: Uint8Array, port = 0): Promise<Report> =>
      run({ program, channels: [writing([sourceAt(port)])] });
    const read = [reading(ports.map((port) => sourceAt(port))), channel("/dev/stdout", out, "wo")];
    const programs = ports.map((_port, index) =>
      index === place ? faultingAfter(text) : writingGuest("what is right"),
    );
    const [report, ...written] = await Promise.all([
      run({ channels: read }),
      ...programs.map((program, index) => source(program, ports[index])),
    ]);
    expect(written[place]?.outcome.kind).toBe("faulted");
    expect(report?.outcome).toEqual({ kind: "exited", code: 0 });
    expect(readFileSync(out, "utf8")).toBe("what is right");
  });

  test("do not survive one of two that faults", async () => {
    const ports = [await freePort(), await freePort()];
    const [report] = await Promise.all([
      run({ channels: [reading(ports.map((port) => sourceAt(port)))] }),
      run({
        program: writingGuest("what is right"),
        channels: [writing([sourceAt(ports[0] ?? 0)])],
      }),
      run({
        program: faultingAfter("what is right"),
        channels: [writing([sourceAt(ports[1] ?? 0)])],
      }),
    ]);
    expect(report?.outcome).toMatchObject({ kind: "lost", cause: "peer" });
  });

  test("write the same to sessions and files of one channel", async () => {
    const ports = [await freePort(), await freePort()];
    const outs = [fileOf(""), fileOf(""), fileOf("")];
    const file: Source = { kind: "path", path: outs[2] ?? "" };
    const reports = await Promise.all([
      run({
        program: writingGuest("to all of them"),
        channels: [writing([sourceAt(ports[0] ?? 0), file, sourceAt(ports[1] ?? 0)])],
      }),
      ...ports.map((port, index) =>
        run({
          channels: [reading([sourceAt(port)]), channel("/dev/stdout", outs[index] ?? "", "wo")],
        }),
      ),
    ]);
    expect(reports.map(({ outcome }) => outcome.kind)).toEqual(["exited", "exited", "exited"]);
    expect(outs.map((path) => readFileSync(path, "utf8"))).toEqual(Array(3).fill("to all of them"));
  });

  test("run in this process as well", async () => {
    const port = await freePort();
    const out = fileOf("");
    const [read] = await Promise.all([
      run({ channels: [reading([sourceAt(port)]), channel("/dev/stdout", out, "wo")] }),
      run({
        program: writingGuest("inside"),
        channels: [writing([sourceAt(port)])],
        isolation: "none",
      }),
    ]);
    expect(read?.outcome).toEqual({ kind: "exited", code: 0 });
    expect(readFileSync(out, "utf8")).toBe("inside");
  });

  test("can be verified: the second run reads what the first one read", async () => {
    const port = await freePort();
    const reports = await Promise.all([
      run({ channels: [reading([sourceAt(port)])], verify: true }),
      run({ program: writingGuest("twice"), channels: [writing([sourceAt(port)])], verify: true }),
    ]);
    expect(reports.map(({ verified }) => verified)).toEqual([{ agrees: true }, { agrees: true }]);
  });
});

describe("a session that cannot be connected", () => {
  test("ends as by its time limit, and says for whom it waited", async () => {
    const [port, other] = [await freePort(), await freePort()];
    const out = join(newFolder(), "never");
    const report = await run({
      channels: [
        reading([sourceAt(port)]),
        writing([sourceAt(other)]),
        channel("/dev/x", out, "wo"),
      ],
      fields: { timeoutSeconds: 1 },
    });
    expect(report.outcome).toEqual({ kind: "limited", limit: "time", unconnected: true });
    expect(report.classic).toMatchObject({ exitCode: 4, state: "session timeout" });
    expect(report.warnings).toEqual([
      `/dev/stdin waited for its writer at tcp:${LOCAL}:${port}`,
      `/dev/stdout waited for ${LOCAL}:${other}: Nobody listens at ${LOCAL}:${other}`,
    ]);
    // Nothing was made for a session that never began.
    expect(() => readFileSync(out)).toThrow(/ENOENT/);
  });

  test("is refused where its port is taken, with code and state of the original", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, LOCAL, resolve));
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const report = await run({ channels: [reading([sourceAt(port)])] });
    server.close();
    expect(report.outcome).toMatchObject({
      kind: "refused",
      findings: [{ errorCode: "ZVM_CHANNEL_NETWORK" }],
    });
    expect(report.classic).toMatchObject({
      exitCode: 14,
      state: "cannot bind /dev/stdin;0: the port is taken",
    });
  });

  test("is refused where its guest is to be written down, or to wait at its point", async () => {
    const freezing = { fd: -1, values: 0, tables: 0, onFrozen: () => undefined };
    const report = await run({ channels: [reading([sourceAt(await freePort())])], freezing });
    expect(report.outcome).toMatchObject({
      kind: "refused",
      findings: [
        {
          message: "Channel /dev/stdin is a network channel, and its guest is to be prepared",
          errorCode: "ZVM_CHANNEL_NETWORK",
        },
      ],
    });
  });

  test("ends in order when it is told to while it waits", async () => {
    const port = await freePort();
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 100);
    const report = await run({ channels: [reading([sourceAt(port)])], signal: abort.signal });
    expect(report.outcome).toMatchObject({ kind: "lost", cause: "interrupted" });
    expect(report.warnings).toEqual([`/dev/stdin waited for its writer at tcp:${LOCAL}:${port}`]);
  });
});

describe("the key of a job", () => {
  test.each([
    ["of another form", "short", "Cannot use the key FILE: it has another form"],
    [
      "with more behind its white space",
      `${"0123456789abcdef".repeat(4)}\n\n\nmore`,
      "Cannot use the key FILE: it has another form",
    ],
    ["that is a folder", undefined, "Cannot use the key FILE: it is no regular file"],
  ])("%s is refused before anything opens", async (_, contents, message) => {
    const key = contents === undefined ? newFolder() : fileOf(contents);
    const report = await run({ channels: [], fields: { key } });
    expect(report.outcome).toMatchObject({
      kind: "refused",
      findings: [{ message: message.replace("FILE", key), errorCode: "ZVM_CHANNEL_NETWORK" }],
    });
  });

  test("may be 32 bytes, and warns of other users who can read it", async () => {
    const key = fileOf(new Uint8Array(32).fill(200));
    expect((await run({ channels: [], fields: { key } })).warnings).toEqual([]);
    chmodSync(key, 0o644);
    const report = await run({ channels: [], fields: { key } });
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    expect(report.warnings).toEqual([`The key ${key} can be read by other users`]);
  });

  test("is not what a channel writes to", async () => {
    const key = fileOf("0123456789abcdef".repeat(4));
    const report = await run({ channels: [channel("/dev/x", key, "wo")], fields: { key } });
    expect(report.outcome).toMatchObject({ kind: "refused" });
    expect(readFileSync(key, "utf8")).toHaveLength(64);
  });
});

test("a wire that ends in the middle loses the session, which names the other", async () => {
  const port = await freePort();
  const FAULTING = guestOf("(unreachable)");
  const reports = await Promise.all([
    run({ channels: [reading([sourceAt(port)])] }),
    run({ program: FAULTING, channels: [writing([sourceAt(port)])] }),
  ]);
  expect(reports[1]?.outcome.kind).toBe("faulted");
  expect(reports[0]?.outcome).toMatchObject({ kind: "lost", cause: "peer" });
  expect(reports[0]?.classic.state).toMatch(/^\/dev\/stdin lost 127\.0\.0\.1:\d+: it faulted/);
});
