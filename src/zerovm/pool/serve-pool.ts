import { chmodSync, mkdirSync, rmSync, statSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { judgeValue, printable, TEXT, ZvmError } from "../../base/index.ts";
import { encodeOffer } from "../cell/index.ts";
import { sendMessage } from "../libc/index.ts";
import { type CellPool, POOL } from "./pool.ts";

/** A borrower that takes nothing for so long is gone. */
const SEND_MS_MAX = 200;

/**
 * Hands cells of the pool to processes of this user that connect to the socket at `path`: each
 * connection gets one warm cell, or is closed at once where none waits.
 * @returns a function that closes the socket and takes it away
 * @throws ZvmError ZVM_POOL when nobody can listen there
 */
export async function servePool(pool: CellPool, path: string): Promise<() => void> {
  judgeValue("servePool", pool, POOL);
  judgeValue("servePool", path, TEXT);
  if (pool.isPrepared) throw new ZvmError("ZVM_POOL", "Cells with a guest in them are not lent");
  refusePath(path);
  makeOwnFolder(dirname(path));
  const server = createServer({ pauseOnConnect: true }, (socket) => lend(pool, socket));
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
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { _handle?: { readonly fd?: number } };
  return handle?.fd ?? -1;
}

function lend(pool: CellPool, socket: Socket): void {
  socket.on("error", () => undefined);
  const cell = pool.takeNow();
  if (cell === undefined) {
    socket.destroy();
    return;
  }
  try {
    const { walls = [], compiled } = cell;
    const text = encodeOffer({ walls, ...(compiled !== undefined && { compiled }) });
    const offer = Buffer.from(text, "utf8");
    const files = compiled === undefined ? [] : [compiled.fd];
    cell.handOver((fds) => {
      sendMessage(descriptorOf(socket), offer, [...fds, ...files], SEND_MS_MAX);
    });
  } catch {
    // The borrower went away: its copies of the lifeline are closed, and so the cell ends.
  }
  socket.destroy();
}
