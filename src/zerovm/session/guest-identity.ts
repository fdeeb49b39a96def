/** Whether a session may go on with a guest that waits at its point as if it had run for it. */
import { createHash } from "node:crypto";
import { fstatSync } from "node:fs";
import { lookAhead, type Order } from "../cell/index.ts";
import type { Plan } from "./make-order.ts";
import type { SessionImage } from "./request.ts";

/**
 * What a guest at its point depends on, as a digest, where sessions can be compared by that.
 * @param order of the session, without its images
 */
export function guestIdentity(plan: Plan, order: Order): { readonly identity?: string } {
  const images = plan.images.map(stateOf);
  if (images.includes(undefined) || !isComparable(order)) return {};
  const { program: _program, prepares: _prepares, precache: _precache, channels, ...rest } = order;
  const { hash: _hash, memoryEtag: _memoryEtag, limits, ...seen } = rest;
  const { time: _time, report: _report, record: _record, ...spent } = limits;
  // Sources, etags and time are of the session that goes on, and nothing has passed a channel yet.
  const shapes = channels.map(({ sources: _sources, etag: _etag, ...shape }) => shape);
  const text = JSON.stringify(
    [plan.programKey, { ...seen, limits: spent }, shapes, images],
    (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value),
  );
  return { identity: createHash("sha256").update(text).digest("hex") };
}

/** Whether the cell that this process has ahead holds a guest for this session. */
export function canGoOn(plan: Plan, order: Order): boolean {
  const { guest } = lookAhead();
  const { request, preparation } = plan;
  const { pool, isolation = "full", verify, record } = request;
  if (guest === undefined || preparation !== undefined || pool !== undefined) return false;
  if (isolation !== "full" || verify === true || record !== undefined) return false;
  if (order.program.compiled !== true) return false;
  return guestIdentity(plan, order).identity === guest;
}

/** The order for a guest that waits: what it was started with is not told it again. */
export function nextOrder(order: Order): Order {
  return { ...order, args: [], env: [], mapping: [] };
}

/** The order for a new cell: one that holds another guest has compiled nothing for this one. */
export function forNewCell(order: Order): Order {
  if (lookAhead().guest === undefined) return order;
  const { compiled: _, ...program } = order.program;
  return { ...order, program };
}

/**
 * Fuel would be counted from the point on, a real clock have passed it, and a terminal is read in
 * another way. More of a Native Client program may have to be translated than came with it.
 */
function isComparable({ fuel, clock, nexe, channels }: Order): boolean {
  const sources = channels.flatMap((channel) => channel.sources);
  const isInteractive = sources.some((it) => "interactive" in it && it.interactive);
  return fuel === undefined && clock !== "real" && nexe === undefined && !isInteractive;
}

/** A file that could be another one at the same place, or one without a name, has no state. */
function stateOf({ fd, members: _members, ...image }: SessionImage): object | undefined {
  const { dev, ino, nlink, size, mtimeNs, ctimeNs } = fstatSync(fd, { bigint: true });
  if (nlink === 0n || image.isFolder) return undefined;
  return { ...image, file: [dev, ino, size, mtimeNs, ctimeNs].map(String) };
}
