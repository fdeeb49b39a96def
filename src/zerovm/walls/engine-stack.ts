/** How much stack the engine of a cell has for the calls of its guest. */
import { LIMIT_TABLE } from "../../base/index.ts";
import { raiseLimit, readLimit } from "./rlimits.ts";

/**
 * Frames of guests take at most so much more than we count: the engine's first tier keeps what a
 * call passes as a parameter, as an operand and as an argument, and two of these are counted.
 */
const FRAME_RATIO = 1.5;
/** What the engine may use, with some room; with what is beyond it less than 128 MiB. */
const WANTED_BYTES = 1.75 * LIMIT_TABLE.stack.maximum;
/** For what is called where no guest may go deeper: the engine itself, and the C library. */
const BEYOND_BYTES = 4 * 2 ** 20;
/** What every process has, whatever its limits. */
const LEAST_BYTES = 984 * 1024;

/** The bytes of the engine's stack in a cell that this process starts, or is: whole KiB. */
export function engineStackBytes(): number {
  const { hard } = readLimit("stack");
  const allowed = hard < WANTED_BYTES + BEYOND_BYTES ? Number(hard) - BEYOND_BYTES : WANTED_BYTES;
  return Math.max(LEAST_BYTES, Math.floor(allowed / 1024) * 1024);
}

/**
 * Lets the stack of this process grow to what its engine was told that it has. A process that was
 * started with such a limit would have as much for each of its threads. The kernel keeps at least
 * 128 MiB free below a stack, or takes a place at random: less once in some million processes.
 * @returns the bytes of the engine's stack
 * @throws HostIoError
 */
export function growStack(): number {
  const bytes = engineStackBytes();
  raiseLimit("stack", bytes + BEYOND_BYTES);
  return bytes;
}

/**
 * Why a guest under such a limit `stack` cannot have all of it here.
 * @returns undefined where it can
 */
export function stackShortage(limitBytes: number, engineBytes: number): string | undefined {
  if (limitBytes * FRAME_RATIO <= engineBytes) return undefined;
  const neededKib = (WANTED_BYTES + BEYOND_BYTES) / 1024;
  return (
    `The host has no stack for the limit of ${limitBytes} bytes: processes may have ` +
    `${readLimit("stack").hard / 1024n} KiB (ulimit -H -s), ${neededKib} are needed`
  );
}
