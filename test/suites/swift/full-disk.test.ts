/**
 * Disks that are full in the middle of something. Only the object servers are stand-ins: what they
 * hand on is the same.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { byteStringOf } from "../../../src/base/index.ts";
import { CloudProcess } from "../../support/cloud-process.ts";
import { craftedTar } from "../../support/crafted-tar.ts";
import { COPYING_GUEST, writingGuest } from "../../support/guests.ts";
import { type GroupOptions, group, jobText } from "../../support/job-folder.ts";
import { StandInSwift } from "../../support/stand-in-swift.ts";
import { onSmallDisk, openFilesOf, PartOfCluster, usedBytesOf } from "./small-disk.ts";

const DISK_BYTES = 2 ** 20;
const LARGE = Buffer.alloc(3 * DISK_BYTES, "0123456789abcdef");
const SECRET = "of this cluster, and more than 32 characters";
const FULL = "the disk for temporary files is full";
const HOSTS = [0, 1];

type Said = readonly [status: number, text: string];

function cat(object: string, output: Readonly<Record<string, unknown>> = {}): GroupOptions {
  const input = { name: "stdin", path: `swift://~/c/${object}` };
  return { program: "c/cat", devices: [input, { name: "stdout", ...output }] };
}

/** An archive with a job, and with more than there is room for. */
function image(program = "file://image:bin/hello"): Uint8Array {
  const job = jobText(group({ program, devices: [{ name: "stdout" }, { name: "image" }] }));
  return craftedTar([
    { name: "boot/system.map", contents: Buffer.from(job).toString() },
    { name: "bin/hello", contents: byteStringOf(writingGuest("of the image")) },
    { name: "large", contents: LARGE.toString() },
  ]);
}

const JSON_TYPE = "application/json";
const JOB = { "X-Zerovm-Execute": "1.0" };

describe("in a cluster", () => {
  let folder: string;
  let swift: StandInSwift;
  let parts: PartOfCluster[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "zerovm-full-"));
    parts = [];
  });
  afterEach(async () => {
    for (const part of parts) await part.stop();
    await swift?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** @returns the processes that are on small disks */
  async function start(verb: "worker" | "coordinator"): Promise<readonly PartOfCluster[]> {
    const small = onSmallDisk(DISK_BYTES);
    const secretFile = join(folder, "secret");
    writeFileSync(secretFile, SECRET);
    const workerSockets = HOSTS.map((at) => join(folder, `worker${at}`));
    const coordinatorSocket = join(folder, "coordinator");
    for (const socket of workerSockets) {
      const flags = ["worker", "--socket", socket, "--wires", "127.0.0.1:0"];
      parts.push(await PartOfCluster.start(flags, verb === "worker" ? small : []));
    }
    const flags = ["--socket", coordinatorSocket, "--secret-file", secretFile];
    const by = verb === "coordinator" ? small : [];
    parts.push(await PartOfCluster.start(["coordinator", ...flags], by));
    swift = await StandInSwift.start({ folder, coordinatorSocket, workerSockets, secret: SECRET });
    swift.put("/a/c/cat", COPYING_GUEST);
    swift.put("/a/c/text", "a text");
    swift.put("/a/c/large", LARGE);
    return verb === "worker" ? parts.slice(0, -1) : parts.slice(-1);
  }

  async function post(type: string, body: Uint8Array): Promise<Said> {
    const headers = { ...JOB, "Content-Type": type };
    const { status, body: said } = await swift.ask("POST", "/v1/a", headers, body);
    return [status, said.toString()];
  }

  async function run(...groups: GroupOptions[]): Promise<Said> {
    return await post(JSON_TYPE, jobText(...groups.map(group)));
  }

  /** Nothing is left, and the next job runs. */
  async function expectAsBefore(small: readonly PartOfCluster[]): Promise<void> {
    for (const { pid } of small) {
      await expect.poll(() => openFilesOf(pid)).toEqual([]);
      await expect.poll(() => usedBytesOf(pid)).toBe(0);
    }
    expect(await run(cat("text"))).toEqual([200, "a text"]);
  }

  it.each<[string, () => Promise<Said>]>([
    ["an output for the answer", async () => await run(cat("large"))],
    [
      "an output for the store",
      async () => await run(cat("large", { path: "swift://~/c/stored" })),
    ],
    [
      "an object that comes as bytes",
      async () => {
        for (const at of HOSTS) swift.withoutFiles.add(at);
        return await run(cat("large"));
      },
    ],
    ["an image that comes with the job", async () => await post("application/x-tar", image())],
    [
      "an image that is unpacked",
      async () => await post("application/x-gzip", gzipSync(image("swift://~/c/cat"))),
    ],
  ])("a worker that has no room for %s says so, and goes on", async (_, act) => {
    const small = await start("worker");
    const [status, text] = await act();
    expect(text).toMatch(new RegExp(`^No storage host could run n; the last, .*: ${FULL}`));
    expect(status).toBe(503);
    expect(swift.objects.has("/a/c/stored")).toBe(false);
    swift.withoutFiles.clear();
    await expectAsBefore(small);
  });

  it.each<[string, string, () => Promise<Said>]>([
    ["an output for the answer", "T", async () => await run(cat("large"))],
    [
      "an output for the store",
      "T",
      async () => await run(cat("large", { path: "swift://~/c/stored" })),
    ],
    [
      "an object that is brought",
      "Error 507 Insufficient Storage while fetching /a/c/large; t",
      async () => {
        swift.notInPlace.add("/a/c/large");
        return await run(cat("large"));
      },
    ],
    ["a job in an image", "T", async () => await post("application/x-tar", image())],
  ])("a coordinator that has no room for %s says so, and goes on", async (_, before, act) => {
    const small = await start("coordinator");
    const [status, text] = await act();
    expect(text).toContain(`${before}${FULL.slice(1)}`);
    expect(status).toBe(507);
    expect(text).not.toContain("/mnt");
    expect(swift.objects.has("/a/c/stored")).toBe(false);
    await expectAsBefore(small);
  });
});

describe("zerovm serve", () => {
  let cloud: CloudProcess;

  beforeEach(async () => {
    cloud = await CloudProcess.start({ by: onSmallDisk(DISK_BYTES) });
    await cloud.send("PUT", "/c");
    for (const [name, body] of Object.entries({
      cat: COPYING_GUEST,
      text: "a text",
      large: LARGE,
    })) {
      expect((await cloud.send("PUT", `/c/${name}`, { body })).status).toBe(201);
    }
  });
  afterEach(async () => void (await cloud.stop()));

  async function post(type: string, body: Uint8Array): Promise<Said> {
    const headers = { ...JOB, "Content-Type": type };
    const { status, body: said } = await cloud.send("POST", "", { headers, body });
    return [status, said];
  }

  async function run(...groups: GroupOptions[]): Promise<Said> {
    return await post(JSON_TYPE, jobText(...groups.map(group)));
  }

  it.each<[string, number, () => Promise<Said>]>([
    ["an output for the answer", 500, async () => await run(cat("large"))],
    [
      "an output for the store",
      500,
      async () => await run(cat("large", { path: "swift://~/c/stored" })),
    ],
    ["a job in an image", 507, async () => await post("application/x-tar", image())],
    [
      "an image that is unpacked",
      507,
      async () => await post("application/x-gzip", gzipSync(image("swift://~/c/cat"))),
    ],
  ])("that has no room for %s says so, and goes on", async (_, status, act) => {
    const [answered, text] = await act();
    expect(text.toLowerCase()).toContain(FULL);
    expect(answered).toBe(status);
    expect(text).not.toContain("/mnt");
    expect((await cloud.send("GET", "/c/stored")).status).toBe(404);
    await expect.poll(() => openFilesOf(cloud.pid)).toEqual([]);
    await expect.poll(() => usedBytesOf(cloud.pid)).toBe(0);
    expect(await run(cat("text"))).toEqual([200, "a text"]);
  });
});
