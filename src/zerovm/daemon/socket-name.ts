import { randomBytes } from "node:crypto";
import { closeSync, linkSync, lstatSync, openSync, rmSync, type Stats } from "node:fs";
import type { Server } from "node:net";
import { dirname } from "node:path";

/** A longer path is cut by the system, and the socket is somewhere else then. */
export const PATH_BYTES_MAX = 107;

/** Who listens has the socket to himself: whoever may connect can name any file of this user. */
const UMASK = 0o177;
const TAG_BYTES = 4;

/**
 * The name of a socket that listens. A socket has a name from the call that binds it, and refuses
 * who comes before the next call: so it is bound under a name that nobody looks for, in the same
 * folder, and gets its own when it listens.
 */
export class SocketName {
  readonly #path: string;
  readonly #stats: Stats;

  private constructor(path: string, stats: Stats) {
    this.#path = path;
    this.#stats = stats;
  }

  /**
   * Lets a server listen at the path, where nothing may be. The system lists sockets by the names
   * that they were bound under: that one begins with the path, where it can, so that whoever looks
   * for a daemon finds it. A longer one goes by way of its folder.
   * @throws the error of the host: EEXIST where something is there, and the server is closed
   */
  static async give(server: Server, path: string): Promise<SocketName> {
    const tag = randomBytes(TAG_BYTES).toString("hex");
    const beside = `${path}.${tag}`;
    if (Buffer.byteLength(beside) <= PATH_BYTES_MAX)
      return await SocketName.#by(server, beside, path);
    const folder = openSync(dirname(path), "r");
    try {
      return await SocketName.#by(server, `/proc/self/fd/${folder}/.${tag}`, path);
    } finally {
      closeSync(folder);
    }
  }

  static async #by(server: Server, early: string, path: string): Promise<SocketName> {
    try {
      await listen(server, early);
      // Not by renaming it, which would take away what came there meanwhile.
      linkSync(early, path);
      return new SocketName(path, lstatSync(path));
    } catch (error) {
      server.close();
      throw error;
    } finally {
      rmSync(early, { force: true });
    }
  }

  /** Another socket may have the name by now: then it stays. */
  remove(): void {
    const { dev, ino } = this.#stats;
    const found = lstatSync(this.#path, { throwIfNoEntry: false });
    if (found?.dev === dev && found.ino === ino) rmSync(this.#path, { force: true });
  }
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    const umask = process.umask(UMASK);
    try {
      server.listen(path, resolve);
    } finally {
      process.umask(umask);
    }
  });
}
