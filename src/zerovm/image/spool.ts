import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ByteSink, ZvmError } from "../../base/index.ts";
import { writeFully } from "./descriptor.ts";
import { attempt, shownPath } from "./host-failure.ts";

export interface SpoolOptions {
  readonly limitBytes: number;
  /** Made when a write would pass the limit. */
  readonly overLimit: () => ZvmError;
  /** Where the file lives; the system's folder for temporary files unless given. */
  readonly temporaryFolder?: string | undefined;
}

/**
 * A temporary file that has no name from the start: it goes with its descriptor, however the
 * process ends. Only its owner could ever open it.
 */
export class Spool implements ByteSink {
  readonly fd: number;
  readonly #options: SpoolOptions;
  readonly #folder: string;
  #sizeBytes = 0;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#folder = options.temporaryFolder ?? tmpdir();
    this.fd = attempt(this.#action(), () => openNameless(this.#folder));
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  write(bytes: Uint8Array): void {
    if (this.#sizeBytes + bytes.length > this.#options.limitBytes) throw this.#options.overLimit();
    attempt(this.#action(), () => writeFully(this.fd, bytes, this.#sizeBytes));
    this.#sizeBytes += bytes.length;
  }

  close(): void {
    closeSync(this.fd);
  }

  #action(): string {
    return `write a temporary file in ${shownPath(this.#folder)}`;
  }
}

function openNameless(folder: string): number {
  const room = mkdtempSync(join(folder, "zerovm-spool-"));
  try {
    return openSync(join(room, "image"), "wx+", 0o600);
  } finally {
    rmSync(room, { recursive: true });
  }
}
