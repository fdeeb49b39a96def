/** `zerovm serve` as a process where the host refuses, and where clients do as they like. */
import { readdirSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { BareClient } from "../../../test/support/bare-client.ts";
import { type CloudOptions, CloudProcess } from "../../../test/support/cloud-process.ts";
import { STORE_TESTS_FOLDER } from "../../../test/support/fresh-store.ts";
import { md5Of } from "../../../test/support/store-steps.ts";
import { type CheckFinding, checkStore } from "../store/index.ts";

const running: CloudProcess[] = [];
const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(STORE_TESTS_FOLDER, "zerovm-faults-"));
  folders.push(folder);
  return folder;
}

/** A server with container `c`, over a data folder in memory. */
async function start(options: CloudOptions = {}): Promise<CloudProcess> {
  const cloud = await CloudProcess.start({ data: await newFolder(), ...options });
  running.push(cloud);
  await cloud.send("PUT", "/c");
  return cloud;
}

afterEach(async () => {
  for (const cloud of running.splice(0)) await cloud.kill();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Ends the server, and judges that its store is whole. */
async function expectWhole(cloud: CloudProcess): Promise<void> {
  await cloud.stop();
  const findings: CheckFinding[] = [];
  await checkStore(cloud.data, (finding) => findings.push(finding));
  expect(findings).toEqual([]);
}

async function uploadsUnderWay(cloud: CloudProcess): Promise<number> {
  return (await readdir(join(cloud.data, "incoming"))).length;
}

/** Open descriptors below a limit; what was inherited may be beyond it. */
function descriptorsOf(cloud: CloudProcess, limit: number): number {
  return readdirSync(`/proc/${cloud.pid}/fd`).filter((fd) => Number(fd) < limit).length;
}

/** An upload of 100 bytes of which the first half was sent. */
async function halfUpload(cloud: CloudProcess, name: string, close = ""): Promise<BareClient> {
  const client = await BareClient.open(cloud.port);
  client.socket.write(await cloud.head("PUT", `/c/${name}`, `Content-Length: 100\r\n${close}`));
  client.socket.write("x".repeat(50));
  return client;
}

describe("a full disk", () => {
  it("is 507, loses nothing, and is over when there is room", async (context) => {
    const disk = await newFolder();
    // A disk of its own, in a name space of its own: neither needs to be root.
    const script = 'mount -t tmpfs -o size=96m disk "$0" && exec "$@"';
    const by = ["unshare", "-rm", "sh", "-c", script, disk];
    const cloud = await start({ by, data: disk }).catch((error: Error) => {
      // Some systems give their users no name spaces.
      if (/unshare|mount/.test(error.message)) return context.skip(error.message);
      throw error;
    });
    const body = Buffer.alloc(2 ** 20, "some bytes ");
    const put = (name: string) => cloud.send("PUT", `/c/${name}`, { body });
    let stored = 0;
    for (; ; stored += 1) {
      const { status } = await put(`o${stored}`);
      if (status !== 201) {
        expect(status).toBe(507);
        break;
      }
    }
    expect(stored).toBeGreaterThan(10);
    expect((await put("o0")).status).toBe(507);
    for (let index = 0; index < stored; index += 1) {
      const got = await cloud.send("GET", `/c/o${index}`);
      expect(md5Of(Buffer.from(got.body))).toBe(md5Of(body));
    }
    const { headers } = await cloud.send("HEAD", "/c");
    expect(headers["x-container-object-count"]).toBe(String(stored));
    for (let index = 0; index < 5; index += 1) {
      expect((await cloud.send("DELETE", `/c/o${index}`)).status).toBe(204);
    }
    // Files go beside the work.
    await expect.poll(async () => (await put("again")).status).toBe(201);
    expect((await cloud.send("GET", "/c/again")).body).toBe(body.toString());
  });
});

describe("too many open files", () => {
  it("are 503, and all is as before when there are fewer", async () => {
    const limit = 100;
    const by = ["sh", "-c", `ulimit -n ${limit}; exec "$@"`, "sh"];
    const env = { ZEROVM_SERVE_LIMITS_IDLE_SECONDS: "600" };
    const cloud = await start({ by, env });
    expect((await cloud.send("PUT", "/c/o", { body: "before" })).status).toBe(201);
    const open = (count: number) =>
      Promise.all(Array.from({ length: count }, () => BareClient.open(cloud.port)));
    const asking = await open(3);
    const uploads: BareClient[] = [];
    // Two for each: its connection and its file.
    while (descriptorsOf(cloud, limit) + 2 <= limit) {
      uploads.push(await halfUpload(cloud, `half${uploads.length}`));
      await expect.poll(() => uploadsUnderWay(cloud)).toBe(uploads.length);
    }
    const idle = await open(limit - descriptorsOf(cloud, limit));
    await expect.poll(() => descriptorsOf(cloud, limit)).toBe(limit);
    const [get, put, list] = asking;
    get?.socket.write(await cloud.head("GET", "/c/o", ""));
    put?.socket.write(await cloud.head("PUT", "/c/new", "Content-Length: 0\r\n"));
    list?.socket.write(await cloud.head("GET", "/c", ""));
    await expect.poll(() => get?.received).toMatch(/^HTTP\/1.1 503 /);
    await expect.poll(() => put?.received).toMatch(/^HTTP\/1.1 503 /);
    // What needs no file is answered.
    await expect.poll(() => list?.received).toMatch(/^HTTP\/1.1 200 .*\r\n\r\no\n$/s);
    for (const { socket } of [...uploads, ...idle, ...asking]) socket.destroy();
    await expect
      .poll(() => cloud.send("PUT", "/c/new", { body: "after" }).catch(() => undefined))
      .toMatchObject({ status: 201 });
    expect((await cloud.send("GET", "/c/o")).body).toBe("before");
    await expect.poll(() => uploadsUnderWay(cloud)).toBe(0);
    expect((await cloud.send("GET", "/c")).body).toBe("new\no\n");
    await expectWhole(cloud);
  });
});

describe("a thousand connections at a time", () => {
  it("are all answered, and rightly", async () => {
    const count = 1000;
    const env = {
      ZEROVM_SERVE_LIMITS_CONNECTIONS: "1100",
      ZEROVM_SERVE_LIMITS_REQUESTS_PER_ACCOUNT: "1100",
    };
    const cloud = await start({ env });
    const indexes = Array.from({ length: count }, (_, index) => index);
    const uploads = await Promise.all(
      indexes.map((index) => halfUpload(cloud, String(index), "Connection: close\r\n")),
    );
    await expect.poll(() => uploadsUnderWay(cloud)).toBe(count);
    for (const [index, { socket }] of uploads.entries()) {
      socket.write(String(index).padStart(50, "."));
    }
    const statuses = uploads.map(async ({ answer }) => (await answer).slice(9, 12));
    expect(new Set(await Promise.all(statuses))).toEqual(new Set(["201"]));
    const got = await Promise.all(indexes.map((index) => cloud.send("GET", `/c/${index}`)));
    expect(got.map(({ body }) => body)).toEqual(
      indexes.map((index) => "x".repeat(50) + String(index).padStart(50, ".")),
    );
    await expectWhole(cloud);
  });
});

describe("clients that do not go on", () => {
  it("do not stop others, and are sent away", async () => {
    const env = {
      ZEROVM_SERVE_LIMITS_HEADER_SECONDS: "3",
      ZEROVM_SERVE_LIMITS_CLIENT_SECONDS: "3",
    };
    const cloud = await start({ env });
    const many = Array.from({ length: 200 }, (_, index) => index);
    const silent = await Promise.all(many.map(() => BareClient.open(cloud.port)));
    const slow = await Promise.all(many.map(() => BareClient.open(cloud.port)));
    const stuck = await Promise.all(many.map((index) => halfUpload(cloud, `stuck${index}`)));
    for (const { socket } of slow) socket.write("GET /v1/AUTH_test/c HTTP/1.1\r\nX-Slow: ");
    const dripping = setInterval(() => {
      for (const { socket } of slow) if (socket.writable) socket.write("a");
    }, 100);
    try {
      for (let index = 0; index < 20; index += 1) {
        const body = `others ${index}`;
        expect((await cloud.send("PUT", "/c/o", { body })).status).toBe(201);
        expect((await cloud.send("GET", "/c/o")).body).toBe(body);
      }
      const answers = await Promise.all([...silent, ...slow, ...stuck].map(({ answer }) => answer));
      const said = new Set(answers.map((answer) => answer.slice(0, 12)));
      expect([...said].every((line) => ["", "HTTP/1.1 408"].includes(line))).toBe(true);
      expect(answers.slice(-many.length).every((answer) => / 408 /.test(answer))).toBe(true);
    } finally {
      clearInterval(dripping);
    }
    await expect.poll(() => uploadsUnderWay(cloud)).toBe(0);
    expect((await cloud.send("GET", "/c")).body).toBe("o\n");
    await expectWhole(cloud);
  });
});

describe("a client that goes away in the middle of an upload", () => {
  it("leaves no file and no object", async () => {
    const cloud = await start();
    const uploads = await Promise.all(
      Array.from({ length: 50 }, (_, index) => halfUpload(cloud, `half${index}`)),
    );
    await expect.poll(() => uploadsUnderWay(cloud)).toBe(uploads.length);
    for (const [index, { socket }] of uploads.entries()) {
      if (index % 2 === 0) socket.resetAndDestroy();
      else socket.end();
    }
    await expect.poll(() => uploadsUnderWay(cloud)).toBe(0);
    expect((await cloud.send("HEAD", "/c")).headers["x-container-object-count"]).toBe("0");
    await expectWhole(cloud);
  });
});
