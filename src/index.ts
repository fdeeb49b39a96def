/**
 * ZeroVM as a library: what the command line does, for programs.
 *
 * ```ts
 * import { run } from "zerovm";
 *
 * const { report, stdout } = await run({
 *   program: "python",
 *   args: ["-c", "print(open('/dev/sales.csv').readline())"],
 *   read: [{ path: "sales.csv" }],
 * });
 * ```
 */
export {
  type Diagnostic,
  ERROR_TABLE,
  type ErrorCode,
  type ErrorKind,
  formatDiagnostic,
  type HashName,
  LIMIT_TABLE,
  type LimitName,
  type Limits,
  ZvmError,
} from "./base/index.ts";
export {
  type ChannelDeclaration,
  checkText,
  type DeniedPath,
  exitStatusOf,
  type FileGrant,
  type Finding,
  type FolderGrant,
  formatManifest,
  formatReportJson,
  formatReportText,
  type ImageGrant,
  type Input,
  type Inspection,
  inspectProgram,
  type Manifest,
  type Outcome,
  type Output,
  parseManifest,
  type Report,
  type RunOptions,
  type RunResult,
  type RuntimeOptions,
  run,
  runSession,
  type SessionOptions,
  type SessionRequest,
} from "./zerovm/index.ts";
