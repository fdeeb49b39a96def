import { lastErrorName, libraryCall } from "./call.ts";
import { type Koffi, loadKoffi } from "./koffi.ts";

/** Waits until a descriptor can be read or written, or some time passed. */
export type Poll = (fd: number, event: number, timeoutMs: number) => boolean;

/** Event numbers of poll(2). */
export const POLL_IN = 1;
export const POLL_OUT = 4;

/**
 * poll(2) of the host through koffi. Without koffi the answer is undefined: transfers then block,
 * and a session that must end is ended by the host from outside.
 */
export function loadPoll(): Poll | undefined {
  try {
    return pollThrough(loadKoffi());
  } catch {
    return undefined;
  }
}

function pollThrough(koffi: Koffi): Poll {
  const call = koffi.load(null).func("int poll(void *fds, unsigned long count, int timeout)");
  const entry = new DataView(new ArrayBuffer(8));
  const bytes = new Uint8Array(entry.buffer);
  return (fd, event, timeoutMs) => {
    entry.setInt32(0, fd, true);
    entry.setInt16(4, event, true);
    entry.setInt16(6, 0, true);
    // Anything but a timeout or an interruption is for the transfer itself to find out.
    return Number(call(bytes, 1, timeoutMs)) > 0;
  };
}

const ENTRY_BYTES = 8;
const FOREVER = -1;

/**
 * Waits for descriptors until one has bytes, or is at its end.
 * @returns those; none after a signal or `timeoutMs`
 */
export function pollAny(fds: readonly number[], timeoutMs = FOREVER): number[] {
  const entries = new DataView(new ArrayBuffer(ENTRY_BYTES * fds.length));
  fds.forEach((fd, index) => {
    entries.setInt32(ENTRY_BYTES * index, fd, true);
    entries.setInt16(ENTRY_BYTES * index + 4, POLL_IN, true);
  });
  const poll = libraryCall("int poll(void *fds, unsigned long count, int timeout)");
  const count = Number(poll(new Uint8Array(entries.buffer), fds.length, timeoutMs));
  if (count < 0 && lastErrorName() !== "EINTR") return [...fds];
  if (count <= 0) return [];
  return fds.filter((_, index) => entries.getInt16(ENTRY_BYTES * index + 6, true) !== 0);
}
