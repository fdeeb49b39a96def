/** Takes a warm cell from the pool of this user, where one is resident. */
import { connectTo, loadPoll, POLL_IN, receiveMessage } from "../../libc/index.ts";
import type { LaunchedCell } from "./launched-cell.ts";
import { parseOffer } from "./offer.ts";
import { isOwnSocket, poolSocketPath } from "./pool-socket.ts";

/** A pool answers at once, but for one on a busy machine, where a new cell takes longer still. */
const ANSWER_MS_MAX = 1000;
const OFFER_BYTES_MAX = 4096;

/**
 * @returns a cell that waits for its order, or undefined where there is no pool, none of its cells
 * is free, or it is not one of ours. The connection stays open as long as this process lives.
 */
export function borrowCell(): LaunchedCell | undefined {
  const path = poolSocketPath();
  if (!isOwnSocket(path)) return undefined;
  try {
    const socket = connectTo(path);
    if (loadPoll()?.(socket, POLL_IN, ANSWER_MS_MAX) !== true) return undefined;
    return receiveCell(socket);
  } catch {
    return undefined;
  }
}

/**
 * Waits for a cell that somebody hands over.
 * @returns undefined where it is none that we can use
 * @throws ZvmError ZVM_ORDER when what came is no offer; HostIoError
 */
export function receiveCell(socket: number): LaunchedCell | undefined {
  const bytes = new Uint8Array(OFFER_BYTES_MAX);
  const { sizeBytes, fds } = receiveMessage(socket, bytes);
  const [control, lifeline, stop, words, module] = fds;
  if (control === undefined || lifeline === undefined) return undefined;
  if (stop === undefined || words === undefined) return undefined;
  const offer = parseOffer(Buffer.from(bytes.subarray(0, sizeBytes)).toString("utf8"));
  if (offer === undefined) return undefined;
  const { compiled, ...said } = offer;
  const ours = { control, lifeline, stop, words, ...said, hasNamespaces: false, options: {} };
  if (compiled === undefined || module === undefined) return ours;
  return { ...ours, compiled: { ...compiled, fd: module } };
}
