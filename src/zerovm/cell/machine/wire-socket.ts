import { HostIoError } from "../../../base/index.ts";
import type { Wire } from "../../../channels/index.ts";
import { errorName, type Koffi, loadKoffi, loadPoll, POLL_IN, POLL_OUT } from "../../libc/index.ts";
import { Addresses } from "./addresses.ts";

/** How long one wait lasts at most: the engine can end a session only between two. */
const SLICE_MS = 100;

/** The same, where something else has to be done meanwhile. */
const MEANWHILE_MS = 5;

type Transfer = (fd: number, address: number, size: number) => number;

/**
 * The stream sockets of a session that lead to other sessions, over read(2) and write(2): none of
 * them blocks, and waiting goes in slices, so that the session can be ended meanwhile.
 */
export class WireSockets {
  readonly #koffi: Koffi;
  readonly #read: Transfer;
  readonly #write: Transfer;
  readonly #poll: ReturnType<typeof loadPoll>;
  readonly #remainingMs: () => number;
  readonly #addresses: Addresses;
  #waitingFor: string | undefined;
  #meanwhile: (() => boolean) | undefined;

  /** @param remainingMs how long transfers may still wait; none left ends the session */
  constructor(remainingMs: () => number) {
    this.#koffi = loadKoffi();
    this.#addresses = new Addresses(this.#koffi);
    this.#remainingMs = remainingMs;
    const library = this.#koffi.load(null);
    this.#read = library.func("long read(int, uintptr_t, unsigned long)") as Transfer;
    this.#write = library.func("long write(int, uintptr_t, unsigned long)") as Transfer;
    this.#poll = loadPoll();
  }

  /** The channel that a transfer waits for, also where the session was ended while it waited. */
  get waitingFor(): string | undefined {
    return this.#waitingFor;
  }

  /** From now on, whoever waits does this now and then, as long as it says that more is left. */
  doMeanwhile(act: () => boolean): void {
    this.#meanwhile = act;
  }

  /** @param alias of the channel that the wire belongs to */
  open(fd: number, alias: string): Wire {
    return {
      receive: (memory, start, size) => {
        for (;;) {
          const got = this.#glance(fd, memory, start, size);
          if (got !== undefined) {
            this.#waitingFor = undefined;
            return got;
          }
          this.#waitingFor = alias;
          this.#wait(fd, POLL_IN);
        }
      },
      send: (memory, start, size) => {
        const address = this.#addresses.of(memory) + start;
        for (let done = 0; done < size; ) {
          const put = this.#write(fd, address + done, size - done);
          if (put >= 0) done += put;
          else {
            this.#waitingFor = alias;
            this.#waitForRoom(fd);
          }
        }
        this.#waitingFor = undefined;
      },
      glance: (memory, start, size) => this.#glance(fd, memory, start, size),
      offer: (bytes) => Math.max(0, this.#write(fd, this.#addresses.of(bytes), bytes.length)),
    };
  }

  #glance(fd: number, memory: Uint8Array, start: number, size: number): number | undefined {
    const got = this.#read(fd, this.#addresses.of(memory) + start, size);
    if (got >= 0) return got;
    this.#mustBeEarly();
    return undefined;
  }

  /** A reader says nothing but that it has ended: whoever waits for room at it waits in vain. */
  #waitForRoom(fd: number): void {
    this.#mustBeEarly();
    if (this.#poll?.(fd, POLL_IN, 0) === true) throw new HostIoError("EPIPE", "EPIPE");
    this.#wait(fd, POLL_OUT);
  }

  /** The kernel's own time-outs are of the connection, not of the session. */
  #mustBeEarly(): void {
    const code = errorName(this.#koffi.errno());
    if (code === "EAGAIN" || code === "EINTR") return;
    throw new HostIoError(code === "ETIMEDOUT" ? "ECONNRESET" : code, code);
  }

  #wait(fd: number, event: number): void {
    const sliceMs = this.#meanwhile?.() === true ? MEANWHILE_MS : SLICE_MS;
    const left = this.#remainingMs();
    if (left <= 0) throw new HostIoError("ETIMEDOUT", "The time of the session is over");
    this.#poll?.(fd, event, Math.ceil(Math.min(left, sliceMs)));
  }
}

/** CRC-32 of zlib, loaded when the first wire asks for it. */
export function crc32(bytes: Uint8Array, before: number): number {
  zlib ??= process.getBuiltinModule("node:zlib");
  return zlib.crc32(bytes, before);
}

let zlib: typeof import("node:zlib") | undefined;
