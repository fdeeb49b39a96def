/** What has to hold of how a session is to be run, before it is run at all. */
import { statSync } from "node:fs";
import { LIMIT_TABLE, printable, textOf, ZvmError } from "../../base/index.ts";
import type { Manifest } from "../manifest/index.ts";
import { identityOf } from "./host-identity.ts";
import type { SessionRequest } from "./request.ts";

/** What a session may have of the real world. */
export interface OfTheWorld {
  readonly clock?: number | "real";
  readonly seed?: bigint | "real";
  readonly interactive?: boolean;
}

/** @throws ZvmError ZVM_VERIFY, ZVM_USAGE, ZVM_LIMIT or ZVM_FILE where it cannot be done */
export function judgeFurther(request: SessionRequest): void {
  const { manifest, interactive = false, verify = false, record } = request;
  if (request.isolation === "none") judgeStack(manifest);
  if (record !== undefined) {
    judgeRecord(record, verify);
    judgeClash(record, request);
  }
  if (verify) judgeVerify({ ...manifest, interactive });
}

/** The calls of a guest in this process are on a stack that was made before it was known. */
function judgeStack({ limits }: Pick<Manifest, "limits">): void {
  const { inside } = LIMIT_TABLE.stack;
  if ((limits.stack ?? 0) <= inside) return;
  const message =
    `Limit stack is ${limits.stack} bytes: in the process of its host (isolation "none") a guest ` +
    `has at most ${inside}`;
  throw new ZvmError("ZVM_LIMIT", message);
}

/**
 * A session that was given something of the real world is another one each time.
 * @throws ZvmError ZVM_VERIFY naming the option
 */
export function judgeVerify({ clock, seed, interactive }: OfTheWorld): void {
  const reasons = [
    ...(clock === "real" ? ["the host's clock (--clock real)"] : []),
    ...(seed === "real" ? ["the host's entropy (--seed real)"] : []),
    ...(interactive === true ? ["a person at a terminal (--interactive)"] : []),
  ];
  if (reasons.length === 0) return;
  const message = `Cannot verify a session with ${reasons.join(" and ")}: no run of it is like another`;
  throw new ZvmError("ZVM_VERIFY", message);
}

/** @throws ZvmError ZVM_USAGE or ZVM_FILE when the session cannot be recorded there */
export function judgeRecord(path: string, verify: boolean): void {
  if (verify) {
    const message = "Record a session or verify it: '--record', then 'zerovm replay', does both";
    throw new ZvmError("ZVM_USAGE", message);
  }
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isFile()) return;
  const message = `Cannot record to ${printable(path)}: it is there, and no file`;
  throw new ZvmError("ZVM_FILE", message);
}

/** The record must destroy nothing that the session reads or writes. */
function judgeClash(record: string, { manifest, needed = [] }: SessionRequest): void {
  const sources = manifest.channels.flatMap(({ alias, sources }) => {
    const role = `the source of ${textOf(alias)}`;
    return sources.flatMap((it) => (it.kind === "path" ? [{ role, path: it.path }] : []));
  });
  const files = [{ role: "the program", path: manifest.program }, ...needed, ...sources];
  const identity = identityOf(record);
  const other = files.find(({ path }) => identityOf(path) === identity);
  if (other === undefined) return;
  const same = `the same file is ${printable(other.role)}, which writing would destroy`;
  throw new ZvmError("ZVM_FILE", `Cannot record to ${printable(record)}: ${same}`);
}
