/** Judges what is asked of a session that is to be repeated. */
import { printable, ZvmError } from "../../base/index.ts";
import { lookAt } from "./host-look.ts";
import type { RunOptions } from "./options.ts";

/** @throws ZvmError ZVM_USAGE or ZVM_FILE when the session cannot be recorded there */
export function judgeRecord({ record, verify }: RunOptions): void {
  if (record === undefined) return;
  if (verify === true) {
    const message = "Record a session or verify it: '--record', then 'zerovm replay', does both";
    throw new ZvmError("ZVM_USAGE", message);
  }
  const { kind } = lookAt(record);
  if (kind === "missing" || kind === "file") return;
  throw new ZvmError("ZVM_FILE", `Cannot record to ${printable(record)}: it is there, and no file`);
}

/**
 * A session that was given something of the real world is another one each time.
 * @throws ZvmError ZVM_VERIFY naming the option
 */
export function judgeVerify({ verify, clock, seed, interactive }: RunOptions): void {
  if (verify !== true) return;
  const reasons = [
    ...(clock === "real" ? ["the host's clock (--clock real)"] : []),
    ...(seed === "real" ? ["the host's entropy (--seed real)"] : []),
    ...(interactive === true ? ["a person at a terminal (--interactive)"] : []),
  ];
  if (reasons.length === 0) return;
  const message = `Cannot verify a session with ${reasons.join(" and ")}: no run of it is like another`;
  throw new ZvmError("ZVM_VERIFY", message);
}
