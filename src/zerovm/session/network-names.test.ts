import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { COPYING_GUEST } from "../../../test/support/guests.ts";
import { channel, channelsWith, manifestFor } from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import type { ChannelDeclaration, Source } from "../manifest/index.ts";
import { serveNames } from "../names/index.ts";
import type { Report } from "../report/index.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();
const HOST = "127.0.0.1";

function node(id: number): Source {
  const host = { kind: "node", id } as const;
  return { kind: "network", protocol: "tcp", host, port: 0, text: `tcp:${id}:` };
}

/** A session that reads from one node or file, and writes to others. */
function run(port: number, id: number, from: Source, ...to: readonly Source[]): Promise<Report> {
  const server = { kind: "address", address: HOST } as const;
  const text = `udp:${HOST}:${port}`;
  const channels: ChannelDeclaration[] = [
    channel("/dev/stdin", "", "ro", { sources: [from] }),
    channel("/dev/stdout", "", "wo", { sources: to }),
  ];
  const manifest = manifestFor(newFolder(), COPYING_GUEST, {
    channels: channelsWith(...channels),
    node: id,
    nameServer: { kind: "network", protocol: "udp", host: server, port, text },
  });
  return runSession({ manifest });
}

function file(contents: string): Source & { readonly path: string } {
  const path = join(newFolder(), "file");
  writeFileSync(path, contents);
  return { kind: "path", path };
}

const DATA = createHash("sha512").update("names").digest("hex").repeat(1000);

describe("sessions with numbers", () => {
  test("find each other in a line of three, and one of them by two ways", async () => {
    const names = await serveNames({ nodes: 4, host: HOST, port: 0, lingerMs: 100 });
    const [one, other] = [file(""), file("")];
    const reports = await Promise.all([
      run(names.port, 1, file(DATA), node(2)),
      run(names.port, 2, node(1), node(3), node(4)),
      run(names.port, 3, node(2), one),
      run(names.port, 4, node(2), other),
    ]);
    expect(reports.map(({ outcome }) => outcome)).toEqual(
      Array(4).fill({ kind: "exited", code: 0 }),
    );
    expect(readFileSync(one.path, "utf8")).toBe(DATA);
    expect(readFileSync(other.path, "utf8")).toBe(DATA);
    await names.ended;
  });

  test("name the node that they lost", async () => {
    const names = await serveNames({ nodes: 2, host: HOST, port: 0, lingerMs: 100 });
    const full = { kind: "path", path: "/dev/full" } as const;
    // More than the kernel takes for a reader that is gone.
    const reports = await Promise.all([
      run(names.port, 1, file(DATA.repeat(200)), node(2)),
      run(names.port, 2, node(1), full),
    ]);
    expect(reports[1]?.outcome).toMatchObject({ kind: "lost", cause: "channel" });
    expect(reports[0]?.outcome).toMatchObject({
      kind: "lost",
      cause: "peer",
      message: expect.stringMatching(/^\/dev\/stdout lost node 2: /),
    });
    await names.ended;
  });

  test("are refused with the original's code and state where no name server answers", async () => {
    const silent = createSocket("udp4");
    await new Promise<void>((resolve) => silent.bind(0, HOST, resolve));
    const report = await run(silent.address().port, 1, node(2), file(""));
    silent.close();
    expect(report.classic).toMatchObject({ exitCode: 11, state: "name service failed" });
    expect(report.outcome).toMatchObject({
      kind: "refused",
      findings: [{ errorCode: "ZVM_CHANNEL_NETWORK" }],
    });
  });
});
