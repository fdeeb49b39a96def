/**
 * The six calls that a Native Client program can make, as the original had them, and the extension
 * by which it makes the system calls of its ZRT.
 */
import { ERRNO } from "../../base/index.ts";
import { type NaclWords, naclCall } from "../nacl/index.ts";
import { EXTENSION_TRAP, TRAP_CALLS, UNKNOWN_TRAP } from "../trace/index.ts";
import { exactNumber, GuestExit, GuestFault, Seat, type SeatedCalls } from "../wasi/index.ts";
import { NEXE_FAULTS, NexeFault, TrapAbort, type TrapWorld } from "./trap-world.ts";

type TrapName = keyof typeof TRAP_CALLS;

const NAMES: ReadonlyMap<bigint, TrapName> = new Map(
  (Object.keys(TRAP_CALLS) as TrapName[]).map((name) => [TRAP_CALLS[name].code, name]),
);

/** Function number and a word without meaning stand before the arguments. */
const HEAD_BYTES = 16;
const WORD_BYTES = 8;
const CODE_PAGE_BYTES = 0x1_0000;

/** Answers a call whose words begin at guest address `block`: a count, 0, or a negative errno. */
type TrapCall = (block: number) => number;

function trapCall(seat: Seat<TrapWorld>): TrapCall {
  return (block) => {
    const { world } = seat;
    const { ending, memory, trace } = world.guest;
    if (ending.isSet) throw ending.error;
    try {
      memory.refresh();
      const code = wordAt(world, block >>> 0);
      if (code === EXTENSION_TRAP) return systemCall(world, block >>> 0);
      const answer = dispatch(world, code, block >>> 0);
      trace.result(answer < 0 ? -answer : 0);
      return answer;
    } catch (error) {
      const thrown = error instanceof GuestFault ? badAddress(block) : error;
      ending.set(thrown);
      throw thrown;
    }
  };
}

export type TrapCalls = SeatedCalls<TrapWorld>;

/**
 * The calls of a translated program: the one that ZeroVM has, and the other numbers, which are the
 * system calls of Native Client, or end the session of a program of ZeroVM.
 */
export function trapCalls(): TrapCalls {
  const seat = new Seat<TrapWorld>();
  const call = trapCall(seat);
  const nacl = {
    trap: (block: number) => BigInt(call(block)),
    syscall: (number: number, ...words: NaclWords) => {
      const { world } = seat;
      if (world.space.naclHeap !== undefined) return naclCall(world.nacl, number, words) | 0;
      const abort = new TrapAbort(`nacl syscall #${number} received`, ERRNO.EINVAL);
      world.guest.ending.set(abort);
      throw abort;
    },
    fault: (kind: number, address: number) => {
      throw new NexeFault(NEXE_FAULTS[kind] ?? "unknown", address >>> 0);
    },
    denied: (target: number, address: number) => {
      const hex = (target >>> 0).toString(16).padStart(8, "0");
      throw new NexeFault("denied", address >>> 0, `: 0x${hex}`);
    },
    unknown: (address: number) => {
      const slot = seat.world.space.code?.place(address >>> 0);
      if (slot === undefined) throw new NexeFault("unknown", address >>> 0);
      return slot;
    },
  };
  return { imports: { nacl }, seat };
}

/** The words of a call must lie where the guest may read; the original ended for it as well. */
function badAddress(block: number): TrapAbort {
  const hex = (block >>> 0).toString(16).padStart(8, "0");
  return new TrapAbort(`uaddr 0x${hex}, addr space 32 bits`, ERRNO.EFAULT);
}

/** A system call, which is traced as such. */
function systemCall(world: TrapWorld, block: number): number {
  const wordOf = (index: number): number => int32(argumentAt(world, block, index));
  const words = [wordOf(1), wordOf(2), wordOf(3), wordOf(4), wordOf(5), wordOf(6)] as const;
  return naclCall(world.nacl, wordOf(0), words) | 0;
}

function dispatch(world: TrapWorld, code: bigint, block: number): number {
  const { trace } = world.guest;
  const name = NAMES.get(code);
  if (name === undefined) {
    trace.call(UNKNOWN_TRAP.number);
    trace.argument(code);
    return -ERRNO.EPERM;
  }
  const { number, words } = TRAP_CALLS[name];
  const args: bigint[] = [];
  trace.call(number);
  for (let index = 0; index < words; index++) {
    const word = argumentAt(world, block, index);
    args.push(word);
    trace.argument(word);
  }
  return CALLS[name](world, args);
}

function argumentAt(world: TrapWorld, block: number, index: number): bigint {
  return wordAt(world, block + HEAD_BYTES + index * WORD_BYTES);
}

function wordAt({ guest, space }: TrapWorld, address: number): bigint {
  if (!space.regions.allows(BigInt(address), WORD_BYTES, false)) throw new GuestFault();
  return guest.memory.readU64(address - space.base);
}

type Answer = (world: TrapWorld, args: readonly bigint[]) => number;

const CALLS: Readonly<Record<TrapName, Answer>> = {
  read: (world, args) => transfer(world, args, "read"),
  write: (world, args) => transfer(world, args, "write"),
  jail: (world, args) => {
    const range = codeRange(world, args);
    if (range === undefined) return -ERRNO.EINVAL;
    const { code, regions } = world.space;
    const isCode = code?.jail(range.start, range.end - range.start) === true;
    // As in the original, memory is for data where it is not accepted.
    regions[isCode ? "jail" : "unjail"](range.start, range.end);
    return isCode ? 0 : -ERRNO.EPERM;
  },
  unjail: (world, args) => {
    const range = codeRange(world, args);
    if (range === undefined) return -ERRNO.EINVAL;
    world.space.code?.unjail(range.start, range.end - range.start);
    world.space.regions.unjail(range.start, range.end);
    return 0;
  },
  exit: (_world, [code]) => {
    throw new GuestExit(int32(code));
  },
  fork: ({ guest }) => {
    guest.forkPoint.reach();
    return 0;
  },
};

function transfer(
  { guest, space }: TrapWorld,
  [handle, buffer = 0n, bytes, offset = 0n]: readonly bigint[],
  direction: "read" | "write",
): number {
  const { memory, channels, trace } = guest;
  const channel = channels[int32(handle)];
  const size = int32(bytes);
  if (channel === undefined) return -ERRNO.EINVAL;
  if (!space.regions.allows(buffer, size, direction === "read")) return -ERRNO.EINVAL;
  const isSequential = direction === "read" ? channel.sequentialRead : channel.sequentialWrite;
  // A sequential transfer goes on where the last one ended, whatever the guest passes.
  const exact = isSequential ? 0 : exactNumber(BigInt.asIntN(64, offset));
  if (exact === undefined) return -ERRNO.EINVAL;
  const start = Number(buffer);
  const count = channel[direction](memory.bytes, start - space.base, size, exact);
  if (count >= 0) trace[direction === "read" ? "dataIn" : "dataOut"](start, count);
  return count;
}

/**
 * Where code is asked for. The original looked at its start only, and so a guest could change the
 * permissions of what is not its own.
 */
function codeRange(
  { space }: TrapWorld,
  [address = 0n, bytes]: readonly bigint[],
): { readonly start: number; readonly end: number } | undefined {
  const start = Number(BigInt.asUintN(32, address));
  const size = int32(bytes);
  const end = start + size;
  const isInside = start >= space.codeStart && end <= space.codeEnd;
  if (size <= 0 || !isInside || start % CODE_PAGE_BYTES !== 0) return undefined;
  return { start, end };
}

function int32(word = 0n): number {
  return Number(BigInt.asIntN(32, word));
}
