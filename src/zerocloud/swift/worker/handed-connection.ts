import { closeSync, fstatSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { receiveMessageNow } from "../../../zerovm/libc/index.ts";
import { wireError } from "../orders/index.ts";

/** What an object server says first on a connection; the descriptor rides on it. */
export const GREETING = "zerocloud-node 1";

/** Object servers say it at once. */
const GREETING_MS_MAX = 5000;
const LOOK_MS = 1;

/**
 * Takes what an object server says first on a connection that nobody has read from yet.
 * @returns the descriptor of the object, for the caller to close; undefined where there is none
 * @throws ZvmError ZVM_SWIFT_WIRE where something else comes, or nothing
 */
export async function receiveGreeting(socket: Socket): Promise<number | undefined> {
  const from = descriptorOf(socket);
  for (const endMs = Date.now() + GREETING_MS_MAX; Date.now() < endMs; await setTimeout(LOOK_MS)) {
    if (socket.destroyed) throw wireError("an object server went away before it said anything");
    const bytes = Buffer.alloc(GREETING.length);
    const received = receiveMessageNow(from, bytes);
    if (received === undefined) continue;
    const [fd, ...more] = received.fds;
    const said = bytes.subarray(0, received.sizeBytes).toString("latin1");
    const fault = more.length > 0 || said !== GREETING ? "the greeting is another" : faultOf(fd);
    if (fault === undefined) return fd;
    for (const one of received.fds) closeSync(one);
    throw wireError(fault);
  }
  throw wireError(`nothing came for ${GREETING_MS_MAX} ms`);
}

/** What a worker gives to a cell is a plain file that nobody can write through it. */
function faultOf(fd: number | undefined): string | undefined {
  if (fd === undefined) return undefined;
  if (!fstatSync(fd).isFile()) return "the descriptor is no regular file";
  const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1];
  const canWrite = flags === undefined || (Number.parseInt(flags, 8) & ACCESS_MODE) !== 0;
  return canWrite ? "the descriptor can write" : undefined;
}

const ACCESS_MODE = 3;

/** Node has no word for it: the descriptor of a socket that it does not read. */
function descriptorOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, "_handle");
  const fd = typeof handle === "object" && handle !== null && "fd" in handle ? handle.fd : -1;
  if (typeof fd !== "number" || fd < 0) throw wireError("a connection is gone");
  return fd;
}
