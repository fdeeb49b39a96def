import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { askNameServer, NameServiceError } from "./ask.ts";
import { encodeAnswer } from "./packet.ts";

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

type Answerer = (bytes: Buffer, from: RemoteInfo, server: Socket) => void;

/** A server that does as it is told with each request. @returns where it is */
async function serverWith(answer: Answerer): Promise<{ address: string; port: number }> {
  const socket = createSocket("udp4");
  sockets.push(socket);
  socket.on("message", (bytes, from) => answer(bytes, from, socket));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { address: "127.0.0.1", port: socket.address().port };
}

const BINDS = [{ peer: 1, port: 1001 }];
const CONNECTS = [{ peer: 3 }];
const QUESTION = { node: 2, binds: BINDS, connects: CONNECTS };
const PLACES = [{ address: "10.0.0.3", port: 2002 }];
const RIGHT = encodeAnswer(QUESTION, PLACES);

/** What it fails with; a place where it does not. */
async function failureOf(answer: Answerer): Promise<unknown> {
  const server = await serverWith(answer);
  return await askNameServer({ ...QUESTION, server }).catch((error: unknown) => {
    expect(error).toBeInstanceOf(NameServiceError);
    const { code, state } = error as NameServiceError;
    return [code, state];
  });
}

function replyWith(bytes: Buffer): Answerer {
  return (_, from, server) => server.send(bytes, from.port, from.address);
}

describe("a name server is asked", () => {
  test("by one datagram, and its answer is the places in order", async () => {
    const asked: string[] = [];
    const server = await serverWith((bytes, from, socket) => {
      asked.push(bytes.toString("hex"));
      replyWith(RIGHT)(bytes, from, socket);
    });
    expect(await askNameServer({ ...QUESTION, server })).toEqual(PLACES);
    expect(asked).toEqual(["000000020000000100000001" + "0000000103e9" + "000000030000"]);
  });

  test("also by nodes that look for nobody: they wait for the others", async () => {
    const question = { node: 3, binds: BINDS, connects: [] };
    const server = await serverWith((bytes, from, socket) => socket.send(bytes, from.port));
    expect(await askNameServer({ ...question, server })).toEqual([]);
  });

  test("again where there is no answer", async () => {
    let count = 0;
    const server = await serverWith((bytes, from, socket) => {
      count += 1;
      if (count === 3) replyWith(RIGHT)(bytes, from, socket);
    });
    expect(await askNameServer({ ...QUESTION, server })).toEqual(PLACES);
    expect(count).toBe(3);
  });

  test("and a late answer to an earlier attempt is one", async () => {
    let first: RemoteInfo | undefined;
    const server = await serverWith((_, from, socket) => {
      if (first === undefined) first = from;
      else replyWith(RIGHT)(RIGHT, first, socket);
    });
    expect(await askNameServer({ ...QUESTION, server })).toEqual(PLACES);
  });

  test("also where it is started after the first attempt", async () => {
    const server = await serverWith(() => undefined);
    const [gone] = sockets.splice(0);
    gone?.close();
    const places = askNameServer({ ...QUESTION, server });
    await setTimeout(300);
    const late = createSocket("udp4");
    sockets.push(late);
    late.on("message", (bytes, from) => replyWith(RIGHT)(bytes, from, late));
    late.bind(server.port, "127.0.0.1");
    expect(await places).toEqual(PLACES);
  });
});

describe("a name server that is of no use", () => {
  test("does not answer: three attempts, then EAGAIN", async () => {
    let count = 0;
    const failure = await failureOf(() => {
      count += 1;
    });
    expect([failure, count]).toEqual([[11, "name service failed"], 3]);
  });

  test("is not there", async () => {
    const server = await serverWith(() => undefined);
    for (const socket of sockets.splice(0)) socket.close();
    const asked = askNameServer({ ...QUESTION, server });
    await expect(asked).rejects.toMatchObject({
      code: 11,
      state: "name service failed",
      message: expect.stringContaining("no answer within 3.6 seconds; it answers when all nodes"),
    });
  });

  test("cannot be sent anything: the reason of the system", async () => {
    const server = { address: "255.255.255.255", port: 9 };
    await expect(askNameServer({ ...QUESTION, server })).rejects.toMatchObject({
      code: 13,
      state: "name service failed",
      message: "it cannot be asked: EACCES",
    });
  });

  test("is at an address of IPv6", async () => {
    const server = { address: "::1", port: 9 };
    const asked = askNameServer({ ...QUESTION, server });
    await expect(asked).rejects.toMatchObject({ code: 14, name: "NameServiceError" });
  });

  test("has no port", async () => {
    const asked = askNameServer({ ...QUESTION, server: { address: "127.0.0.1", port: 0 } });
    await expect(asked).rejects.toMatchObject({ state: "name server has no port: 0 is none" });
  });

  test("gets more records than a datagram has room for", async () => {
    const server = { address: "127.0.0.1", port: 9 };
    const connects = Array.from({ length: 10_915 }, () => ({ peer: 1 }));
    await expect(askNameServer({ ...QUESTION, server, connects })).rejects.toMatchObject({
      code: 14,
      state: "10916 network sources are more than a name server can be asked for",
    });
  });
});

describe("an answer that is a lie", () => {
  const changed = (at: number, ...bytes: number[]): Buffer => {
    const copy = Buffer.from(RIGHT);
    copy.set(bytes, at);
    return copy;
  };

  test.each([
    ["too short", RIGHT.subarray(0, 23), "received parcel size 23 is not equal to sent one 24"],
    ["empty", RIGHT.subarray(0, 0), "received parcel size 0 is not equal to sent one 24"],
    [
      "too long",
      Buffer.concat([RIGHT, Buffer.alloc(6)]),
      "received parcel size 30 is not equal to sent one 24",
    ],
    [
      "huge counts",
      changed(4, 0xff, 0xff, 0xff, 0xff),
      "received parcel records are wrong: 4294967296 records are more than 10915",
    ],
    [
      "more than there are",
      changed(8, 0, 0, 0, 2),
      "received parcel records are wrong: 24 bytes, where 3 records take 30",
    ],
    [
      "another division",
      changed(4, 0, 0, 0, 2, 0, 0, 0, 0),
      "received parcel records 2 + 0 are not equal to sent ones 1 + 1",
    ],
    ["for another node", changed(0, 0, 0, 0, 9), "received parcel records are for node 9, not 2"],
    [
      "of other peers",
      changed(12, 0, 0, 0, 9),
      "received parcel records differ from sent ones in record 1",
    ],
    [
      "of other ports",
      changed(16, 0, 9),
      "received parcel records differ from sent ones in record 1",
    ],
    ["without a port", changed(22, 0, 0), "node 3 does not wait for node 2"],
    ["of no address", changed(18, 0, 0, 0, 0), "node 3 does not wait for node 2"],
    ["of many addresses", changed(18, 224, 0, 0, 1), "node 3 does not wait for node 2"],
    ["of all addresses", changed(18, 255, 255, 255, 255), "node 3 does not wait for node 2"],
  ])("%s", async (_, bytes, state) => {
    expect(await failureOf(replyWith(bytes))).toEqual([14, state]);
  });

  test("is not heard where somebody else sends it", async () => {
    const stranger = createSocket("udp4");
    sockets.push(stranger);
    const lie = encodeAnswer(QUESTION, [{ address: "10.6.6.6", port: 666 }]);
    const server = await serverWith((bytes, from, socket) => {
      stranger.send(lie, from.port, from.address);
      stranger.send("x", from.port, from.address);
      globalThis.setTimeout(() => replyWith(RIGHT)(bytes, from, socket), 100);
    });
    expect(await askNameServer({ ...QUESTION, server })).toEqual(PLACES);
  });
});

describe("who waits can be told to stop", () => {
  test("before and while it does", async () => {
    const server = await serverWith(() => undefined);
    const reason = new Error("enough");
    const stopped = AbortSignal.abort(reason);
    await expect(askNameServer({ ...QUESTION, server, signal: stopped })).rejects.toBe(reason);
    const controller = new AbortController();
    const { signal } = controller;
    const asked = askNameServer({ ...QUESTION, server, signal });
    globalThis.setTimeout(() => controller.abort(reason), 50);
    await expect(asked).rejects.toBe(reason);
    const open = (): string[] =>
      process.getActiveResourcesInfo().filter((name) => name.startsWith("UDP"));
    await expect.poll(() => open().length).toBe(1);
  });
});
