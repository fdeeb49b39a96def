import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { temporaryFolders } from "../../../../test/support/temporary-folder.ts";
import { streamPair } from "../../../zerovm/libc/index.ts";
import { Log } from "../../log/index.ts";
import { Health, Metrics } from "../../metrics/index.ts";
import { JobHost } from "../../run/index.ts";
import { BroughtRoom } from "./brought-room.ts";
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
    brought: new BroughtRoom({ "jobs.broughtBytes": 100, "jobs.broughtBytesPerWorker": 100 }),
    log: new Log({ level: "error", form: "json", write: (line) => void said.push(line) }),
    health: new Health(),
    metrics: new Metrics(() => ({})),
    idleMs: IDLE_MS,
    wires: {
      door: { port: 7, expect: async () => await new Promise(() => undefined) },
      address: { port: 7 },
      reach: async () => await new Promise(() => undefined),
      makePair: streamPair,
    },
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
    socket.write(one, "latin1");
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
  const answer = await answerTo(GREETING, HEAD, bodyOf('{"version":2}'));
  expect(answer).toContain("HTTP/1.1 500");
  expect(answer).toContain("X-Backend-Zerocloud-Reason: failed");
  expect(answer).toContain("the first part is no order");
});

/** A body of one part, and the next one where there is more. */
function bodyOf(text: string): string {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(text.length);
  const part = `${size.toString("latin1")}${text}\0\0\0\0`;
  return `${part.length.toString(16)}\r\n${part}\r\n0\r\n\r\n`;
}

const TICKET = "1".repeat(32);
const OF_SET = HEAD.replace("Host:", `X-Zerocloud-Transaction: job/${TICKET}\r\nHost:`);

function holdOf(ticket: string): string {
  const hold = { ticket, id: 1, set: "2".repeat(32), since: 1, key: "a".repeat(64), reads: ["w"] };
  return bodyOf(JSON.stringify({ version: 1, hold }));
}

it("holds a place until it is released, and says how many it has", async () => {
  const held = await answerTo(GREETING, OF_SET, holdOf(TICKET));
  expect(held).toContain('{"held":true,"behind":false,"places":1,"door":{"port":7}}');
  expect(worker.held).toBe(1);
  // Also what concerns a set is read where all places are taken.
  expect(await answerTo(GREETING, OF_SET, holdOf("3".repeat(32)))).toContain('{"held":false');
  expect(await answerTo(GREETING, HEAD)).toContain("X-Backend-Zerocloud-Reason: busy");
  const release = bodyOf(JSON.stringify({ version: 1, release: [TICKET] }));
  expect(await answerTo(GREETING, OF_SET, release)).toContain("HTTP/1.1 200");
  expect(worker.held).toBe(0);
});

it("takes no order for a place that it does not hold", async () => {
  const limits = { timeoutSeconds: 1, memoryBytes: 1, limits: {} };
  const seat = { ticket: TICKET, wires: [] };
  const node = {
    ...{ id: 1, name: "n", group: "n", programName: "n", args: "", env: {}, channels: [] },
    ...{ instances: [1], program: { kind: "image-file", image: "i", path: "p", url: "u" } },
  };
  const order = {
    ...{ version: 1, job: "j", account: "a", node, variables: [], items: [], brought: [], seat },
    limits: { ...limits, limits: { calls: 1, inputBytes: 1, outputBytes: 1 } },
  };
  const answer = await answerTo(GREETING, OF_SET, bodyOf(JSON.stringify(order)));
  expect(answer).toContain("HTTP/1.1 409");
  expect(answer).toContain("X-Backend-Zerocloud-Reason: ticket");
});

it("holds nothing for who does not say that it belongs to a set", async () => {
  expect(await answerTo(GREETING, HEAD, holdOf(TICKET))).toContain("the first part is no order");
  expect(worker.held).toBe(0);
});
