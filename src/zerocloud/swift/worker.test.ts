import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { Log } from "../log/index.ts";
import { Health, Metrics } from "../metrics/index.ts";
import { JobHost } from "../run/index.ts";
import { GREETING } from "./handed-connection.ts";
import { Worker } from "./worker.ts";

const newFolder = temporaryFolders();
const IDLE_MS = 300;
const HEAD = [
  "POST /run HTTP/1.1",
  "Host: worker",
  "Expect: 100-continue",
  "Transfer-Encoding: chunked",
  "",
  "",
].join("\r\n");

let worker: Worker;
let path: string;
const said: string[] = [];

beforeEach(async () => {
  path = join(newFolder(), "socket");
  said.length = 0;
  worker = new Worker({
    socket: path,
    host: new JobHost(),
    sessions: 1,
    log: new Log({ level: "error", form: "json", write: (line) => void said.push(line) }),
    health: new Health(),
    metrics: new Metrics(() => ({})),
    idleMs: IDLE_MS,
  });
  await worker.start();
});
afterEach(async () => await worker.stop(0));

async function connected(): Promise<Socket> {
  const socket = connect(path);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** What a worker says until it closes the connection. */
async function answerTo(...texts: readonly string[]): Promise<string> {
  const socket = await connected();
  let text = "";
  socket.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
  });
  for (const one of texts) {
    socket.write(one);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (!socket.closed) await once(socket, "close");
  return text;
}

it("gives no place to an order that stands still", async () => {
  const standing = answerTo(GREETING, HEAD, "4\r\n\0\0\0\x09\r\n");
  await expect.poll(() => worker.running).toBe(1);
  expect(await answerTo(GREETING, HEAD)).toContain("X-Backend-Zerocloud-Reason: busy");
  expect(await standing).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  await expect.poll(() => worker.running).toBe(0);
});

it("closes a connection that begins otherwise, and keeps nothing of it", async () => {
  const open = readdirSync("/proc/self/fd").length;
  expect(await answerTo("zerocloud-node 9", HEAD)).toBe("");
  expect(await answerTo("GET / HTTP/1.1\r\n\r\n")).toBe("");
  expect(said.join("\n")).toContain("the greeting is another");
  await expect.poll(() => readdirSync("/proc/self/fd").length).toBeLessThanOrEqual(open);
});

it("says of an order that is none what is wrong", async () => {
  const text = '{"version":2}';
  const block = `\0\0\0${String.fromCharCode(text.length)}${text}\0\0\0\0`;
  const order = `${block.length.toString(16)}\r\n${block}\r\n0\r\n\r\n`;
  const answer = await answerTo(GREETING, HEAD, order);
  expect(answer).toContain("HTTP/1.1 500");
  expect(answer).toContain("X-Backend-Zerocloud-Reason: failed");
  expect(answer).toContain("the first part is no order");
});
