/** poll_oneoff: descriptors are ready at once; without any, time moves to the first deadline. */
import { ERRNO, type Errno } from "../../base/index.ts";
import { CLOCK_COUNT } from "./clock-random.ts";
import { wasiErrno } from "./errno.ts";
import type { Guest } from "./guest.ts";

const EVENT_BYTES = 32;
/** More than a guest can have descriptors; bounds what one call costs the host. */
const SUBSCRIPTIONS_MAX = 65_536;
const TAG = { CLOCK: 0, FD_READ: 1, FD_WRITE: 2 } as const;
const CLOCK_ABSOLUTE = 1;

/** Where the fields of a subscription stand; preview0 has an identifier before the clock. */
export interface SubscriptionLayout {
  readonly sizeBytes: number;
  readonly clockAt: number;
  readonly timeoutAt: number;
  readonly flagsAt: number;
}

/** userdata u64 | 8 tag u8 | 16 clock u32 or fd u32 | 24 timeout | 32 precision | 40 flags u16. */
export const SUBSCRIPTION_PREVIEW1: SubscriptionLayout = {
  sizeBytes: 48,
  clockAt: 16,
  timeoutAt: 24,
  flagsAt: 40,
};

export const SUBSCRIPTION_PREVIEW0: SubscriptionLayout = {
  sizeBytes: 56,
  clockAt: 24,
  timeoutAt: 32,
  flagsAt: 48,
};

const FD_AT = 16;

interface Event {
  readonly userdata: bigint;
  readonly errno: Errno;
  readonly tag: number;
  readonly readyBytes: bigint;
}

interface Deadline {
  readonly userdata: bigint;
  readonly atNs: bigint;
}

/**
 * Waits for the first of `count` subscriptions and writes an event of 32 bytes for each that
 * came: userdata u64 | 8 errno u16 | 10 tag u8 | 16 bytes u64 | 24 flags u16. A bad subscription
 * is an event with its errno.
 *
 * - `EINVAL`: there is no subscription or too many, or a tag is unknown
 * - `EFAULT`: the subscriptions, events or result are not inside memory
 */
export function pollOneoff(layout: SubscriptionLayout) {
  return (
    guest: Guest,
    subscriptionsPtr: number,
    eventsPtr: number,
    count: number,
    resultPtr: number,
  ): Errno => {
    guest.memory.check(subscriptionsPtr, count * layout.sizeBytes);
    guest.memory.check(eventsPtr, count * EVENT_BYTES);
    guest.memory.check(resultPtr, 4);
    if (count === 0 || count > SUBSCRIPTIONS_MAX) return ERRNO.EINVAL;
    const events: Event[] = [];
    const deadlines: Deadline[] = [];
    for (let index = 0; index < count; index++) {
      const at = subscriptionsPtr + index * layout.sizeBytes;
      const known = subscribe(guest, layout, at, events, deadlines);
      if (!known) return ERRNO.EINVAL;
    }
    if (events.length === 0) fire(guest, deadlines, events);
    events.forEach((event, index) => {
      writeEvent(guest, eventsPtr + index * EVENT_BYTES, event);
    });
    guest.memory.writeU32(resultPtr, events.length);
    return ERRNO.OK;
  };
}

function subscribe(
  guest: Guest,
  layout: SubscriptionLayout,
  at: number,
  events: Event[],
  deadlines: Deadline[],
): boolean {
  const userdata = guest.memory.readU64(at);
  const tag = guest.memory.readU16(at + 8) & 0xff;
  if (tag === TAG.FD_READ || tag === TAG.FD_WRITE) {
    const fd = guest.memory.readU32(at + FD_AT);
    events.push({ userdata, tag, ...readiness(guest, fd, tag) });
    return true;
  }
  if (tag !== TAG.CLOCK) return false;
  if (guest.memory.readU32(at + layout.clockAt) >= CLOCK_COUNT) {
    events.push({ userdata, tag, errno: ERRNO.EINVAL, readyBytes: 0n });
    return true;
  }
  const timeoutNs = guest.memory.readU64(at + layout.timeoutAt);
  const isAbsolute = (guest.memory.readU16(at + layout.flagsAt) & CLOCK_ABSOLUTE) !== 0;
  deadlines.push({ userdata, atNs: isAbsolute ? timeoutNs : guest.clock.peek() + timeoutNs });
  return true;
}

function readiness(
  guest: Guest,
  fd: number,
  tag: number,
): { readonly errno: Errno; readonly readyBytes: bigint } {
  const file = guest.descriptors.get(fd);
  if (file === undefined) return { errno: ERRNO.EBADF, readyBytes: 0n };
  if (tag === TAG.FD_READ && file.node.kind === "file") {
    const left = Math.max(0, file.node.data.sizeBytes - file.position);
    return { errno: ERRNO.OK, readyBytes: BigInt(left) };
  }
  return { errno: ERRNO.OK, readyBytes: 1n };
}

/** Sleeps until the first deadline; all that have come by then fire, in the order asked for. */
function fire(guest: Guest, deadlines: readonly Deadline[], events: Event[]): void {
  let firstNs = deadlines[0]?.atNs ?? 0n;
  for (const { atNs } of deadlines) if (atNs < firstNs) firstNs = atNs;
  const nowNs = guest.clock.peek();
  guest.clock.sleep(firstNs > nowNs ? firstNs - nowNs : 0n);
  const reachedNs = guest.clock.peek();
  for (const { userdata, atNs } of deadlines) {
    if (atNs <= reachedNs || atNs === firstNs) {
      events.push({ userdata, errno: ERRNO.OK, tag: TAG.CLOCK, readyBytes: 0n });
    }
  }
}

function writeEvent(guest: Guest, pointer: number, event: Event): void {
  const bytes = new Uint8Array(EVENT_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, event.userdata, true);
  view.setUint16(8, wasiErrno(event.errno), true);
  view.setUint8(10, event.tag);
  view.setBigUint64(16, event.readyBytes, true);
  guest.memory.write(pointer, bytes);
}
