import { ERRNO } from "../../base/index.ts";
import {
  NACL_CALLS,
  NACL_TRACE_START,
  type NaclCallName,
  UNKNOWN_NACL_CALL,
} from "../trace/index.ts";
import { GuestFault } from "../wasi/index.ts";
import { NACL_ANSWERS, REFUSED } from "./calls.ts";
import type { NaclWorld } from "./nacl-world.ts";

const NAMES: ReadonlyMap<number, NaclCallName> = new Map(
  (Object.keys(NACL_CALLS) as NaclCallName[]).map((name) => [NACL_CALLS[name].number, name]),
);

/** Calls that change what is found in no file and no memory afterwards. */
const CHANGING: ReadonlySet<NaclCallName> = new Set<NaclCallName>([
  "chmod",
  "rmdir",
  "chdir",
  "unlink",
  "link",
  "rename",
  "utimes",
  "fchmod",
  "fchdir",
  "set_flags",
]);

/** The words of a call, as many as one has at most; those that it has not are not looked at. */
export type NaclWords = readonly [number, number, number, number, number, number];

/**
 * Answers a system call by its number. Every call is traced with its words and its answer; memory
 * that the guest may not use is EFAULT; what else is thrown (its exit, a failed channel) ends the
 * session, whatever the guest does.
 *
 * @param words numbers whose low 32 bits count
 * @returns a word, or a negative errno
 */
export function naclCall(world: NaclWorld, number: number, words: NaclWords): number {
  const { ending, trace } = world.guest;
  if (ending.isSet) throw ending.error;
  const name = NAMES.get(number);
  if (name === undefined) {
    trace.call(UNKNOWN_NACL_CALL.number);
    trace.argument(number);
  } else {
    trace.call(NACL_TRACE_START + number);
    for (let index = 0; index < NACL_CALLS[name].words; index++) {
      trace.argument((words[index] ?? 0) | 0);
    }
  }
  try {
    const answer = answerOf(world, name ?? `number ${number}`, name, words);
    trace.answer(answer);
    if (answer >= 0 && name !== undefined && CHANGING.has(name)) world.lost.add(name);
    return answer;
  } catch (error) {
    ending.set(error);
    throw error;
  }
}

function answerOf(
  world: NaclWorld,
  shown: string,
  name: NaclCallName | undefined,
  [a, b, c, d, e, f]: NaclWords,
): number {
  const answer = name === undefined ? REFUSED : NACL_ANSWERS[name];
  if (answer === REFUSED) {
    world.refused.note(shown);
    return -ERRNO.ENOSYS;
  }
  world.memory.refresh();
  try {
    return answer(world, a >>> 0, b >>> 0, c >>> 0, d >>> 0, e >>> 0, f >>> 0);
  } catch (error) {
    if (error instanceof GuestFault) return -ERRNO.EFAULT;
    throw error;
  }
}
