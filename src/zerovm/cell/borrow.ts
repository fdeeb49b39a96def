/** Takes a warm cell from the pool of this user, where one is resident. */
import { lstatSync } from "node:fs";
import { dirname } from "node:path";
import { connectTo, loadPoll, POLL_IN, receiveMessage } from "../libc/index.ts";
import type { LaunchedCell } from "./launched-cell.ts";
import { parseOffer } from "./offer.ts";
import { poolSocketPath } from "./pool-socket.ts";

/** A pool that does not answer at once has nothing that is worth waiting for. */
const ANSWER_MS_MAX = 250;
const OFFER_BYTES_MAX = 4096;

/**
 * @returns a cell that waits for its order, or undefined where there is no pool, none of its cells
 * is free, or it is not one of ours. The connection stays open as long as this process lives.
 */
export function borrowCell(): LaunchedCell | undefined {
  const path = poolSocketPath();
  if (!isOurs(path)) return undefined;
  try {
    const socket = connectTo(path);
    if (loadPoll()?.(socket, POLL_IN, ANSWER_MS_MAX) !== true) return undefined;
    const bytes = new Uint8Array(OFFER_BYTES_MAX);
    const { sizeBytes, fds } = receiveMessage(socket, bytes);
    const [control, lifeline, stop, words, module] = fds;
    if (control === undefined || lifeline === undefined) return undefined;
    if (stop === undefined || words === undefined) return undefined;
    const offer = parseOffer(Buffer.from(bytes.subarray(0, sizeBytes)).toString("utf8"));
    if (offer === undefined) return undefined;
    const { walls, compiled } = offer;
    const ours = { control, lifeline, stop, words, walls, hasNamespaces: false, options: {} };
    if (compiled === undefined || module === undefined) return ours;
    return { ...ours, compiled: { ...compiled, fd: module } };
  } catch {
    return undefined;
  }
}

/** Nobody else may have put a socket there: the folder is ours, and closed to all others. */
function isOurs(path: string): boolean {
  const folder = lstatSync(dirname(path), { throwIfNoEntry: false });
  if (folder?.isDirectory() !== true || folder.uid !== process.getuid?.()) return false;
  if ((folder.mode & 0o077) !== 0) return false;
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}
