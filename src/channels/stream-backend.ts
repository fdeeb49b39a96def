import type { Descriptors } from "../base/index.ts";
import type { StreamBackend } from "./backend.ts";
import type { SourceName } from "./channel-failure.ts";
import { DIRECT_BYTES_MIN, type PendingSource, type PendingWrites } from "./pending-writes.ts";

export interface StreamBackendOptions {
  /** Whose bytes they are, for the message when they cannot be delivered. */
  readonly source: SourceName;
  /** The one collection of small writes that all backends of a session share. */
  readonly pending: PendingWrites;
  /** A terminal: a read gives what one read of the host gave, usually a line. */
  readonly interactive?: boolean;
  /**
   * Collects small writes: only for an inherited descriptor that is a regular file, where nobody
   * waits at the other side.
   */
  readonly writeBehind?: boolean;
}

/**
 * A pipe, terminal, device, socket or inherited descriptor, at its own offset. Never reads more
 * than was asked for, because the rest belongs to whoever reads it next.
 */
export function streamBackend(
  descriptors: Descriptors,
  fd: number,
  options: StreamBackendOptions,
): StreamBackend {
  const { pending, interactive = false, writeBehind = false } = options;
  const source: PendingSource = { alias: options.source.alias, index: options.source.index, fd };
  return {
    kind: "stream",
    interactive,
    read(memory, start, size) {
      pending.flush();
      return descriptors.read(fd, memory, start, size, OWN_OFFSET);
    },
    write(memory, start, size) {
      if (writeBehind && size < DIRECT_BYTES_MIN) {
        pending.add(source, memory, start, size, OWN_OFFSET);
        return;
      }
      pending.flush();
      descriptors.write(fd, memory, start, size, OWN_OFFSET);
    },
    close() {
      pending.flush();
    },
  };
}

const OWN_OFFSET = -1;
