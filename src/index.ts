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
  addRuntime,
  addToImage,
  type BuildOptions,
  type BuiltImage,
  buildImage,
  type ChannelDeclaration,
  type CheckedText,
  checkText,
  type DeniedPath,
  executeManifest,
  exitStatusOf,
  type FileGrant,
  type Finding,
  type FolderGrant,
  formatManifest,
  formatReportJson,
  formatReportText,
  type ImageGrant,
  type ImagePart,
  type Input,
  type Inspection,
  type InspectOptions,
  inspect,
  type ListedImage,
  type ListedRuntime,
  listImage,
  listRuntimes,
  type Manifest,
  type ManifestRequest,
  type Outcome,
  type Output,
  parseManifest,
  type Report,
  type RunOptions,
  type RunResult,
  type RuntimeOptions,
  removeRuntime,
  run,
  runSession,
  type SessionOptions,
  type SessionRequest,
  type TextKind,
  type WebReadable,
  type WebReader,
  type WebWritable,
  type WebWriter,
} from "./zerovm/index.ts";
