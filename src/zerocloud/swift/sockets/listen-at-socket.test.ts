import { lstatSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listenAtSocket } from "./listen-at-socket.ts";

let folder: string;
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "listen-"));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true });
});

async function listen(path: string): Promise<void> {
  const server = createServer();
  servers.push(server);
  await listenAtSocket(server, "socket", path);
}

test("whoever is in its group may connect", async () => {
  await listen(join(folder, "s"));
  expect(statSync(join(folder, "s")).mode & 0o777).toBe(0o660);
});

test("a file that is there stays, and is named", async () => {
  const path = join(folder, "file");
  writeFileSync(path, "precious");
  await expect(listen(path)).rejects.toThrow(/--socket .*file.*something is there already/);
  expect(readFileSync(path, "utf8")).toBe("precious");
});

test("a socket at which somebody listens stays his", async () => {
  const path = join(folder, "s");
  await listen(path);
  const { ino } = lstatSync(path);
  await expect(listen(path)).rejects.toThrow(/listens there/);
  expect(lstatSync(path).ino).toBe(ino);
});
