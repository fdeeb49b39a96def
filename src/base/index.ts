/** Errors, errno, limits, bytes and the interfaces of the world. Imports nothing. */
export { assert, Bug, unreachable } from "./assert.ts";
export type { ByteString } from "./byte-string.ts";
export {
  byteStringOf,
  byteStringOfText,
  bytesOf,
  columnOf,
  printable,
  textOf,
} from "./byte-string.ts";
export { type Diagnostic, formatDiagnostic } from "./diagnostic.ts";
export { ERRNO, type Errno, type ErrnoName } from "./errno.ts";
export { ERROR_TABLE, type ErrorCode, type ErrorKind } from "./error-table.ts";
export {
  LIMIT_TABLE,
  type LimitKind,
  type LimitName,
  type Limits,
  STANDARD_LIMITS,
} from "./limits.ts";
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
