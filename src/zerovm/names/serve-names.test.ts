import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { askNameServer } from "./ask.ts";
import { encodeRequest } from "./packet.ts";
import {
  type NameEvent,
  type NameServer,
  type NameServerOptions,
  serveNames,
} from "./serve-names.ts";

const running: AbortController[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const controller of running.splice(0)) controller.abort();
  for (const socket of sockets.splice(0)) socket.close();
});

interface Served extends NameServer {
  readonly events: readonly NameEvent[];
  stop(): void;
}

async function served(nodes: number, more: Partial<NameServerOptions> = {}): Promise<Served> {
  const controller = new AbortController();
  running.push(controller);
  const events: NameEvent[] = [];
  const server = await serveNames({
    nodes,
    host: "127.0.0.1",
    port: 0,
    lingerMs: 60_000,
    signal: controller.signal,
    onEvent: (event) => events.push(event),
    ...more,
  });
  return { ...server, events, stop: () => controller.abort() };
}

/** A socket of somebody who sends what is right or wrong. */
async function stranger(address = "127.0.0.1"): Promise<Socket> {
  const socket = createSocket("udp4");
  sockets.push(socket);
  socket.bind(0, address);
  await once(socket, "listening");
  return socket;
}

const WRITER = { node: 1, binds: [], connects: [{ peer: 2 }] };
const READER = { node: 2, binds: [{ peer: 1, port: 4001 }], connects: [] };

describe("a name server", () => {
  test("brings nodes together, and ends a while after that", async () => {
    const server = await served(2, { lingerMs: 10 });
    const [places] = await Promise.all([
      askNameServer({ ...WRITER, server }),
      askNameServer({ ...READER, server }),
    ]);
    expect(places).toEqual([{ address: "127.0.0.1", port: 4001 }]);
    expect(await server.ended).toEqual({
      isComplete: true,
      reported: [1, 2],
      awaited: [],
      malformedCount: 0,
      refusedCount: 0,
    });
    expect(server.events.map(({ kind }) => kind)).toEqual(["reported", "reported", "complete"]);
  });

  test("knows nodes by the address that they ask from", async () => {
    const server = await served(2, { host: "0.0.0.0" });
    const reader = await stranger("127.0.0.77");
    reader.send(encodeRequest(READER), server.port, "127.0.0.1");
    const places = await askNameServer({ ...WRITER, server: { ...server, address: "127.0.0.1" } });
    expect(places).toEqual([{ address: "127.0.0.77", port: 4001 }]);
  });

  test("answers again whoever asks again", async () => {
    const server = await served(1);
    const reader = await stranger();
    for (let time = 0; time < 3; time += 1) {
      reader.send(encodeRequest(READER), server.port, server.address);
      const [answer] = await once(reader, "message");
      expect(answer).toEqual(encodeRequest(READER));
    }
    expect(server.events.map(({ kind }) => kind)).toEqual(["reported", "complete"]);
  });

  test("tells who claims the number of another, and who has no business here", async () => {
    const server = await served(1, { host: "0.0.0.0" });
    for (const [address, request] of [
      ["127.0.0.1", READER],
      ["127.0.0.2", READER],
      ["127.0.0.3", WRITER],
    ] as const) {
      const socket = await stranger(address);
      socket.send(encodeRequest(request), server.port, "127.0.0.1");
      const count = server.events.length;
      await expect.poll(() => server.events.length).toBeGreaterThan(count);
    }
    expect(server.events.filter(({ kind }) => kind === "claimed" || kind === "refused")).toEqual([
      {
        kind: "claimed",
        node: 2,
        former: { address: "127.0.0.1", port: expect.any(Number) },
        now: { address: "127.0.0.2", port: expect.any(Number) },
      },
      { kind: "refused", address: "127.0.0.3", why: "all 1 nodes are others: 2" },
    ]);
  });

  test("counts what is no request, does not answer it, and goes on", async () => {
    const server = await served(1);
    const socket = await stranger();
    const answers: Buffer[] = [];
    socket.on("message", (bytes) => answers.push(bytes));
    for (const text of ["", "x", "0".repeat(12), "\0\0\0\u0001\x7f\0\0\0\0\0\0\0"]) {
      socket.send(text, server.port, server.address);
    }
    socket.send(encodeRequest(READER), server.port, server.address);
    await expect.poll(() => answers).toEqual([encodeRequest(READER)]);
    server.stop();
    expect(await server.ended).toMatchObject({ isComplete: true, malformedCount: 4 });
  });

  test("tells a hundred strangers and counts the others", async () => {
    const server = await served(1);
    const socket = await stranger();
    socket.send(encodeRequest(READER), server.port, server.address);
    await once(socket, "message");
    for (let node = 10; node < 130; node += 1) {
      socket.send(encodeRequest({ ...WRITER, node }), server.port, server.address);
      if (node % 20 === 0) {
        socket.send(encodeRequest(READER), server.port, server.address);
        await once(socket, "message");
      }
    }
    socket.send(encodeRequest(READER), server.port, server.address);
    await once(socket, "message");
    expect(server.events.filter(({ kind }) => kind === "refused")).toHaveLength(100);
    server.stop();
    expect(await server.ended).toMatchObject({ refusedCount: 120 });
  });

  test("says what it knew when it was stopped, and that nobody waits for a node", async () => {
    const server = await served(3);
    const socket = await stranger();
    socket.send(encodeRequest(WRITER), server.port, server.address);
    await expect.poll(() => server.events.length).toBe(1);
    server.stop();
    expect(await server.ended).toMatchObject({ isComplete: false, reported: [1], awaited: [2] });

    const other = await served(1);
    socket.send(encodeRequest(WRITER), other.port, other.address);
    await expect
      .poll(() => other.events.at(-1))
      .toEqual({
        kind: "complete",
        unmatched: [{ node: 1, peer: 2 }],
      });
  });

  test("cannot listen where somebody does, and says where", async () => {
    const { port } = await served(1);
    await expect(served(1, { port })).rejects.toMatchObject({
      code: "ZVM_NAMES",
      message: `The name server cannot listen at 127.0.0.1, UDP port ${port}: the port is taken (port 0 takes any that is free)`,
    });
  });

  test("ends at once where it was stopped before it began", async () => {
    const { ended } = await served(1, { signal: AbortSignal.abort() });
    expect(await ended).toMatchObject({ isComplete: false, reported: [] });
  });
});

test("two hundred nodes, each with a wire to each, all find each other", async () => {
  const nodes = Array.from({ length: 200 }, (_, index) => index + 1);
  const server = await served(nodes.length);
  const found = await Promise.all(
    nodes.map((node) => {
      const others = nodes.filter((it) => it !== node);
      const binds = others.map((peer) => ({ peer, port: 1000 + node }));
      return askNameServer({ server, node, binds, connects: others.map((peer) => ({ peer })) });
    }),
  );
  for (const [index, places] of found.entries()) {
    const ports = nodes.filter((it) => it !== index + 1).map((peer) => 1000 + peer);
    expect(places.map(({ port }) => port)).toEqual(ports);
  }
});
