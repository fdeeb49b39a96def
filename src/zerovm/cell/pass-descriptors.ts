/**
 * Descriptors over a Unix socket, for a cell that was started before it was known what it gets:
 * `SCM_RIGHTS` messages of Linux on 64-bit little-endian machines.
 */
import { isRetryable, pause } from "./frame.ts";
import { type Koffi, loadKoffi } from "./koffi.ts";

/** Tells a cell that its descriptors come over the control socket, before its order. */
export const AHEAD_ARG = "--ahead";

/** Linux takes 253 in one message. */
export const PASSED_MAX = 253;

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/** `struct cmsghdr`: its length in 8 bytes, level and type in 4 each. */
const HEADER_BYTES = 16;
const FD_BYTES = 4;

/** Whether descriptors can be passed here as far as it is known without trying. */
export function canPass(): boolean {
  return process.platform === "linux" && (process.arch === "x64" || process.arch === "arm64");
}

/**
 * Sends one byte and the descriptors with it; the receiver gets copies, in the same order.
 * @returns false when there is no koffi, or the host did not take them
 */
export function sendDescriptors(socket: number, fds: readonly number[]): boolean {
  try {
    const koffi = loadKoffi();
    const send = koffi.load(null).func("long sendmsg(int fd, void *message, int flags)");
    const message = makeMessage(koffi, fds.length);
    const { head, control } = message;
    const view = new DataView(control.buffer);
    view.setBigUint64(0, BigInt(HEADER_BYTES + FD_BYTES * fds.length), true);
    view.setInt32(8, SOL_SOCKET, true);
    view.setInt32(12, SCM_RIGHTS, true);
    fds.forEach((fd, index) => {
      view.setInt32(HEADER_BYTES + FD_BYTES * index, fd, true);
    });
    return whileHeld(message, () => Number(send(socket, head, 0))) === 1;
  } catch {
    return false;
  }
}

/**
 * Waits for the message of `sendDescriptors`.
 * @returns our copies, or undefined when the sender is gone
 */
export function receiveDescriptors(socket: number): number[] | undefined {
  const koffi = loadKoffi();
  const receive = koffi.load(null).func("long recvmsg(int fd, void *message, int flags)");
  for (;;) {
    const message = makeMessage(koffi, PASSED_MAX);
    const { head, control } = message;
    const got = whileHeld(message, () => Number(receive(socket, head, 0)));
    if (got === 0) return undefined;
    if (got > 0) return readControl(control);
    const code = Object.entries(koffi.os.errno).find(([, errno]) => errno === koffi.errno())?.[0];
    const error = Object.assign(new Error(`recvmsg failed: ${code}`), { code });
    if (!isRetryable(error)) throw error;
    pause(1);
  }
}

function readControl(control: Uint8Array<ArrayBuffer>): number[] {
  const view = new DataView(control.buffer);
  const sizeBytes = Number(view.getBigUint64(0, true));
  const fds: number[] = [];
  for (let at = HEADER_BYTES; at < sizeBytes; at += FD_BYTES) fds.push(view.getInt32(at, true));
  return fds;
}

interface Message {
  /** `struct msghdr`; it points to the other three. */
  readonly head: BigUint64Array;
  readonly control: Uint8Array<ArrayBuffer>;
  readonly pieces: BigUint64Array;
  readonly byte: Uint8Array;
}

/** Messages that the host works on: it knows addresses, which keep nothing alive. */
const held = new Set<Message>();

function whileHeld(message: Message, call: () => number): number {
  held.add(message);
  try {
    return call();
  } finally {
    held.delete(message);
  }
}

function makeMessage(koffi: Koffi, count: number): Message {
  const byte = new Uint8Array(1);
  const pieces = new BigUint64Array([koffi.address(byte), 1n]);
  const control = new Uint8Array(HEADER_BYTES + FD_BYTES * (count + (count % 2)));
  const head = new BigUint64Array(7);
  const size = BigInt(HEADER_BYTES + FD_BYTES * count);
  // Name and its length, pieces and their count, control and its length, flags.
  head.set([0n, 0n, koffi.address(pieces), 1n, koffi.address(control), size, 0n]);
  return { head, control, pieces, byte };
}
