import { chmodSync, mkdirSync, rmSync, statSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { printable, ZvmError } from "../../base/index.ts";

/**
 * Listens at `path` for processes of this user. Nothing is read from the connections.
 * @returns a function that closes the socket and takes it away
 * @throws ZvmError ZVM_POOL when nobody can listen there
 */
export async function listenForOwn(
  path: string,
  onConnection: (socket: Socket) => void,
): Promise<() => void> {
  refusePath(path);
  makeOwnFolder(dirname(path));
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  await listen(server, path);
  chmodSync(path, 0o600);
  return () => {
    server.close();
    rmSync(path, { force: true });
  };
}

/** A longer path is cut by the system, and the socket is somewhere else then. */
const PATH_BYTES_MAX = 107;

function refusePath(path: string): void {
  const sizeBytes = Buffer.byteLength(path);
  if (sizeBytes >= 1 && sizeBytes <= PATH_BYTES_MAX) return;
  const message = `The path of a socket has 1 to ${PATH_BYTES_MAX} bytes, not ${sizeBytes}`;
  throw new ZvmError("ZVM_POOL", message);
}

/** Whoever borrows looks for the same, and else takes no cell from there. */
function makeOwnFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const message = `Cannot make the folder of the socket, ${printable(folder)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_POOL", message, { cause });
  }
  const { uid, mode } = statSync(folder);
  if (uid === process.getuid?.() && (mode & 0o077) === 0) return;
  const message = `The folder of the socket, ${printable(folder)}, has to be yours and closed to others`;
  throw new ZvmError("ZVM_POOL", `${message}: chmod 700 it, or name another with --socket`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

async function listen(server: Server, path: string): Promise<void> {
  const attempt = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
  try {
    await attempt();
  } catch (error) {
    const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (!isTaken || (await isAlive(path))) {
      const reason = isTaken ? "a pool listens there already" : String(error);
      throw new ZvmError("ZVM_POOL", `Cannot listen at ${path}: ${reason}`);
    }
    // Left behind by a pool that was killed.
    rmSync(path, { force: true });
    await attempt();
  }
}

async function isAlive(path: string): Promise<boolean> {
  const { connect } = await import("node:net");
  return await new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** The descriptor of a connection, where Node lets us know it. */
export function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { _handle?: { readonly fd?: number } };
  return handle?.fd ?? -1;
}
