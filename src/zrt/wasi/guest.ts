import { type ByteString, byteStringOf, ERRNO, type Errno } from "../../base/index.ts";
import type { Channel } from "../../channels/index.ts";
import type { ForkPoint } from "../dev/index.ts";
import type { DescriptorTable, OpenFile, Origin, Spans, Tree } from "../fs/index.ts";
import type { Trace } from "../trace/index.ts";
import type { DeniedPaths } from "./denied-paths.ts";
import type { Ending } from "./ending.ts";
import type { GuestMemory } from "./guest-memory.ts";
import type { RightsTable } from "./rights.ts";

/** What the calls need of the session's clock; times are nanoseconds since 1970. */
export interface GuestClock {
  look(): bigint;
  peek(): bigint;
  sleep(durationNs: bigint): void;
  readonly resolutionNs: bigint;
}

/** What the calls need of the session's random bytes. */
export interface GuestEntropy {
  fill(memory: Uint8Array, start: number, size: number): void;
}

/** What a guest is told when it asks; a session that takes it over tells something else. */
export interface GuestWords {
  args: readonly ByteString[];
  env: readonly (readonly [ByteString, ByteString])[];
}

/** What the calls of one guest work on. */
export interface Guest {
  readonly memory: GuestMemory;
  readonly tree: Tree;
  readonly descriptors: DescriptorTable;
  readonly rights: RightsTable;
  readonly clock: GuestClock;
  readonly entropy: GuestEntropy;
  readonly trace: Trace;
  /** One object as long as the guest lives: getters here would make each access slow. */
  readonly words: GuestWords;
  readonly channels: readonly Channel[];
  readonly denied: DeniedPaths;
  readonly ending: Ending;
  /** Where a session may take the guest over. */
  readonly forkPoint: ForkPoint;
  /** Name of each preopened directory, by its description. */
  readonly preopens: ReadonlyMap<OpenFile, ByteString>;
  /** Scratch for iovecs, used by one call at a time. */
  readonly spans: Spans;
  /** Working directory that the extension calls keep; preview1 has none. */
  cwd: Origin["start"];
  readonly uid: number;
  readonly gid: number;
}

/** Longest path that is copied out of guest memory; longer ones cannot exist. */
const PATH_BYTES_READ_MAX = 8192;

/** Reads a path. NUL bytes in it are EINVAL: no name has one. */
export function readPath(guest: Guest, pointer: number, size: number): ByteString | Errno {
  guest.memory.check(pointer, size);
  if (size > PATH_BYTES_READ_MAX) return ERRNO.ENAMETOOLONG;
  const path = byteStringOf(guest.memory.bytes, pointer, pointer + size);
  return path.includes("\0") ? ERRNO.EINVAL : path;
}

/** Where a path given with descriptor `fd` begins. */
export function originOf(guest: Guest, fd: number): Origin | Errno {
  const file = guest.descriptors.get(fd);
  if (file === undefined) return ERRNO.EBADF;
  if (file.node.kind !== "directory") return ERRNO.ENOTDIR;
  return { start: file.node, ceiling: file.ceiling };
}

/** Notes a path that was denied, seen from the root where it began at a preopened directory. */
export function noteDenied(
  guest: Guest,
  fd: number,
  path: ByteString,
  { wanted, errno }: { readonly wanted: "read" | "write"; readonly errno: Errno },
): void {
  const file = guest.descriptors.get(fd);
  const start = file === undefined ? undefined : guest.preopens.get(file);
  const isWhole = start === undefined || path.startsWith("/");
  guest.denied.note(isWhole ? path : `${start.replace(/\/+$/, "")}/${path}`, wanted, errno);
}

/** A 64-bit offset or size as a number, or undefined where it is past what files can have. */
export function exactNumber(value: bigint): number | undefined {
  const exact = Number(value);
  return Number.isSafeInteger(exact) ? exact : undefined;
}
