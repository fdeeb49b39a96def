import { LIMIT_TABLE, ZvmError } from "../base/index.ts";

const SECONDS = /^(?:\d{1,10}(?:\.\d{1,3})?|\.\d{1,3})$/;

/**
 * A limit on wall time as the command line has it: seconds, or parts of one to the millisecond.
 * @throws ZvmError ZVM_LIMIT naming the option
 */
export function readTimeout(text: string, option: string): number {
  const seconds = SECONDS.test(text) ? Number(text) : 0;
  const { maximum } = LIMIT_TABLE.time;
  if (seconds > 0 && seconds <= maximum) return seconds;
  throw new ZvmError("ZVM_LIMIT", `${option} is seconds from 0.001 to ${maximum}, not '${text}'`);
}
