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
