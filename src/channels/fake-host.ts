import { type Descriptors, HostIoError } from "../base/index.ts";

/** One call that reached the host; `position` -1 is a stream. */
export interface HostCall {
  readonly call: "read" | "write" | "truncate";
  readonly fd: number;
  readonly position: number;
  readonly size: number;
  /** The bytes of a write. */
  readonly bytes?: Uint8Array;
}

/**
 * A host for tests: files and streams in memory behind descriptors, with a log of all calls, as
 * many short reads as a test wants, and errors on demand.
 */
export class FakeHost implements Descriptors {
  readonly calls: HostCall[] = [];
  /** The most that one read gives, as a pipe may. */
  readBytesMax = Number.POSITIVE_INFINITY;
  readonly #contents: Uint8Array[] = [];
  readonly #offsets: number[] = [];
  readonly #failures = new Map<string, string>();

  /** A file, or a stream that gives `bytes` and then ends. @returns its descriptor. */
  open(bytes: Uint8Array = new Uint8Array(0)): number {
    this.#offsets.push(0);
    return this.#contents.push(bytes.slice()) - 1;
  }

  /** What a file holds, or a stream was given. */
  contents(fd: number): Uint8Array {
    return this.#contents[fd] ?? new Uint8Array(0);
  }

  /** Changes a file behind the back of the session. */
  replace(fd: number, bytes: Uint8Array): void {
    this.#contents[fd] = bytes.slice();
  }

  /** From now on this call fails with this code of the system. */
  fail(call: HostCall["call"], fd: number, code: string): void {
    this.#failures.set(`${call} ${fd}`, code);
  }

  read(fd: number, memory: Uint8Array, start: number, size: number, position: number): number {
    this.#enter({ call: "read", fd, position, size });
    const offset = this.#offsets[fd] ?? 0;
    const from = position === -1 ? offset : position;
    const to = from + Math.min(size, this.readBytesMax);
    const piece = this.contents(fd).subarray(from, to);
    if (position === -1) this.#offsets[fd] = offset + piece.length;
    memory.set(piece, start);
    return piece.length;
  }

  write(fd: number, memory: Uint8Array, start: number, size: number, position: number): void {
    const bytes = memory.slice(start, start + size);
    this.#enter({ call: "write", fd, position, size, bytes });
    const before = this.contents(fd);
    const at = position === -1 ? before.length : position;
    const after = new Uint8Array(Math.max(before.length, at + size));
    after.set(before);
    after.set(bytes, at);
    this.#contents[fd] = after;
  }

  sizeBytes(fd: number): number {
    return this.contents(fd).length;
  }

  truncate(fd: number, sizeBytes: number): void {
    this.#enter({ call: "truncate", fd, position: -1, size: sizeBytes });
    const after = new Uint8Array(sizeBytes);
    after.set(this.contents(fd).subarray(0, sizeBytes));
    this.#contents[fd] = after;
  }

  #enter(call: HostCall): void {
    this.calls.push(call);
    const code = this.#failures.get(`${call.call} ${call.fd}`);
    if (code !== undefined) throw new HostIoError(code, `${code} of the fake host`);
  }
}
