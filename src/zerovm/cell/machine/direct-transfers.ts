import { type Koffi, koffiIfLoaded } from "../../libc/index.ts";

/** A transfer that moved nothing; why, only `node:fs` can say. */
export const NOT_MOVED = -1;

/**
 * pread(2) and pwrite(2) without what `node:fs` does around them, half a microsecond a call.
 * Both give the bytes moved or `NOT_MOVED`: then the caller asks `node:fs` for the same, which
 * either succeeds or names the error. Without koffi, and for the first calls, nothing is moved.
 */
export class DirectTransfers {
  #calls: Calls | undefined;
  #unprepared = 0;
  #memory: Uint8Array = new Uint8Array(0);
  #address = 0;

  read(fd: number, memory: Uint8Array, start: number, size: number, position: number): number {
    const calls = this.#calls ?? this.#prepare();
    if (calls === undefined || start + size > memory.length) return NOT_MOVED;
    if (memory !== this.#memory) this.#adopt(calls, memory);
    return calls.pread(fd, this.#address + start, size, position);
  }

  write(fd: number, memory: Uint8Array, start: number, size: number, position: number): number {
    const calls = this.#calls ?? this.#prepare();
    if (calls === undefined || start + size > memory.length) return NOT_MOVED;
    if (memory !== this.#memory) this.#adopt(calls, memory);
    return calls.pwrite(fd, this.#address + start, size, position);
  }

  #prepare(): Calls | undefined {
    this.#unprepared += 1;
    if (this.#unprepared !== CALLS_WORTH_IT) return undefined;
    const koffi = koffiIfLoaded();
    if (koffi !== undefined) this.#calls = callsThrough(koffi);
    return this.#calls;
  }

  /** Guest memory that grew is another array, and the one before has no length any more. */
  #adopt(calls: Calls, memory: Uint8Array): void {
    this.#address = calls.addressOf(memory);
    this.#memory = memory;
  }
}

/** Declaring the two functions takes as long as so many calls save. */
const CALLS_WORTH_IT = 1000;

type Transfer = (fd: number, address: number, size: number, position: number) => number;

interface Calls {
  readonly pread: Transfer;
  readonly pwrite: Transfer;
  readonly addressOf: (array: Uint8Array) => number;
}

/** Not for hosts that have no such functions, or whose `long` does not hold any position. */
function callsThrough(koffi: Koffi): Calls | undefined {
  if (koffi.sizeof("long") !== 8) return undefined;
  try {
    const library = koffi.load(null);
    const declare = (name: string): Transfer => {
      return library.func(`long ${name}(int, uintptr_t, unsigned long, long)`) as Transfer;
    };
    const addressOf = (array: Uint8Array): number => Number(koffi.address(array));
    return { pread: declare("pread"), pwrite: declare("pwrite"), addressOf };
  } catch {
    return undefined;
  }
}
