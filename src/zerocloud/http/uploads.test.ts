/** Uploads that go wrong: late, broken off, unwanted, too much for the disk. */

import { readdir } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { FreshServer } from "../../../test/support/http-client.ts";
import { HOST_FILES } from "../store/store-files.ts";

let server: FreshServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const PUT = "PUT /v1/a/c/o HTTP/1.1\r\nHost: h\r\nX-Auth-Token: a\r\n";

/** What came back so far on a connection. */
function answersOf(socket: Socket): { text: string; ended: Promise<void> } {
  const seen = { text: "", ended: new Promise<void>((done) => socket.on("close", () => done())) };
  socket.on("data", (piece) => {
    seen.text += piece.toString("latin1");
  });
  socket.on("error", () => undefined);
  return seen;
}

async function filesOf(running: FreshServer): Promise<string[]> {
  const all = await readdir(running.fresh.folder, { recursive: true, withFileTypes: true });
  return all
    .filter((one) => one.isFile() && /\/(?:contents|incoming)/.test(one.parentPath))
    .map(({ parentPath, name }) => join(parentPath, name));
}

describe("an upload with Expect: 100-continue", () => {
  it("is asked for when it is wanted", async () => {
    server = await FreshServer.start();
    const socket = connect(server.port, "127.0.0.1");
    const seen = answersOf(socket);
    socket.write(`${PUT}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n`);
    await expect.poll(() => seen.text).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("hello");
    await expect.poll(() => seen.text).toContain("HTTP/1.1 201 Created");
    socket.destroy();
  });

  it.each([
    ["nobody", "401 Unauthorized", PUT.replace("X-Auth-Token: a\r\n", "")],
    ["somebody else", "403 Forbidden", PUT.replace("Token: a", "Token: b")],
    ["too much of it", "413 Payload Too Large", PUT],
    ["no container", "404 Not Found", PUT.replace("/c/", "/none/")],
  ])("is refused before it is sent: %s", async (_who, status, head) => {
    server = await FreshServer.start({}, { objectBytesMax: 100 });
    const sent = `${head}Content-Length: 101\r\nExpect: 100-continue\r\n\r\n`;
    const answer = await server.sendRaw(sent, false);
    expect(answer.startsWith(`HTTP/1.1 ${status}\r\n`)).toBe(true);
    expect(answer).toContain("Connection: close\r\n");
  });

  it("expects nothing else", async () => {
    server = await FreshServer.start();
    const answer = await server.sendRaw(`${PUT}Content-Length: 0\r\nExpect: a-coin\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 417 /);
    expect(answer).toContain("X-Trans-Id: tx");
  });
});

describe("an upload that is refused while it comes", () => {
  it("gets its answer all the same", async () => {
    server = await FreshServer.start();
    const answer = await server.send("PUT", "/v1/a/none/o", { body: Buffer.alloc(700_000) });
    expect(answer.status).toBe(404);
    expect(answer.headers.connection).toBe("close");
  });

  it("is not read for ever", async () => {
    server = await FreshServer.start({ limits: { discardBytes: 1000, discardMs: 200 } });
    const socket = connect(server.port, "127.0.0.1");
    const seen = answersOf(socket);
    socket.write(`${PUT.replace("/c/", "/none/")}Content-Length: 1000000000\r\n\r\n`);
    const pump = setInterval(() => socket.write(Buffer.alloc(100)), 20);
    await seen.ended;
    clearInterval(pump);
    expect(seen.text).toMatch(/^HTTP\/1.1 404 /);
  });
});

describe("an upload that does not come to its end", () => {
  it("leaves nothing where the client goes away", async () => {
    server = await FreshServer.start();
    const running = server;
    for (const head of [
      "Content-Length: 100000\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n5\r\n",
    ]) {
      running.ended.length = 0;
      const socket = connect(running.port, "127.0.0.1");
      socket.write(`${PUT}${head}hello`);
      await expect.poll(() => filesOf(running)).toHaveLength(1);
      socket.destroy();
      await expect.poll(() => running.ended.map(({ status }) => status)).toEqual([499]);
      await expect.poll(() => filesOf(running)).toEqual([]);
      expect((await running.send("HEAD", "/v1/a/c/o")).status).toBe(404);
    }
  });

  it("leaves what was there before", async () => {
    server = await FreshServer.start();
    await server.send("PUT", "/v1/a/c/o", { body: "old" });
    await server.sendRaw(`${PUT}Content-Length: 100\r\n\r\nnew`);
    expect((await server.send("GET", "/v1/a/c/o")).body).toBe("old");
  });

  it("is ended where nothing comes for too long", async () => {
    server = await FreshServer.start({ limits: { clientMs: 300 } });
    const answer = await server.sendRaw(`${PUT}Content-Length: 100\r\n\r\nnew`, false);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    await expect.poll(() => server && filesOf(server)).toEqual([]);
  });

  it("is ended where it has too few bytes, or broken chunks", async () => {
    server = await FreshServer.start();
    const chunks = `${PUT}Transfer-Encoding: chunked\r\n\r\nzz\r\n`;
    expect(await server.sendRaw(chunks, false)).toMatch(/^HTTP\/1.1 400 /);
    expect((await server.send("HEAD", "/v1/a/c/o")).status).toBe(404);
    await expect.poll(() => server && filesOf(server)).toEqual([]);
  });

  it("announces its length, or comes in chunks", async () => {
    server = await FreshServer.start();
    const answer = await server.sendRaw(`${PUT}Connection: close\r\n\r\n`, false);
    expect(answer).toMatch(/^HTTP\/1.1 411 /);
  });
});

describe("a host that has nothing left", () => {
  it.each([
    ["of the disk", { freeBytes: async () => 0 }, 507, "Insufficient Storage"],
    [
      "of descriptors",
      {
        create: async () => {
          throw Object.assign(new Error("too many open files"), { code: "EMFILE" });
        },
      },
      503,
      "Service Unavailable",
    ],
    [
      "of its mind",
      {
        create: async () => {
          throw Object.assign(new Error("the disk is /dev/secret"), { code: "EIO" });
        },
      },
      500,
      "Internal Server Error",
    ],
  ])("%s is named by its status", async (_what, broken, status, words) => {
    const files = { ...HOST_FILES };
    server = await FreshServer.start({}, { files });
    await server.send("PUT", "/v1/a/c/old", { body: "old" });
    Object.assign(files, broken);
    const answer = await server.send("PUT", "/v1/a/c/o", { body: "x" });
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(`${status} ${words}\n`);
    expect(answer.body).not.toMatch(/secret|EIO|\.ts|at .*:\d+/);
    expect((await server.send("GET", "/v1/a/c/old")).body).toBe("old");
    expect((await server.send("DELETE", "/v1/a/c/old")).status).toBe(204);
    const told = server.ended.find((one) => one.status === status);
    expect(told?.failure).toBeInstanceOf(Error);
  });

  it("of descriptors cannot be read from either", async () => {
    const files = { ...HOST_FILES };
    server = await FreshServer.start({}, { files });
    await server.send("PUT", "/v1/a/c/o", { body: "x" });
    files.openRead = async () => {
      throw Object.assign(new Error("too many open files"), { code: "EMFILE" });
    };
    expect((await server.send("GET", "/v1/a/c/o")).status).toBe(503);
    expect((await server.send("HEAD", "/v1/a/c/o")).status).toBe(200);
  });
});
