import { type ByteString, bytesOf, ERRNO, type Errno } from "../../base/index.ts";
import type { Access, Device, DeviceStat, OpenDevice, Spans, Whence } from "../fs/index.ts";

/** Waits for the session that goes on here: its arguments, or undefined where it is no point. */
export type Fork = () => readonly ByteString[] | undefined;

/** The one point of a guest at which a session may take it over. */
export class ForkPoint {
  readonly #fork: Fork | undefined;
  #words: Uint8Array = new Uint8Array(0);
  #isReached = false;

  /** @param fork absent where nobody prepares: then nothing ever happens at the point */
  constructor(fork?: Fork) {
    this.#fork = fork;
  }

  /** The guest is at a point: the first of them is the one. */
  reach(): void {
    if (this.#isReached) return;
    const args = this.#fork?.();
    if (args === undefined) return;
    this.#isReached = true;
    this.#words = bytesOf(args.map((arg) => `${arg}\0`).join(""));
  }

  /** The arguments of the session, each with a NUL behind it; none where nobody prepared. */
  get words(): Uint8Array {
    return this.#words;
  }
}

/** `/dev/zfork`: its first read is the point, and gives what the session was told. */
export class ForkDevice implements Device {
  readonly isChannel = false;
  readonly #point: ForkPoint;

  constructor(point: ForkPoint) {
    this.#point = point;
  }

  stat(): DeviceStat {
    return { type: "character", mode: 0o400, sizeBytes: 0 };
  }

  open(access: Access): Errno {
    return access.write ? ERRNO.EACCES : ERRNO.OK;
  }

  read(file: OpenDevice, memory: Uint8Array, spans: Spans): number {
    const count = this.readAt(memory, spans, file.position);
    file.position += count;
    return count;
  }

  write(): number {
    return -ERRNO.EACCES;
  }

  readAt(memory: Uint8Array, spans: Spans, offset: number): number {
    this.#point.reach();
    const { words } = this.#point;
    let at = Math.min(offset, words.length);
    const start = at;
    for (let index = 0; index < spans.count; index++) {
      const into = spans.pairs[2 * index] ?? 0;
      const end = Math.min(words.length, at + (spans.pairs[2 * index + 1] ?? 0));
      memory.set(words.subarray(at, end), into);
      at = end;
    }
    return at - start;
  }

  writeAt(): number {
    return -ERRNO.EACCES;
  }

  seek(file: OpenDevice, offset: number, whence: Whence): number {
    return whence === "current" && offset === 0 ? file.position : -ERRNO.ESPIPE;
  }

  truncate(): Errno {
    return ERRNO.EINVAL;
  }
}
