/**
 * Bytes and descriptors over a Unix socket: `SCM_RIGHTS` messages of Linux on 64-bit little-endian
 * machines.
 */
import { HostIoError } from "../../base/index.ts";
import { checked, lastErrorName, libraryCall } from "./call.ts";
import { type Koffi, loadKoffi } from "./koffi.ts";
import { loadPoll, POLL_IN, POLL_OUT } from "./poll.ts";

/** Linux takes 253 descriptors in one message. */
const PASSED_MAX = 253;

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/** `struct cmsghdr`: its length in 8 bytes, level and type in 4 each. */
const HEADER_BYTES = 16;
const FD_BYTES = 4;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;

/**
 * Sends all of `bytes` and, with them, `fds`; the receiver gets copies, in the same order. Waits
 * at most `timeoutMs` for a receiver that takes nothing.
 * @throws HostIoError with the name of the host's error; `ETIMEDOUT` when nothing was taken
 */
export function sendMessage(
  socket: number,
  bytes: Uint8Array,
  fds: readonly number[],
  timeoutMs: number,
): void {
  // Each group of descriptors rides on bytes of its own, one where there are several groups.
  const groups = Math.max(1, Math.ceil(fds.length / PASSED_MAX));
  for (let index = 0; index < groups; index += 1) {
    const group = fds.slice(index * PASSED_MAX, (index + 1) * PASSED_MAX);
    const part = index === groups - 1 ? bytes.subarray(index) : bytes.subarray(index, index + 1);
    sendPart(socket, part, group, timeoutMs);
  }
}

function sendPart(
  socket: number,
  bytes: Uint8Array,
  fds: readonly number[],
  timeoutMs: number,
): void {
  const send = libraryCall("long sendmsg(int fd, void *message, int flags)");
  const control = fds.length === 0 ? EMPTY : rights(fds);
  for (let done = 0; done < bytes.length; ) {
    const message = new Message(bytes.subarray(done), done === 0 ? control : EMPTY);
    const sent = Number(send(socket, message.head, MSG_NOSIGNAL));
    if (sent >= 0) done += sent;
    else waitAfter("sendmsg", socket, POLL_OUT, timeoutMs);
  }
}

function rights(fds: readonly number[]): Uint8Array {
  const control = new Uint8Array(controlBytes(fds.length));
  const view = new DataView(control.buffer);
  view.setBigUint64(0, BigInt(HEADER_BYTES + FD_BYTES * fds.length), true);
  view.setInt32(8, SOL_SOCKET, true);
  view.setInt32(12, SCM_RIGHTS, true);
  fds.forEach((fd, index) => {
    view.setInt32(HEADER_BYTES + FD_BYTES * index, fd, true);
  });
  return control;
}

function controlBytes(fdCount: number): number {
  return HEADER_BYTES + FD_BYTES * (fdCount + (fdCount % 2));
}

/** What one call brought. */
export interface Received {
  /** None when the sender is gone. */
  readonly sizeBytes: number;
  readonly fds: readonly number[];
}

/**
 * Waits for bytes of `sendMessage` and the descriptors that ride on them.
 * @throws HostIoError with the name of the host's error
 */
export function receiveMessage(socket: number, into: Uint8Array): Received {
  const receive = libraryCall("long recvmsg(int fd, void *message, int flags)");
  for (;;) {
    const control = new Uint8Array(controlBytes(PASSED_MAX));
    const message = new Message(into, control);
    const sizeBytes = Number(receive(socket, message.head, MSG_CMSG_CLOEXEC));
    if (sizeBytes >= 0) return { sizeBytes, fds: message.passed() };
    waitAfter("recvmsg", socket, POLL_IN, RECEIVE_SLICE_MS);
  }
}

/**
 * As `receiveMessage`, without waiting.
 * @returns undefined where nothing came yet
 * @throws HostIoError with the name of the host's error
 */
export function receiveMessageNow(socket: number, into: Uint8Array): Received | undefined {
  const receive = libraryCall("long recvmsg(int fd, void *message, int flags)");
  const message = new Message(into, new Uint8Array(controlBytes(PASSED_MAX)));
  const sizeBytes = Number(receive(socket, message.head, MSG_CMSG_CLOEXEC | MSG_DONTWAIT));
  if (sizeBytes >= 0) return { sizeBytes, fds: message.passed() };
  const code = lastErrorName();
  if (code !== "EAGAIN" && code !== "EINTR") checked("recvmsg", -1);
  return undefined;
}

/** A receiver has nothing else to do; the slice only bounds one call. */
const RECEIVE_SLICE_MS = 2 ** 31 - 1;

/** After a call that was only early or interrupted: waits. Any other failure is thrown. */
function waitAfter(what: string, fd: number, event: number, timeoutMs: number): void {
  const code = lastErrorName();
  if (code === "EINTR") return;
  if (code !== "EAGAIN") checked(what, -1);
  if (loadPoll()?.(fd, event, timeoutMs) !== true) {
    throw new HostIoError("ETIMEDOUT", `${what} was not answered in ${timeoutMs} ms`);
  }
}

const EMPTY = new Uint8Array(0);

/**
 * `struct msghdr` with one piece of bytes. The library knows addresses, which keep nothing alive:
 * this object does, as long as the caller holds it.
 */
class Message {
  readonly head: BigUint64Array;
  readonly #control: Uint8Array;
  readonly #pieces: BigUint64Array;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, control: Uint8Array) {
    const koffi = loadKoffi();
    this.#bytes = bytes;
    this.#control = control;
    this.#pieces = new BigUint64Array([addressOf(koffi, bytes), BigInt(bytes.length)]);
    // Name and its length, pieces and their count, control and its length, flags.
    this.head = new BigUint64Array([
      0n,
      0n,
      koffi.address(this.#pieces),
      1n,
      addressOf(koffi, control),
      BigInt(control.length),
      0n,
    ]);
  }

  /** The descriptors that came, once the library has filled this in. */
  passed(): number[] {
    const fds: number[] = [];
    // The library wrote how much of the control block it used.
    if (this.head[5] === 0n || this.#bytes.length === 0) return fds;
    const view = new DataView(this.#control.buffer, this.#control.byteOffset);
    const sizeBytes = Number(view.getBigUint64(0, true));
    for (let at = HEADER_BYTES; at < sizeBytes; at += FD_BYTES) fds.push(view.getInt32(at, true));
    return fds;
  }
}

function addressOf(koffi: Koffi, bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : koffi.address(bytes);
}
