import { ERRNO, type Errno } from "../../base/index.ts";
import { CALLS_BY_MODULE, type Call } from "./calls.ts";
import { clockTimeGet } from "./clock-random.ts";
import { wasiErrno } from "./errno.ts";
import { fdRead, fdWrite } from "./file-io.ts";
import type { Guest } from "./guest.ts";
import { GuestFault } from "./guest-memory.ts";
import { Seat, type SeatedCalls } from "./seat.ts";

type Argument = number | bigint;
type Import = (...args: never[]) => number;

/** A call with four 32-bit arguments. */
type FourWords = (guest: Guest, a: number, b: number, c: number, d: number) => Errno;

/**
 * The calls of the guest that takes their seat. Every call is traced with its arguments and its
 * errno; pointers arrive as unsigned numbers; a pointer outside of memory is EFAULT. What else a
 * call throws (the guest's exit, a failed channel) ends the session and goes through the guest's
 * frames; a guest that catches it finds it thrown again by whatever it calls next.
 */
export function wasiCalls(): WasiCalls {
  const seat = new Seat<Guest>();
  const imports: Record<string, Record<string, Import>> = {};
  for (const [module, calls] of Object.entries(CALLS_BY_MODULE)) {
    const functions: Record<string, Import> = {};
    for (const [name, [number, call]] of Object.entries(calls)) {
      functions[name] = frequent(seat, number, call) ?? traced(seat, number, call);
    }
    imports[module] = functions;
  }
  return { imports: imports as WebAssembly.Imports, seat };
}

export type WasiCalls = SeatedCalls<Guest>;

/**
 * The calls that programs make millions of times go through wrappers of fixed arity: an array of
 * arguments, and a wrapper whose call goes to dozens of functions, would cost more than the call.
 */
function frequent(seat: Seat<Guest>, number: number, call: Call): Import | undefined {
  if (call === fdRead) return fourWords(seat, number, fdRead);
  if (call === fdWrite) return fourWords(seat, number, fdWrite);
  if (call === clockTimeGet) return clockLook(seat, number);
  return undefined;
}

function fourWords(seat: Seat<Guest>, number: number, call: FourWords): Import {
  return (a: number, b: number, c: number, d: number) => {
    const guest = seat.world;
    const { trace, memory, ending } = guest;
    if (ending.isSet) throw ending.error;
    trace.call4(number, a, b, c, d);
    try {
      memory.refresh();
      const errno = call(guest, a >>> 0, b >>> 0, c >>> 0, d >>> 0);
      if (errno === ERRNO.OK) return ended(guest, 0);
      return ended(guest, wasiErrno(errno));
    } catch (error) {
      return faulted(guest, error);
    }
  };
}

function clockLook(seat: Seat<Guest>, number: number): Import {
  return (id: number, precision: bigint, resultPtr: number) => {
    const guest = seat.world;
    const { trace, memory, ending } = guest;
    if (ending.isSet) throw ending.error;
    trace.call(number);
    trace.argument(id);
    trace.argument(precision);
    trace.argument(resultPtr);
    try {
      memory.refresh();
      return ended(guest, wasiErrno(clockTimeGet(guest, id >>> 0, precision, resultPtr >>> 0)));
    } catch (error) {
      return faulted(guest, error);
    }
  };
}

function traced(seat: Seat<Guest>, number: number, call: Call): Import {
  const answer = call as (guest: Guest, ...args: Argument[]) => Errno;
  const wrapper = (...args: Argument[]): number => {
    const guest = seat.world;
    const { trace, memory, ending } = guest;
    if (ending.isSet) throw ending.error;
    trace.call(number);
    for (let index = 0; index < args.length; index++) {
      const value = args[index] ?? 0;
      trace.argument(value);
      if (typeof value === "number") args[index] = value >>> 0;
    }
    try {
      memory.refresh();
      return ended(guest, wasiErrno(answer(guest, ...args)));
    } catch (error) {
      return faulted(guest, error);
    }
  };
  return wrapper as Import;
}

function ended(guest: Guest, errno: number): number {
  guest.trace.result(errno);
  return errno;
}

function faulted(guest: Guest, error: unknown): number {
  if (error instanceof GuestFault) return ended(guest, wasiErrno(ERRNO.EFAULT));
  guest.ending.set(error);
  throw error;
}
