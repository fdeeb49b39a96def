import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectTo, libraryCall, sendMessage } from "../../../zerovm/libc/index.ts";
import { GREETING, receiveGreeting } from "./handed-connection.ts";

let folder: string;
let server: Server;
let arrived: Promise<Socket>;
let socket: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "greeting-"));
  writeFileSync(join(folder, "object"), "bytes");
  server = createServer({ pauseOnConnect: true });
  arrived = new Promise((resolve) => server.once("connection", resolve));
  await new Promise<void>((resolve) => server.listen(join(folder, "socket"), resolve));
  socket = connectTo(join(folder, "socket"));
});

afterEach(async () => {
  (await arrived).destroy();
  libraryCall("int close(int fd)")(socket);
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

function send(text: string, ...files: readonly (readonly [path: string, flags: string])[]): void {
  const fds = files.map(([path, flags]) => openSync(join(folder, path), flags));
  sendMessage(socket, Buffer.from(text), fds, 1000);
  for (const fd of fds) closeSync(fd);
}

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

async function refusal(): Promise<string> {
  const client = await arrived;
  const before = openFiles();
  const error: unknown = await receiveGreeting(client).catch((cause: unknown) => cause);
  // What came is closed again.
  expect(openFiles()).toBe(before);
  return error instanceof Error ? error.message : "accepted";
}

test("a descriptor that reads a file is taken", async () => {
  send(GREETING, ["object", "r"]);
  const fd = await receiveGreeting(await arrived);
  expect(fd !== undefined && fstatSync(fd).size).toBe(5);
  if (fd !== undefined) closeSync(fd);
});

test("a node without an object has none", async () => {
  send(GREETING);
  expect(await receiveGreeting(await arrived)).toBeUndefined();
});

test("what comes behind the greeting is left to whoever reads next", async () => {
  send(`${GREETING}POST /run`);
  await receiveGreeting(await arrived);
  const client = await arrived;
  client.resume();
  const next = await new Promise<Buffer>((resolve) => client.once("data", resolve));
  expect(next.toString()).toBe("POST /run");
});

test("a descriptor that can write is refused", async () => {
  send(GREETING, ["object", "r+"]);
  expect(await refusal()).toMatch(/the descriptor can write/);
});

test("a folder is refused", async () => {
  send(GREETING, [".", "r"]);
  expect(await refusal()).toMatch(/the descriptor is no regular file/);
});

test("two descriptors are refused", async () => {
  send(GREETING, ["object", "r"], ["object", "r"]);
  expect(await refusal()).toMatch(/the greeting is another/);
});

test("other words are refused", async () => {
  send("zerocloud-node 2", ["object", "r"]);
  expect(await refusal()).toMatch(/the greeting is another/);
});

test("who goes away before he said anything is told of", async () => {
  libraryCall("int shutdown(int fd, int how)")(socket, 2);
  expect(await refusal()).toMatch(/malformed/);
});
