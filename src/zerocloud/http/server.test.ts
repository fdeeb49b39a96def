/** The server itself: what joins it, downloads, connections. */
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { FreshServer, identifyByName, openContents } from "../../../test/support/http-client.ts";
import { startHttp } from "./index.ts";

let server: FreshServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const GET = "GET /v1/a/c/o HTTP/1.1\r\nHost: h\r\nX-Auth-Token: a\r\n";

describe("handlers", () => {
  it("are asked in their order before the object API", async () => {
    const asked: string[] = [];
    server = await FreshServer.start({
      handlers: [
        async (exchange) => {
          asked.push(exchange.path);
          if (exchange.path !== "/metrics") return false;
          await exchange.answer(200, { "Content-Type": "text/plain" }, "up 1\n");
          return true;
        },
        async (exchange) => {
          if (exchange.header("x-zerovm-execute") === undefined) return false;
          const body = await exchange.wholeBody({ bytes: 10, of: "A job" });
          const identity = await exchange.identity();
          await exchange.answer(200, {}, JSON.stringify({ identity, body: body.toString() }));
          return true;
        },
      ],
    });
    const metrics = await server.send("GET", "/metrics", { as: "" });
    expect(metrics).toMatchObject({ status: 200, body: "up 1\n" });
    const headers = { "X-Zerovm-Execute": "1.0" };
    const job = await server.send("POST", "/v1/a", { headers, body: "job" });
    expect(JSON.parse(job.body)).toEqual({
      identity: { names: ["a", "a"], owns: "a" },
      body: "job",
    });
    const large = await server.send("POST", "/v1/a", { headers, body: "x".repeat(11) });
    expect(large.status).toBe(413);
    expect((await server.send("HEAD", "/v1/a/c")).status).toBe(204);
    expect(asked).toEqual(["/metrics", "/v1/a", "/v1/a", "/v1/a/c"]);
  });

  it("that fail are answered without their reasons, and the log has them", async () => {
    const failure = new Error("the secret of /etc");
    server = await FreshServer.start({
      handlers: [
        async () => {
          throw failure;
        },
      ],
    });
    const answer = await server.send("GET", "/v1/a");
    expect(answer.status).toBe(500);
    expect(answer.body).toBe(
      "500 Internal Server Error\nThe server failed; its log says why\n" +
        `Transaction: ${answer.headers["x-trans-id"]}\n`,
    );
    expect(server.ended).toMatchObject([{ status: 500, failure }]);
  });
});

describe("the log", () => {
  it("is told of every exchange when it is over", async () => {
    server = await FreshServer.start();
    await server.send("PUT", "/v1/a/c/o", { body: "hello" });
    const got = await server.send("GET", "/v1/a/c/o");
    await expect.poll(() => server?.ended.length).toBe(2);
    expect(server.ended).toMatchObject([
      { status: 201, receivedBytes: 5, sentBytes: 0, failure: undefined },
      { status: 200, receivedBytes: 0, sentBytes: 5, failure: undefined },
    ]);
    expect(server.ended[1]?.exchange.transaction).toBe(got.headers["x-trans-id"]);
  });
});

describe("downloads", () => {
  it("wait for the client, and end with it", async () => {
    server = await FreshServer.start();
    const running = server;
    await running.send("PUT", "/v1/a/c/o", { body: Buffer.alloc(64 * 2 ** 20) });
    const socket = connect(running.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(`${GET}\r\n`);
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();
    expect(openContents(running.fresh.folder)).toHaveLength(1);
    running.ended.length = 0;
    socket.destroy();
    await expect.poll(() => running.ended).toMatchObject([{ status: 499 }]);
    await expect.poll(() => openContents(running.fresh.folder)).toEqual([]);
    expect(running.ended[0]?.sentBytes).toBeLessThan(32 * 2 ** 20);
  });

  it("end where the client takes nothing for too long", async () => {
    server = await FreshServer.start({ limits: { clientMs: 300 } });
    const running = server;
    await running.send("PUT", "/v1/a/c/o", { body: Buffer.alloc(64 * 2 ** 20) });
    running.ended.length = 0;
    const socket = connect(running.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.pause();
    socket.write(`${GET}\r\n`);
    await expect.poll(() => running.ended).toHaveLength(1);
    await expect.poll(() => openContents(running.fresh.folder)).toEqual([]);
    socket.destroy();
  });

  it("that are answers in memory end so too", async () => {
    server = await FreshServer.start({
      limits: { clientMs: 300 },
      handlers: [
        async (exchange) => {
          await exchange.answer(200, {}, Buffer.alloc(32 * 2 ** 20));
          return true;
        },
      ],
    });
    const running = server;
    const socket = connect(running.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.pause();
    socket.write(`${GET}\r\n`);
    await expect.poll(() => running.ended).toMatchObject([{ status: 408 }]);
    socket.destroy();
  });

  it("keep the object that they began with", async () => {
    server = await FreshServer.start();
    const old = "old".repeat(2_000_000);
    await server.send("PUT", "/v1/a/c/o", { body: old });
    const reading = server.send("GET", "/v1/a/c/o");
    await server.send("PUT", "/v1/a/c/o", { body: "new" });
    expect([old, "new"]).toContain((await reading).body);
    expect((await server.send("GET", "/v1/a/c/o")).body).toBe("new");
    await expect.poll(() => openContents(server?.fresh.folder ?? "")).toEqual([]);
  });

  it("and uploads at one time see whole objects only", async () => {
    server = await FreshServer.start();
    const running = server;
    const bodies = Array.from({ length: 20 }, (_, index) => String(index % 10).repeat(100_000));
    await running.send("PUT", "/v1/a/c/o", { body: bodies[0] ?? "" });
    const [puts, gets] = await Promise.all([
      Promise.all(bodies.map((body) => running.send("PUT", "/v1/a/c/o", { body }))),
      Promise.all(bodies.map(() => running.send("GET", "/v1/a/c/o"))),
    ]);
    expect(new Set(puts.map(({ status }) => status))).toEqual(new Set([201]));
    for (const { status, body } of gets) {
      expect(status).toBe(200);
      expect(bodies.includes(body)).toBe(true);
    }
    const { headers } = await running.send("HEAD", "/v1/a/c");
    expect(headers).toMatchObject({
      "x-container-object-count": "1",
      "x-container-bytes-used": "100000",
    });
  });

  it("close what they opened where there is nothing to send", async () => {
    server = await FreshServer.start();
    await server.send("PUT", "/v1/a/c/o", { body: "x" });
    for (const headers of [{ "If-Match": "y" }, { Range: "bytes=7-" }, { "If-None-Match": "*" }]) {
      await server.send("GET", "/v1/a/c/o", { headers });
    }
    await expect.poll(() => openContents(server?.fresh.folder ?? "")).toEqual([]);
  });
});

describe("connections", () => {
  it("are kept for the next request", async () => {
    server = await FreshServer.start();
    await server.send("PUT", "/v1/a/c/o", { body: "x" });
    const text = await server.sendRaw(`${GET}\r\n${GET}\r\n${GET}Connection: close\r\n\r\n`, false);
    expect(text.match(/HTTP\/1.1 200 OK/g)).toHaveLength(3);
  });

  it("have their requests answered one after another", async () => {
    let running = 0;
    let most = 0;
    server = await FreshServer.start({
      limits: { pipelined: 10 },
      handlers: [
        async (exchange) => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setTimeout(resolve, 5));
          running -= 1;
          await exchange.answer(200, {}, "x");
          return true;
        },
      ],
    });
    const last = `${GET}Connection: close\r\n\r\n`;
    const ten = await server.sendRaw(`${`${GET}\r\n`.repeat(9)}${last}`, false);
    expect(ten.match(/HTTP\/1.1 200 OK/g)).toHaveLength(10);
    expect(most).toBe(1);
    const flood = await server.sendRaw(`${GET}\r\n`.repeat(1000), false);
    expect((flood.match(/HTTP\/1.1 200 OK/g) ?? []).length).toBeLessThan(20);
  });

  it("beyond the limit are told so", async () => {
    server = await FreshServer.start({ limits: { connections: 2 } });
    const idle = [connect(server.port, "127.0.0.1"), connect(server.port, "127.0.0.1")];
    await Promise.all(idle.map((one) => new Promise((resolve) => one.on("connect", resolve))));
    const third = connect(server.port, "127.0.0.1");
    await new Promise((resolve) => third.on("connect", resolve));
    const answer = await server.send("GET", "/healthcheck");
    expect(answer.status).toBe(503);
    // Those that were there before are served all the same.
    const served = new Promise((resolve) => idle[0]?.once("data", resolve));
    idle[0]?.write("GET /healthcheck HTTP/1.1\r\nHost: h\r\n\r\n");
    expect(String(await served)).toMatch(/^HTTP\/1.1 200 /);
    third.destroy();
    for (const one of idle) one.destroy();
    await expect.poll(async () => (await server?.send("GET", "/healthcheck"))?.status).toBe(200);
  });

  it("whose headers do not come are ended", async () => {
    server = await FreshServer.start({ limits: { headersMs: 300 } });
    for (const begun of ["GET /v1/a HTTP/1.1\r\nX-Slow: ", ""]) {
      expect(await server.sendRaw(begun, false)).toMatch(/^HTTP\/1.1 408 /);
    }
  });

  it("under way are finished when the server closes", async () => {
    server = await FreshServer.start();
    const { store } = server.fresh;
    let release = (): void => undefined;
    const http = await startHttp({
      store,
      identify: identifyByName,
      handlers: [
        async (exchange) => {
          await new Promise<void>((resolve) => {
            release = resolve;
          });
          await exchange.answer(200, {}, "late");
          return true;
        },
      ],
    });
    const socket = connect(http.port, "127.0.0.1");
    let text = "";
    socket.on("data", (piece) => {
      text += piece.toString();
    });
    socket.write(`${GET}\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const closing = http.close();
    release();
    await closing;
    expect(text).toContain("late");
    const refused = new Promise((resolve) => connect(http.port, "127.0.0.1").on("error", resolve));
    expect(await refused).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("are not had where another server has the port", async () => {
    server = await FreshServer.start();
    const { port } = server;
    const second = startHttp({ store: server.fresh.store, identify: identifyByName, port });
    await expect(second).rejects.toMatchObject({ code: "ZVM_HTTP_LISTEN" });
  });
});
