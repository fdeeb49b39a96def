import { createHash } from "node:crypto";
import { closeSync, readSync, writeSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { libraryCall, pollAny } from "../libc/index.ts";
import { encodeHello, KEY_BYTES } from "./greeting-codec.ts";
import { reachWire } from "./reach-wire.ts";
import type { Wire } from "./wire.ts";
import { type DoorOptions, WireDoor } from "./wire-door.ts";

const KEY = createHash("sha256").update("one").digest();
const OTHER = createHash("sha256").update("other").digest();
const NAME = "1>2";
const HOST = "127.0.0.1";

const toEnd: (() => void)[] = [];

afterEach(() => {
  for (const end of toEnd.splice(0)) end();
});

async function openDoor(options: Partial<DoorOptions> = {}): Promise<WireDoor> {
  const door = await WireDoor.open({ host: HOST, port: 0, ...options });
  toEnd.push(() => door.close());
  return door;
}

function kept(wire: Wire): Wire {
  toEnd.push(() => closeSync(wire.fd));
  return wire;
}

async function keptOf(wire: Promise<Wire>): Promise<Wire> {
  return kept(await wire);
}

/** A plain connection that says what it is told to, and what becomes of it. */
function say(port: number, bytes: Uint8Array): { socket: Socket; heard: Promise<Buffer> } {
  const socket = connect({ host: HOST, port });
  toEnd.push(() => socket.destroy());
  const heard: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => heard.push(chunk));
  socket.on("error", () => undefined);
  socket.write(bytes);
  const end = new Promise<Buffer>((resolve) => {
    socket.on("close", () => resolve(Buffer.concat(heard)));
  });
  return { socket, heard: end };
}

function talk(from: Wire, to: Wire, text: string): string {
  writeSync(from.fd, text);
  const buffer = Buffer.alloc(100);
  expect(pollAny([to.fd], 5000)).toEqual([to.fd]);
  return buffer.toString("utf8", 0, readSync(to.fd, buffer));
}

/** What the kernel has for an option of a socket. */
function optionOf(fd: number, level: number, name: number): number | undefined {
  const get = libraryCall("int getsockopt(int fd, int level, int name, void *value, void *size)");
  const value = new Int32Array(1);
  expect(get(fd, level, name, value, new Int32Array([4]))).toBe(0);
  return value[0];
}

const nonce = new Uint8Array(32);

describe("a wire over TCP", () => {
  for (const host of [HOST, "::1"]) {
    test(`is connected at ${host}, and both ends can talk`, async () => {
      const door = await openDoor({ host });
      const aim = { host, port: door.port, name: NAME };
      const [read, written] = await Promise.all([
        keptOf(door.expect(NAME)),
        keptOf(reachWire(aim)),
      ]);
      expect(talk(written, read, "there")).toBe("there");
      expect(talk(read, written, "back")).toBe("back");
      expect(written.peer).toBe(`${host === HOST ? host : `[${host}]`}:${door.port}`);
      expect([read.keys, written.keys]).toEqual([undefined, undefined]);
    });
  }

  test("has keys of its own, the same at both ends, where the key is", async () => {
    const door = await openDoor();
    const aim = { host: HOST, port: door.port, key: KEY };
    const both = async (name: string): Promise<[Wire, Wire]> =>
      Promise.all([keptOf(door.expect(name, { key: KEY })), keptOf(reachWire({ ...aim, name }))]);
    const [[read, written], [otherRead]] = await Promise.all([both("1>2"), both("3>2")]);
    expect(read.keys?.writer).toHaveLength(KEY_BYTES);
    expect(written.keys).toEqual(read.keys);
    const all = [read.keys, otherRead.keys].flatMap((keys) => [keys?.writer, keys?.reader]);
    expect(new Set(all.map((key) => Buffer.from(key ?? []).toString("hex"))).size).toBe(4);
    expect(talk(written, read, "sealed by the cells")).toBe("sealed by the cells");
  });

  test("leaves to the cell what comes right behind the go", async () => {
    const door = await openDoor();
    const reading = keptOf(door.expect(NAME)).then((read) => {
      writeSync(read.fd, "early words of the reader");
      return read;
    });
    const written = await keptOf(reachWire({ host: HOST, port: door.port, name: NAME }));
    await reading;
    const buffer = Buffer.alloc(100);
    expect(pollAny([written.fd], 5000)).toEqual([written.fd]);
    expect(buffer.toString("utf8", 0, readSync(written.fd, buffer))).toBe(
      "early words of the reader",
    );
  });

  test("does not block, and its end is seen at the other side", async () => {
    const door = await openDoor();
    const reading = door.expect(NAME);
    const written = await reachWire({ host: HOST, port: door.port, name: NAME });
    const read = kept(await reading);
    expect(() => readSync(read.fd, Buffer.alloc(1))).toThrow(/EAGAIN/);
    closeSync(written.fd);
    expect(pollAny([read.fd], 5000)).toEqual([read.fd]);
    expect(readSync(read.fd, Buffer.alloc(1))).toBe(0);
  });

  test("is watched by the kernel at both ends, and sends at once", async () => {
    const door = await openDoor();
    const writing = keptOf(reachWire({ host: HOST, port: door.port, name: NAME }));
    const ends = await Promise.all([keptOf(door.expect(NAME)), writing]);
    for (const { fd } of ends) {
      // TCP_NODELAY, SO_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT.
      const options = [
        [6, 1],
        [1, 9],
        [6, 4],
        [6, 5],
        [6, 6],
      ] as const;
      const set = options.map(([level, name]) => optionOf(fd, level, name));
      expect(set).toEqual([1, 1, 20, 10, 4]);
    }
  });

  test("comes about where the reader begins to listen later", async () => {
    const early = await openDoor();
    const { port } = early;
    early.close();
    const reasons: string[] = [];
    const writing = keptOf(
      reachWire({ host: HOST, port, name: NAME, onRetry: (reason) => reasons.push(reason) }),
    );
    await sleep(50);
    const door = await openDoor({ port });
    const [read] = await Promise.all([keptOf(door.expect(NAME)), writing]);
    expect(talk(await writing, read, "late")).toBe("late");
    expect(reasons[0]).toBe(`Nobody listens at ${HOST}:${port}`);
  });

  test("waits at the door until it is expected", async () => {
    const door = await openDoor();
    const writing = keptOf(reachWire({ host: HOST, port: door.port, name: NAME, key: KEY }));
    await sleep(50);
    const read = await keptOf(door.expect(NAME, { key: KEY }));
    expect(talk(await writing, read, "patience")).toBe("patience");
  });

  test("is tried again where it is expected later than the door waits", async () => {
    const door = await openDoor({ greetingMs: 30 });
    const writing = keptOf(reachWire({ host: HOST, port: door.port, name: NAME }));
    await sleep(200);
    const read = await keptOf(door.expect(NAME));
    expect(talk(await writing, read, "again")).toBe("again");
  });
});

describe("a writer gives up at once", () => {
  const cases = [
    ["the reader has another key", KEY, OTHER, "has another key for its wires"],
    ["only the reader has a key", undefined, OTHER, "has a key for its wires"],
    ["only the writer has a key", KEY, undefined, "has no key for its wires"],
  ] as const;
  for (const [what, mine, theirs, said] of cases) {
    test(`where ${what}, and the reader goes on waiting`, async () => {
      const door = await openDoor();
      const reading = keptOf(door.expect(NAME, { key: theirs }));
      const aim = { host: HOST, port: door.port, name: NAME };
      await expect(reachWire({ ...aim, key: mine })).rejects.toThrow(said);
      const [read, written] = [keptOf(reachWire({ ...aim, key: theirs })), reading];
      expect(talk(await read, await written, "right")).toBe("right");
    });
  }

  test("where something else listens", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end("SSH-2.0-x\r\n");
    });
    toEnd.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    await expect(reachWire({ host: HOST, port, name: NAME })).rejects.toThrow("is no reader");
  });

  test("where it is told to", async () => {
    const door = await openDoor();
    const { port } = door;
    const abort = new AbortController();
    const reason = new Error("enough");
    const waiting = [
      reachWire({ host: HOST, port, name: NAME, signal: abort.signal }),
      door.expect("9>9", { signal: abort.signal }),
    ];
    setTimeout(() => abort.abort(reason), 30);
    for (const end of waiting) await expect(end).rejects.toBe(reason);
  });
});

describe("a door closes what is no wire of its own", () => {
  const hello = encodeHello(NAME, true, nonce);
  const long = Buffer.from(hello);
  long.writeUInt16BE(513, 9);
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ["garbage", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["a name that is too long", long],
    [
      "a name that is no text",
      Buffer.concat([hello.subarray(0, 11), Buffer.from([0xff, 0xfe, 0xfd]), nonce]),
    ],
    ["more than a hello", Buffer.concat([hello, Buffer.from("x")])],
    ["a proof before the answer", Buffer.concat([hello, nonce])],
    ["a megabyte", Buffer.alloc(2 ** 20, "ZVMWIRE1")],
  ];
  for (const [what, bytes] of cases) {
    test(`${what}, and serves others`, async () => {
      const door = await openDoor();
      const reading = keptOf(door.expect(NAME, { key: KEY }));
      const heard = await say(door.port, bytes).heard;
      expect(heard.length).toBeLessThanOrEqual(73);
      const written = await keptOf(
        reachWire({ host: HOST, port: door.port, name: NAME, key: KEY }),
      );
      expect(talk(written, await reading, "served")).toBe("served");
    });
  }

  test("a hello that is said again: its proof is of another answer", async () => {
    const door = await openDoor();
    const reading = keptOf(door.expect(NAME, { key: KEY }));
    const said: Buffer[] = [];
    // Listens in between the two, and keeps what the writer says.
    const between = createServer((socket) => {
      const on = connect({ host: HOST, port: door.port });
      toEnd.push(
        () => on.destroy(),
        () => socket.destroy(),
      );
      for (const end of [on, socket]) end.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => said.push(chunk));
      socket.pipe(on).pipe(socket);
    });
    toEnd.push(() => between.close());
    await new Promise<void>((resolve) => between.listen(0, HOST, resolve));
    const address = between.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    await keptOf(reachWire({ host: HOST, port, name: NAME, key: KEY }));
    await reading;
    const again = door.expect(NAME, { key: KEY });
    again.catch(() => undefined);
    const replayed = Buffer.concat(said);
    const { socket, heard } = say(door.port, replayed.subarray(0, replayed.length - 32));
    await sleep(30);
    socket.write(replayed.subarray(-32));
    // An answer, and no go.
    expect(await heard).toHaveLength(73);
  });

  test("who is silent or slow, while others are served", async () => {
    const door = await openDoor({ greetingMs: 300 });
    const ends = [
      say(door.port, Buffer.alloc(0)).heard,
      say(door.port, hello.subarray(0, 20)).heard,
      say(door.port, hello).heard,
    ];
    const reading = keptOf(door.expect(NAME, { key: KEY }));
    const written = await keptOf(reachWire({ host: HOST, port: door.port, name: NAME, key: KEY }));
    expect(talk(written, await reading, "quick")).toBe("quick");
    await Promise.all(ends);
  });

  test("the longest there, where there are too many", async () => {
    const door = await openDoor({ callersMax: 3 });
    const first = say(door.port, Buffer.alloc(0)).heard;
    await sleep(20);
    for (let index = 0; index < 3; index += 1) say(door.port, hello.subarray(0, 9));
    expect(await first).toHaveLength(0);
    const reading = keptOf(door.expect(NAME));
    const written = await keptOf(reachWire({ host: HOST, port: door.port, name: NAME }));
    expect(talk(written, await reading, "room")).toBe("room");
  });

  test("everything, when it is closed", async () => {
    const door = await openDoor();
    const heard = say(door.port, hello).heard;
    const waiting = door.expect("other");
    waiting.catch(() => undefined);
    await sleep(20);
    door.close();
    expect(await heard).toHaveLength(0);
    await expect(waiting).rejects.toThrow("Nobody waits");
    await expect(door.expect(NAME)).rejects.toThrow("Nobody waits");
  });
});
