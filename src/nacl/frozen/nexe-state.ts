import type { ByteString } from "../../base/index.ts";
import { GUEST_BYTES, TRAMPOLINE_COUNT } from "../elf/index.ts";
import { GUEST_REGISTERS, VECTOR_BYTES, VECTORS } from "./registers.ts";
import { StateReader, StateWriter } from "./state-bytes.ts";

/** What a guest has in the sandbox besides memory and registers. */
export interface NexeWorldState {
  /** How long it has run by its own clock, in nanoseconds. */
  readonly ageNs: bigint;
  /** Its break, the highest that it had, and flags of the pages behind, each for a run of them. */
  readonly heap?: {
    readonly break: number;
    readonly highestBreak: number;
    readonly runs: readonly { readonly pages: number; readonly flags: number }[];
  };
  /** Mutexes (1), condition variables (2) and semaphores (3) with their values; 0: none. */
  readonly sync: readonly { readonly kind: number; readonly value: number }[];
  /** Places of `sync` that are free, in the order in which they became so. */
  readonly freeSync: readonly number[];
  readonly tls: number;
  readonly secondTls: number;
  /** Descriptors of `/dev/zfork` that it has open, in ascending order. */
  readonly forks: readonly number[];
  readonly args: readonly ByteString[];
  readonly env: readonly (readonly [ByteString, ByteString])[];
}

/** A guest as it waits in a call of the sandbox, without its memory. */
export interface NexeState {
  /** The call, which is made again when it goes on: a slot of the page of trampolines. */
  readonly call: number;
  /** As many as `GUEST_REGISTERS` has, in their order. */
  readonly registers: readonly bigint[];
  /** As many as `VECTORS` has, in their order, each of `VECTOR_BYTES`. */
  readonly vectors: readonly Uint8Array[];
  readonly world: NexeWorldState;
}

/** Guest memory that is not all zeros. */
export interface NexeStretch {
  /** Its guest address. */
  readonly start: number;
  readonly bytes: Uint8Array;
}

const PAGE_FLAGS_MAX = 15;
const SYNC_KIND_MAX = 3;
const SYNC_MAX = 65_536;
const FD_MAX = 2 ** 20;
/** No session has more files open. */
const FORKS_MAX = 65_536;
const WORD_MAX = 2 ** 32 - 1;
const PAGE_BYTES = 0x1_0000;
const PAGES_MAX = GUEST_BYTES / PAGE_BYTES;
const MEMORY_START = PAGE_BYTES;
/** Arguments, and variables of the environment. */
const TEXTS_MAX = 2 ** 20;
/** A page has one stretch at most, which begins and ends in it. */
export const STRETCH_BYTES_MAX = PAGE_BYTES;

/** The state in bytes; equal states have equal bytes. */
export function writeNexeState({ call, registers, vectors, world }: NexeState): Uint8Array {
  const out = new StateWriter();
  out.number(call);
  for (const register of registers) out.u64(register);
  for (const vector of vectors) out.bytes(vector);
  out.u64(world.ageNs);
  out.list(world.heap === undefined ? [] : [world.heap], (heap) => {
    out.number(heap.break, 8).number(heap.highestBreak, 8);
    out.list(heap.runs, ({ pages, flags }) => out.number(pages).number(flags));
  });
  out.list(world.sync, ({ kind, value }) => out.number(kind).number(value));
  out.list(world.freeSync, (slot) => out.number(slot));
  out.number(world.tls).number(world.secondTls);
  out.list(world.forks, (fd) => out.number(fd));
  out.list(world.args, (text) => out.text(text));
  out.list(world.env, ([name, value]) => out.text(name).text(value));
  return out.written();
}

/** What stands before each stretch of memory, behind the state. */
export function writeStretchHead(start: number, sizeBytes: number): Uint8Array {
  return new StateWriter().number(start).number(sizeBytes).written();
}

/**
 * Reads a state and the memory behind it; the stretches are views of the bytes.
 * @param base where the bytes begin in the file, for messages
 * @throws ZvmError ZVM_PROGRAM_REFUSED for what is no state
 */
export function readNexeState(
  bytes: Uint8Array,
  base: number,
): { readonly state: NexeState; readonly memory: readonly NexeStretch[] } {
  const reader = new StateReader(bytes, base);
  const state: NexeState = {
    call: reader.number("the number of the call", TRAMPOLINE_COUNT - 1),
    registers: GUEST_REGISTERS.map(({ name, maximum }) => reader.u64(name, maximum)),
    vectors: VECTORS.map((name) => reader.bytes(VECTOR_BYTES, name)),
    world: readWorld(reader),
  };
  return { state, memory: readMemory(reader) };
}

function readWorld(reader: StateReader): NexeWorldState {
  const ageNs = reader.u64("its age");
  const [heap] = reader.list("heaps", 1, () => readHeap(reader));
  const sync = reader.list("objects", SYNC_MAX, () => ({
    kind: reader.number("the kind of an object", SYNC_KIND_MAX),
    value: reader.number("the value of an object", WORD_MAX),
  }));
  const freeSync = reader.list("free numbers", sync.length, () => {
    return reader.number("a free number", Math.max(0, sync.length - 1));
  });
  const free = sync.flatMap(({ kind }, slot) => (kind === 0 ? [slot] : []));
  if (String([...freeSync].sort((a, b) => a - b)) !== String(free)) {
    reader.fail("its free numbers are not those without an object");
  }
  return {
    ageNs,
    ...(heap !== undefined && { heap }),
    sync,
    freeSync,
    tls: reader.number("a word of the thread", WORD_MAX),
    secondTls: reader.number("a word of the thread", WORD_MAX),
    forks: readForks(reader),
    args: reader.list("arguments", TEXTS_MAX, () => reader.text("an argument")),
    env: reader.list("variables", TEXTS_MAX, () => {
      return [reader.text("a name"), reader.text("a value")] as const;
    }),
  };
}

function readHeap(reader: StateReader): NonNullable<NexeWorldState["heap"]> {
  return {
    break: reader.number("the break", GUEST_BYTES, 8),
    highestBreak: reader.number("the highest break", GUEST_BYTES, 8),
    runs: reader.list("runs of pages", PAGES_MAX, () => ({
      pages: reader.number("pages of a run", PAGES_MAX),
      flags: reader.number("flags of pages", PAGE_FLAGS_MAX),
    })),
  };
}

function readForks(reader: StateReader): number[] {
  let next = 0;
  return reader.list("descriptors", FORKS_MAX, () => {
    const fd = reader.number("a descriptor", FD_MAX);
    if (fd < next) reader.fail("its descriptors are not in ascending order");
    next = fd + 1;
    return fd;
  });
}

function readMemory(reader: StateReader): NexeStretch[] {
  const memory: NexeStretch[] = [];
  let from = MEMORY_START;
  while (!reader.isAtEnd) {
    const start = reader.number("the start of a stretch", WORD_MAX);
    const size = reader.number("the size of a stretch", STRETCH_BYTES_MAX);
    const pageEnd = (Math.floor(start / PAGE_BYTES) + 1) * PAGE_BYTES;
    if (start < from || size === 0 || start + size > pageEnd) {
      reader.fail(`a stretch of ${size} bytes at address ${start} is not in a page of its own`);
    }
    memory.push({ start, bytes: reader.bytes(size, "a stretch of memory") });
    from = pageEnd;
  }
  return memory;
}
