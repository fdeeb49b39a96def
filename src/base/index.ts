/** Errors, errno, limits, bytes and the interfaces of the world. Imports nothing. */
export { assert, Bug, unreachable } from "./assert.ts";
export type { ByteString } from "./byte-string.ts";
export {
  byteStringOf,
  byteStringOfText,
  bytesOf,
  columnOf,
  percentDecoded,
  printable,
  textOf,
} from "./byte-string.ts";
export type { Diagnostic } from "./diagnostic.ts";
export { bytesOfHex, hexOf, type Sha256, sha256By } from "./digest.ts";
export { isDiskFull } from "./disk-full.ts";
export { ERRNO, type Errno, type ErrnoName } from "./errno.ts";
export type { ErrorKind } from "./error-kind.ts";
export { ERROR_TABLE, type ErrorCode } from "./error-table.ts";
export {
  BYTE_STRING,
  BYTES,
  bigCountOf,
  CALLBACK,
  countOf,
  eitherOf,
  type Fields,
  type Form,
  isObject,
  judgeValue,
  LIMITS,
  limitOf,
  listOf,
  NAME,
  optional,
  partOf,
  recordOf,
  refuse,
  SIGNAL,
  SWITCH,
  scalar,
  TEXT,
  TIMEOUT,
  tableOf,
  wordOf,
  wordOr,
} from "./form.ts";
export { formatDiagnostic, withHintsOnce } from "./format-diagnostic.ts";
export {
  LIMIT_TABLE,
  type LimitKind,
  type LimitName,
  type Limits,
  STANDARD_LIMITS,
} from "./limits.ts";
export { nearestName } from "./nearest.ts";
export { VERSION } from "./version.ts";
export {
  type ByteSink,
  type ByteSource,
  type Descriptors,
  type Hash,
  type HashFactory,
  type HashName,
  HostIoError,
  memorySource,
} from "./world.ts";
export { ZvmError, type ZvmErrorDetails } from "./zvm-error.ts";
