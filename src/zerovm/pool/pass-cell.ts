import { type Cell, encodeOffer } from "../cell/index.ts";
import { sendMessage } from "../libc/index.ts";

/** A borrower that takes nothing for so long is gone. */
const SEND_MS_MAX = 200;

/**
 * Gives a cell that waits, and what it compiled, to the process at the other end of a socket.
 * @throws HostIoError when that is gone; the cell then ends
 */
export function passCell(cell: Cell, socket: number): void {
  const { walls = [], compiled, prepared } = cell;
  const guest = prepared?.identity;
  const text = encodeOffer({
    walls,
    ...(compiled !== undefined && { compiled }),
    ...(guest !== undefined && { guest }),
  });
  const files = compiled === undefined ? [] : [compiled.fd];
  cell.handOver((fds) => {
    sendMessage(socket, Buffer.from(text, "utf8"), [...fds, ...files], SEND_MS_MAX);
  });
}
