/** How the host hears what a cell says, with an event loop or without. */
import { closeSync, readSync } from "node:fs";
import type { Socket } from "node:net";
import { pollAny } from "../../libc/index.ts";

/** One direction of talk: bytes come until the other end is closed. */
export interface Wire {
  /** Stops listening and closes the descriptor. */
  destroy(): void;
}

export interface Listener {
  onBytes(bytes: Uint8Array): void;
  /** Called once, unless the wire was destroyed before. */
  onEnd(): void;
}

/** Listens to descriptors, and owns them from then on. */
export type Listen = (fd: number, listener: Listener) => Wire;

/** Listening by the event loop of this process, for who has other things to do. */
export const listenByEvents: Listen = (fd, listener) => {
  const socket = openSocket(fd);
  socket.on("data", (bytes: Uint8Array) => listener.onBytes(bytes));
  // A cell that dies breaks its sockets; the end says so.
  socket.on("error", () => undefined);
  socket.on("close", () => listener.onEnd());
  return {
    destroy() {
      socket.removeAllListeners("close");
      socket.destroy();
    },
  };
};

/** A stream over a socket or pipe of ours, which is closed with it. */
export function openSocket(fd: number, writable = false): Socket {
  const net = process.getBuiltinModule("node:net");
  return new net.Socket({ fd, readable: true, writable });
}

/** How long one wait lasts: timers of this process are late by that at most. */
const SLICE_MS = 50;
const BUFFER_BYTES = 65_536;

/**
 * Listening by waiting, for a process that waits for its one session anyway: the modules of Node's
 * streams and a thread for reading take longer to load than a small session runs. Signals end a
 * wait, and the event loop turns between two of them.
 */
export function listenByWaiting(): Listen {
  const open = new Map<number, Listener>();
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let isTurning = false;
  const turn = (): void => {
    if (open.size === 0) {
      isTurning = false;
      return;
    }
    for (const fd of pollAny([...open.keys()], SLICE_MS)) take(fd);
    setImmediate(turn);
  };
  const take = (fd: number): void => {
    const listener = open.get(fd);
    if (listener === undefined) return;
    const sizeBytes = readOrEnd(fd, buffer);
    if (sizeBytes > 0) {
      listener.onBytes(Buffer.from(buffer.subarray(0, sizeBytes)));
      return;
    }
    open.delete(fd);
    closeSync(fd);
    listener.onEnd();
  };
  return (fd, listener) => {
    open.set(fd, listener);
    if (!isTurning) setImmediate(turn);
    isTurning = true;
    return {
      destroy() {
        if (open.delete(fd)) closeSync(fd);
      },
    };
  };
}

function readOrEnd(fd: number, buffer: Uint8Array): number {
  try {
    return readSync(fd, buffer, 0, buffer.length, null);
  } catch {
    return 0;
  }
}
