import { ERRNO } from "../../base/index.ts";
import type { Finding } from "../manifest/index.ts";

/** Exit codes of the original for a program that it could not load. */
export const PROGRAM_EXIT = {
  MISSING: ERRNO.ENOENT,
  UNREADABLE: ERRNO.EIO,
  MALFORMED: ERRNO.ENOEXEC,
  MEMORY: ERRNO.ENOMEM,
} as const;

/** Exit states of the original in the same places. */
export const PROGRAM_STATE = {
  MALFORMED: "check failed",
  REFUSED: "validation failed",
  MEMORY: "user heap size is too small",
} as const;

/** What is wrong with a module, and where. */
export interface RefusalFields {
  readonly message: string;
  readonly state?: string;
  readonly hint?: string | undefined;
  readonly offset?: number | undefined;
  readonly expected?: string | undefined;
}

/** A finding about what the module is: the original's code 8. */
export function refusal(fields: RefusalFields): Finding {
  const { message, hint, offset, expected } = fields;
  return {
    severity: "error",
    stage: "module",
    code: PROGRAM_EXIT.MALFORMED,
    state: fields.state ?? PROGRAM_STATE.REFUSED,
    message,
    ...(offset === undefined ? {} : { offset }),
    ...(expected === undefined ? {} : { expected }),
    ...(hint === undefined ? {} : { hint }),
  };
}
