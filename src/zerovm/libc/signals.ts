import { checked, libraryCall } from "./call.ts";

const SIGINT = 2;
const CLOCK_MONOTONIC = 1;
const SIGEV_THREAD_ID = 4;

function gettid(): number {
  return Number(libraryCall("int gettid()")());
}

/** Interrupts this thread by SIGINT after some time. Made once, it can be set in a locked cell. */
export class StopTimer {
  readonly #id: bigint;

  /** @throws HostIoError when the host has no timer for us */
  constructor() {
    const event = new DataView(new ArrayBuffer(64));
    event.setInt32(8, SIGINT, true);
    event.setInt32(12, SIGEV_THREAD_ID, true);
    event.setInt32(16, gettid(), true);
    const id = new BigUint64Array(1);
    const create = libraryCall("int timer_create(int clock, void *event, void *id)");
    checked("timer_create", create(CLOCK_MONOTONIC, new Uint8Array(event.buffer), id));
    this.#id = id[0] ?? 0n;
    // Declared now: looking a function up is nothing for later.
    this.#set(0n);
  }

  /** Replaces what was set before. */
  set(delayMs: number): void {
    this.#set(BigInt(Math.max(1, Math.ceil(delayMs * 1e6))));
  }

  cancel(): void {
    this.#set(0n);
  }

  #set(delayNs: bigint): void {
    const set = libraryCall("int timer_settime(void *id, int flags, void *value, void *old)");
    const value = new BigInt64Array([0n, 0n, delayNs / 1_000_000_000n, delayNs % 1_000_000_000n]);
    checked("timer_settime", set(this.#id, 0, value, null));
  }
}

const F_SETFL = 4;
const F_SETSIG = 10;
const F_SETOWN_EX = 15;
const F_OWNER_TID = 0;
const F_OWNER_PID = 1;
const O_ASYNC = 0o20000;

/**
 * Has the kernel send `signal` to this thread, or to a process, when something happens at the
 * other end of a pipe or socket: bytes come, or whoever holds that end is gone. It holds as long as
 * anybody has this end open.
 * @throws HostIoError when the host cannot
 */
export function signalOn(fd: number, signal: number, pid?: number): void {
  const control = libraryCall("int fcntl(int fd, int command, long value)");
  const own = libraryCall("int fcntl(int fd, int command, void *owner)");
  const owner = pid === undefined ? [F_OWNER_TID, gettid()] : [F_OWNER_PID, pid];
  checked("fcntl", own(fd, F_SETOWN_EX, new Int32Array(owner)));
  checked("fcntl", control(fd, F_SETSIG, signal));
  checked("fcntl", control(fd, F_SETFL, O_ASYNC));
}
