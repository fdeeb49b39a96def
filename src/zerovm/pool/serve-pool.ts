import type { Socket } from "node:net";
import { judgeValue, TEXT, ZvmError } from "../../base/index.ts";
import { descriptorOf, listenForOwn } from "./own-socket.ts";
import { passCell } from "./pass-cell.ts";
import { type CellPool, POOL } from "./pool.ts";

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
  return await listenForOwn(path, (socket) => lend(pool, socket));
}

function lend(pool: CellPool, socket: Socket): void {
  const cell = pool.takeNow();
  if (cell === undefined) {
    socket.destroy();
    return;
  }
  try {
    passCell(cell, descriptorOf(socket));
  } catch {
    // The borrower went away: its copies of the lifeline are closed, and so the cell ends.
  }
  socket.destroy();
}
