import { once } from "node:events";
import { existsSync, lstatSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { connected } from "../../../test/support/daemon-client.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { SessionSocket } from "./session-socket.ts";

const newFolder = temporaryFolders();
const made: SessionSocket[] = [];
afterEach(async () => {
  for (const socket of made.splice(0)) await socket.close();
});

async function listening(path: string): Promise<SessionSocket> {
  const socket = await SessionSocket.listen({
    path,
    answer: async () => "",
    isText: () => false,
  });
  made.push(socket);
  return socket;
}

interface Listening {
  listen(backlog: number): number;
}

/**
 * Calls `before` whenever a server of this process has a name and is about to listen under it.
 * @returns what ends that
 */
async function beforeListening(before: () => void): Promise<() => void> {
  const server = createServer().listen(join(newFolder(), "any"));
  await once(server, "listening");
  const { _handle: handle } = server as Server & { readonly _handle?: Listening };
  server.close();
  const methods = Object.getPrototypeOf(handle) as Listening;
  const { listen } = methods;
  methods.listen = function (this: Listening, backlog: number): number {
    before();
    return listen.call(this, backlog);
  };
  return () => {
    methods.listen = listen;
  };
}

// A daemon needs Linux.
describe.runIf(process.platform === "linux")("a socket for sessions", () => {
  test("has its name only when it listens: nobody who finds it is refused", async () => {
    const path = join(newFolder(), "s");
    const found: boolean[] = [];
    const end = await beforeListening(() => found.push(existsSync(path)));
    try {
      await listening(path);
    } finally {
      end();
    }
    expect(found).toEqual([false]);
    (await connected(path)).destroy();
  });

  test("leaves no other name, and takes its own away with it", async () => {
    const folder = newFolder();
    // As long as the system takes, and as short as a name can be.
    const long = join(folder, "l".repeat(107 - folder.length - 1));
    for (const path of [join(folder, "s"), long]) {
      const socket = await listening(path);
      expect(readdirSync(folder)).toEqual([path.slice(folder.length + 1)]);
      expect(lstatSync(path).mode & 0o777).toBe(0o600);
      (await connected(path)).destroy();
      await socket.close();
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  test("takes no name that something else has, nor one that another got later", async () => {
    const folder = newFolder();
    const path = join(folder, "s");
    writeFileSync(path, "contents");
    await expect(listening(path)).rejects.toMatchObject({ code: "EEXIST" });
    expect(readdirSync(folder)).toEqual(["s"]);
    const socket = await listening(join(folder, "own"));
    const other = createServer().listen(join(folder, "other"));
    await once(other, "listening");
    renameSync(join(folder, "other"), join(folder, "own"));
    await socket.close();
    expect(existsSync(join(folder, "own"))).toBe(true);
    other.close();
  });
});
