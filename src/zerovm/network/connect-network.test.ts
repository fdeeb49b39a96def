import { createHash } from "node:crypto";
import { closeSync, readdirSync, readlinkSync, readSync, writeSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, test, vi } from "vitest";
import { freePort } from "../../../test/support/free-ports.ts";
import { pollAny } from "../libc/index.ts";
import { parseManifest } from "../manifest/index.ts";
import {
  type AskNameServer,
  connectNetwork,
  type NetworkEnd,
  type NetworkRequest,
} from "./connect-network.ts";
import { NetworkAbort, NetworkFailure } from "./network-failure.ts";

const toEnd: (() => void)[] = [];

afterEach(() => {
  for (const end of toEnd.splice(0)) end();
});

const READ = "0, 0, 9, 9, 0, 0";
const WRITTEN = "0, 0, 0, 0, 9, 9";

function manifestOf(channels: readonly string[], further: string): NetworkRequest["manifest"] {
  const lines = channels.map((channel) => `Channel = ${channel}\n`).join("");
  const text = `Version = 20130611\nProgram = /p\nMemory = 1, 0\nTimeout = 1\n${lines}${further}`;
  const { manifest, findings } = parseManifest(text);
  if (manifest === undefined) throw new Error(JSON.stringify(findings));
  return manifest;
}

const nobody: AskNameServer = () => Promise.reject(new Error("there is no name server"));

interface Changes extends Partial<Omit<NetworkRequest, "manifest">> {
  readonly further?: string;
}

async function join(channels: readonly string[], changes: Changes = {}): Promise<NetworkEnd[]> {
  const { further = "", ...others } = changes;
  const signal = AbortSignal.timeout(5000);
  const manifest = manifestOf(channels, further);
  const ends = await connectNetwork({ manifest, signal, askNameServer: nobody, ...others });
  for (const { fd } of ends) toEnd.push(() => closeSync(fd));
  return ends;
}

/** What came through, from the first of these ends to the second. */
function through(from: NetworkEnd | undefined, to: NetworkEnd | undefined): string {
  writeSync(from?.fd ?? -1, "through");
  expect(pollAny([to?.fd ?? -1], 5000)).toHaveLength(1);
  const buffer = Buffer.alloc(100);
  return buffer.toString("utf8", 0, readSync(to?.fd ?? -1, buffer));
}

/** Connects with something else than a greeting, until that is refused. */
async function visit(port: number): Promise<void> {
  const stranger = connect({ host: "127.0.0.1", port });
  stranger.write("GET / HTTP/1.1\r\n\r\n");
  await new Promise((closed) => stranger.on("error", () => undefined).on("close", closed));
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

function socketsOpen(): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
    } catch {
      return false;
    }
  }).length;
}

describe("network channels", () => {
  const forms = [
    ["an address", "tcp:127.0.0.1:", "tcp:127.0.0.1:", "127.0.0.1:"],
    ["IPv6", "tcp:[::1]:", "tcp:[::1]:", "[::1]:"],
    ["a number in place of an address", "tcp:7:", "tcp:16777343:", "127.0.0.1:"],
    ["no address to read at", "tcp::", "tcp:[::1]:", "[::1]:"],
  ] as const;
  for (const [what, reader, writer, name] of forms) {
    test(`are connected by ${what}`, async () => {
      const port = await freePort();
      const [[read], [written]] = await Promise.all([
        join([`${reader}${port}, /dev/in, ${READ}`]),
        join([`${writer}${port}, /dev/out, ${WRITTEN}`]),
      ]);
      expect(read).toMatchObject({ alias: "/dev/in", index: 0 });
      expect(written).toMatchObject({ alias: "/dev/out", index: 0, name: `${name}${port}` });
      expect(read?.name).toMatch(/^(?:127\.0\.0\.1|\[::1\]):\d+$/);
      expect(through(written, read)).toBe("through");
    });
  }

  test("are each source of a channel, with its place among them", async () => {
    const [one, other] = [await freePort(), await freePort()];
    const [reads, [written], [second]] = await Promise.all([
      join([`tcp::${one};/dev/zero;tcp::${other}, /dev/in, ${READ}`]),
      join([`tcp:127.0.0.1:${one}, /dev/out, ${WRITTEN}`]),
      join([`tcp:127.0.0.1:${other}, /dev/out, ${WRITTEN}`]),
    ]);
    expect(reads.map(({ index }) => index)).toEqual([0, 2]);
    expect([through(written, reads[0]), through(second, reads[1])]).toEqual(["through", "through"]);
  });

  test("find each other by their numbers where a name server knows them", async () => {
    const further = "NameServer = udp:16777343:54321\n";
    const asked: unknown[] = [];
    let bound: ((port: number) => void) | undefined;
    const port = new Promise<number>((resolve) => {
      bound = resolve;
    });
    const askNameServer: AskNameServer = async ({ server, node, binds, connects }) => {
      asked.push([server, node, binds.map(({ peer }) => peer), connects]);
      if (node === 2) bound?.(binds[0]?.port ?? 0);
      return await Promise.all(
        connects.map(async () => ({ address: "127.0.0.1", port: await port })),
      );
    };
    const [[read], [written]] = await Promise.all([
      join([`tcp:1:, /dev/in, ${READ}`], { further: `${further}Node = 2\n`, askNameServer }),
      join([`tcp:2:, /dev/out, ${WRITTEN}`], { further: `${further}Node = 1\n`, askNameServer }),
    ]);
    expect([read?.name, written?.name]).toEqual(["node 1", "node 2"]);
    expect(through(written, read)).toBe("through");
    const server = { address: "127.0.0.1", port: 54321 };
    expect(asked).toContainEqual([server, 2, [1], []]);
    expect(asked).toContainEqual([server, 1, [], [{ peer: 2 }]]);
  });

  test("are not asked about where they have an address", async () => {
    const port = await freePort();
    const [, [written]] = await Promise.all([
      join([`tcp::${port}, /dev/in, ${READ}`]),
      join([`tcp:127.0.0.1:${port}, /dev/out, ${WRITTEN}`], {
        further: "NameServer = udp:127.0.0.1:9\nNode = 1\n",
      }),
    ]);
    expect(written?.name).toBe(`127.0.0.1:${port}`);
  });
});

describe("network channels that cannot be connected", () => {
  test("name the source that cannot be bound, and leave nothing open", async () => {
    const server = createServer();
    const port = await listening(server);
    toEnd.push(() => server.close());
    const free = await freePort();
    const before = socketsOpen();
    const sources = `tcp:127.0.0.1:${free};tcp:127.0.0.1:${port}`;
    const failure = await join([`${sources}, /dev/in, ${READ}`]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NetworkFailure);
    expect(failure).toMatchObject({
      code: 14,
      state: "cannot bind /dev/in;1: the port is taken",
      channel: { alias: "/dev/in" },
    });
    expect(socketsOpen()).toBe(before);
  });

  test("name a peer with another key at once, and end the waiting of the others", async () => {
    const [port, silent, other] = [await freePort(), await freePort(), await freePort()];
    const keys = ["one", "other"].map((text) => createHash("sha256").update(text).digest());
    const late = new AbortController();
    const reading = join([`tcp::${port}, /dev/in, ${READ}`], { key: keys[0], signal: late.signal });
    reading.catch(() => undefined);
    const writing = join(
      [
        `tcp:127.0.0.1:${port}, /dev/out, ${WRITTEN}`,
        `tcp:127.0.0.1:${silent}, /dev/silent, ${WRITTEN}`,
        `tcp::${other}, /dev/never, ${READ}`,
      ],
      { key: keys[1] },
    );
    await expect(writing).rejects.toMatchObject({
      code: 14,
      state: `cannot connect /dev/out;0: 127.0.0.1:${port} has another key for its wires`,
    });
    await visit(port);
    late.abort(new Error("over"));
    const error = await reading.catch((it: unknown) => it);
    expect((error as NetworkAbort).waits).toEqual([
      `/dev/in waited for its writer at tcp::${port}; ` +
        "connected and refused were 1 with another key, 1 with no good greeting",
    ]);
  });

  test("say who came to a reader in vain", async () => {
    const port = await freePort();
    const key = createHash("sha256").update("one").digest();
    const late = new AbortController();
    const reading = join([`tcp::${port}, /dev/in, ${READ}`], { key, signal: late.signal });
    reading.catch(() => undefined);
    const writing = join([`tcp:127.0.0.1:${port}, /dev/out, ${WRITTEN}`]);
    await expect(writing).rejects.toBeInstanceOf(NetworkFailure);
    await visit(port);
    late.abort(new Error("over"));
    const error = await reading.catch((it: unknown) => it);
    expect((error as NetworkAbort).waits).toEqual([
      `/dev/in waited for its writer at tcp::${port}; ` +
        "connected and refused were 1 with no key, 1 with no good greeting",
    ]);
  });

  test("say who came in vain to a reader that waits for a node, too", async () => {
    const ports: number[] = [];
    const late = new AbortController();
    const reading = join([`tcp:3:, /dev/in, ${READ}`], {
      further: "NameServer = udp:127.0.0.1:1\nNode = 1\n",
      signal: late.signal,
      askNameServer: async ({ binds }) => {
        ports.push(...binds.map(({ port }) => port));
        return [];
      },
    });
    reading.catch(() => undefined);
    await vi.waitFor(() => expect(ports).toHaveLength(1));
    await visit(ports[0] ?? 0);
    late.abort(new Error("over"));
    const error = await reading.catch((it: unknown) => it);
    expect((error as NetworkAbort).waits).toEqual([
      "/dev/in waited for node 3; connected and refused were 1 with no good greeting",
    ]);
  });

  test("name a writer and a reader of one session that would talk to each other", async () => {
    const port = await freePort();
    const own = Object.values(networkInterfaces()).flatMap((them) => them ?? []);
    for (const { address } of own.filter(({ address }) => !address.startsWith("fe80"))) {
      const host = address.includes(":") ? `[${address}]` : address;
      const both = [`tcp::${port}, /dev/in, ${READ}`, `tcp:${host}:${port}, /dev/out, ${WRITTEN}`];
      await expect(join(both)).rejects.toMatchObject({
        state: "cannot connect /dev/out;0: this session's own /dev/in reads there",
      });
    }
    expect(own).not.toEqual([]);
  });

  test("say for whom they waited when their time is over", async () => {
    const [port, other] = [await freePort(), await freePort()];
    const before = socketsOpen();
    const signal = AbortSignal.timeout(100);
    const channels = [
      `tcp::${port}, /dev/in, ${READ}`,
      `tcp:127.0.0.1:${other}, /dev/out, ${WRITTEN}`,
    ];
    const error = await join(channels, { signal }).catch((it: unknown) => it);
    expect(error).toBeInstanceOf(NetworkAbort);
    expect((error as NetworkAbort).waits).toEqual([
      `/dev/in waited for its writer at tcp::${port}`,
      `/dev/out waited for 127.0.0.1:${other}: Nobody listens at 127.0.0.1:${other}`,
    ]);
    expect(socketsOpen()).toBe(before);
  });

  test("have the code and state of a name server that does not help", async () => {
    const error = Object.assign(new Error("no answer"), { code: 11, state: "name service failed" });
    const joining = join([`tcp:2:, /dev/out, ${WRITTEN}`], {
      further: "NameServer = udp:127.0.0.1:9\nNode = 1\n",
      askNameServer: () => Promise.reject(error),
    });
    await expect(joining).rejects.toMatchObject({
      code: 11,
      state: "name service failed",
      message: "The name server 127.0.0.1:9 did not help: no answer",
    });
  });
});
