import { ERRNO, type Errno } from "../../base/index.ts";
import type { Access, Device, DeviceStat, OpenDevice, Spans, Whence } from "../fs/index.ts";
import { MAPPED_TYPE, type Mappings } from "./mapping.ts";

export type EmulatedName = "null" | "full" | "zero" | "random" | "urandom";

/** In the order in which they are listed. */
export const EMULATED_NAMES: readonly EmulatedName[] = [
  "null",
  "full",
  "zero",
  "random",
  "urandom",
];

/** Where `random` and `urandom` take their bytes from. */
export interface RandomBytes {
  fill(memory: Uint8Array, start: number, size: number): void;
}

/** A device that is not a channel: reads and writes end here. */
export class EmulatedDevice implements Device {
  readonly isChannel = false;
  readonly #name: EmulatedName;
  readonly #random: RandomBytes;
  readonly #mappings: Mappings;

  constructor(name: EmulatedName, random: RandomBytes, mappings: Mappings) {
    this.#name = name;
    this.#random = random;
    this.#mappings = mappings;
  }

  stat(): DeviceStat {
    const mode = this.#mappings.get(`/dev/${this.#name}`)?.mode;
    const type = mode === undefined ? "block" : MAPPED_TYPE[mode];
    return { type, mode: 0o600, sizeBytes: 0 };
  }

  open(_access: Access): Errno {
    return ERRNO.OK;
  }

  read(file: OpenDevice, memory: Uint8Array, spans: Spans): number {
    const count = this.readAt(memory, spans);
    file.position += count;
    return count;
  }

  write(file: OpenDevice, _memory: Uint8Array, spans: Spans): number {
    const count = this.writeAt(_memory, spans);
    if (count > 0) file.position += count;
    return count;
  }

  readAt(memory: Uint8Array, spans: Spans): number {
    if (this.#name === "null") return 0;
    for (let index = 0; index < spans.count; index++) {
      const start = spans.pairs[2 * index] ?? 0;
      const size = spans.pairs[2 * index + 1] ?? 0;
      if (this.#name === "zero" || this.#name === "full") memory.fill(0, start, start + size);
      else this.#random.fill(memory, start, size);
    }
    return spans.totalBytes;
  }

  writeAt(_memory: Uint8Array, spans: Spans): number {
    if (this.#name === "full" && spans.totalBytes > 0) return -ERRNO.ENOSPC;
    return spans.totalBytes;
  }

  seek(file: OpenDevice, offset: number, whence: Whence): number {
    return whence === "current" && offset === 0 ? file.position : -ERRNO.ESPIPE;
  }

  truncate(): Errno {
    return ERRNO.ENOSYS;
  }
}
