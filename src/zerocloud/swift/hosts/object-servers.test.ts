import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { writePart } from "../orders/parts.ts";
import { HostLost, type NodeErrand, ObjectServers } from "./object-servers.ts";

const TIMES = { connectMs: 2000, beginMs: 150, idleMs: 150 };
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** An object server that does what it is told to. */
async function errandTo(serve: Serve, more: Partial<NodeErrand> = {}): Promise<NodeErrand> {
  const server = createServer().on("checkContinue", serve).listen(0, "127.0.0.1");
  servers.push(server);
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const place = { region: 1, zone: 1, isHandoff: false };
  return {
    host: { ip: "127.0.0.1", port, device: "d1", ...place },
    partition: 7,
    path: "/a/c/o",
    policy: 0,
    transaction: "t",
    body: () => writePart([Buffer.from("order")]),
    timeoutMs: 150,
    signal: new AbortController().signal,
    ...more,
  };
}

async function send(serve: Serve, more: Partial<NodeErrand> = {}) {
  return await new ObjectServers(Buffer.from("secret"), TIMES).send(await errandTo(serve, more));
}

/** Takes all of an order. */
async function takeOrder(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.writeContinue();
  const taken = new Promise((resolve) => request.once("close", resolve).once("end", resolve));
  request.on("error", () => undefined).resume();
  await taken;
}

it("gives up a host that takes no order", async () => {
  const sent = send(() => undefined);
  await expect(sent).rejects.toThrow(HostLost);
  await expect(sent).rejects.toThrow("it does not take the order");
});

it("gives up a host that does not read an order on", async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc(2 ** 20);
  }
  const sent = send((_, response) => response.writeContinue(), { body: endless });
  await expect(sent).rejects.toThrow("it does not read the order on");
});

it("gives up a host that has the order and does not answer", async () => {
  await expect(send(takeOrder)).rejects.toThrow("it does not answer");
});

it("gives up a host whose answer stops in the middle", async () => {
  const reply = await send(async (request, response) => {
    await takeOrder(request, response);
    response.writeHead(200);
    response.write(Buffer.from([0, 0, 0, 9]));
  });
  await expect(reply.parts.text(100)).rejects.toThrow("its answer stops in the middle");
});

it("does not hurry a host that goes on, however slowly", async () => {
  const reply = await send(async (request, response) => {
    await takeOrder(request, response);
    response.writeHead(200);
    for (let time = 0; time < 4; time += 1) {
      response.write(Buffer.from([0, 0, 0, 1, 65]));
      await new Promise((resolve) => setTimeout(resolve, TIMES.idleMs / 2));
    }
    response.end(Buffer.alloc(4));
  });
  expect(await reply.parts.text(100)).toBe("AAAA");
});

it("hears a host that refuses an order in the middle, and ends the order", async () => {
  let sentCount = 0;
  async function* large(): AsyncGenerator<Uint8Array> {
    for (sentCount = 0; sentCount < 1000; sentCount += 1) yield Buffer.alloc(2 ** 18);
  }
  const asked: unknown[] = [];
  const refusing: Serve = (request, response) => {
    asked.push(request.headers.connection);
    response.writeContinue();
    request.once("data", () => {
      request.pause();
      response.writeHead(413, { "X-Backend-Zerocloud-Reason": "refused" });
      response.end(Buffer.from("\0\0\0\x03why\0\0\0\0", "latin1"));
    });
  };
  for (let time = 0; time < 10; time += 1) {
    const { status, reason, parts, close } = await send(refusing, { body: large });
    expect([status, reason, await parts.text(100)]).toEqual([413, "refused", "why"]);
    close();
    expect(sentCount).toBeLessThan(1000);
  }
  // Servers of Swift read on, after they have answered, only where a connection is to live on; else
  // the kernel throws away with what was not read also the answer that is on its way.
  expect(new Set(asked)).toEqual(new Set(["keep-alive"]));
});

it("blames no host for an order that cannot be made", async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("some");
    throw new TypeError("the object is gone");
  }
  const sent = send(takeOrder, { body: failing });
  await expect(sent).rejects.toThrow(TypeError);
  await expect(sent).rejects.toThrow("the object is gone");
});

it("ends with the reason of a signal", async () => {
  const ending = new AbortController();
  const sent = send(() => ending.abort(new RangeError("cancelled")), { signal: ending.signal });
  await expect(sent).rejects.toThrow(RangeError);
});
