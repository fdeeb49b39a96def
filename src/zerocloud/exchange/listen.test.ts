import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { listenAt } from "./listen.ts";

const newFolder = temporaryFolders();

it("listens at a socket that a server left when it was killed", async () => {
  const path = join(newFolder(), "socket");
  const program = `require("net").createServer().listen(process.argv[1], () => {
    process.kill(process.pid, "SIGKILL");
  })`;
  spawnSync(process.execPath, ["-e", program, path]);
  expect(existsSync(path)).toBe(true);
  const server = createServer();
  await listenAt(server, path);
  expect(server.address()).toBe(path);
  // One that is served stays whose it is.
  await expect(listenAt(createServer(), path)).rejects.toThrow("EADDRINUSE");
  server.close();
});

it("takes nothing away that is no socket", async () => {
  const path = join(newFolder(), "socket");
  writeFileSync(path, "a file");
  await expect(listenAt(createServer(), path)).rejects.toThrow("EADDRINUSE");
  expect(existsSync(path)).toBe(true);
});
