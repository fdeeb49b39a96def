/**
 * The hypervisor: manifests, programs, sessions and their reports. The command line and the
 * library know only what is named here.
 */

export { NEXE_POLICIES, type NexePolicy } from "../nacl/elf/index.ts";
export { hostSocketPath, imaginedCell, keepAhead, poolSocketPath } from "./cell/index.ts";
export {
  type CompileOptions,
  type CompileProduct,
  type CompileTarget,
  compileC,
  missingForWasi,
} from "./compile/index.ts";
export { type Daemon, type DaemonRequest, type DaemonStart, startDaemon } from "./daemon/index.ts";
export { type Examination, examine, type WallFinding } from "./doctor/index.ts";
export { awaitClient, type Client, HostPool, handOver } from "./host/index.ts";
export {
  addToImage,
  type BuildOptions,
  type BuiltImage,
  buildImage,
  type ImagePart,
  type ListedImage,
  listImage,
  type OpenedImage,
  openImage,
  type Progress,
  parsePart,
} from "./image/index.ts";
export { leave, leaveStreams } from "./libc/index.ts";
export {
  type ChannelDeclaration,
  checkSessionText,
  type Finding,
  formatManifest,
  type Manifest,
  parseLimit,
  parseManifest,
  parseSize,
  type TextKind,
  textKindOf,
} from "./manifest/index.ts";
export {
  listOf,
  type NameEvent,
  type NameServer,
  type NameServerOptions,
  type NameSummary,
  serveNames,
} from "./names/index.ts";
export { CellPool, type PoolOptions, type PoolState, servePool } from "./pool/index.ts";
export {
  type Inspection,
  isNexe,
  type ModuleInspection,
  type NexeInspection,
} from "./program/index.ts";
export {
  type DeniedPath,
  exitStatusOf,
  formatReportFramed,
  formatReportJson,
  formatReportLine,
  formatReportText,
  type Outcome,
  type Report,
  TIERS,
  type Tier,
} from "./report/index.ts";
export {
  buildPlan,
  type FileGrant,
  type FolderGrant,
  type FreezeOptions,
  type FreezeResult,
  freeze,
  type ImageGrant,
  type Input,
  type InspectOptions,
  inspect,
  type Output,
  type Plan,
  type PreparedProgram,
  type PreparedRunOptions,
  type PrepareOptions,
  type ProgramPoolOptions,
  parseFileGrant,
  parseFolderGrant,
  parseImageGrant,
  prepare,
  preparedPool,
  programPool,
  type RunOptions,
  type RunResult,
  reasonOf,
  resolveProgram,
  run,
  runPlan,
  type SessionOptions,
  savedFiles,
  savePlan,
  type WebReadable,
  type WebReader,
  type WebWritable,
  type WebWriter,
} from "./run/index.ts";
export {
  addRuntime,
  type ListedRuntime,
  listRuntimes,
  type RuntimeOptions,
  removeRuntime,
  resolveRuntime,
} from "./runtime/index.ts";
export {
  type AskedSession,
  askSession,
  checkKey,
  checkWrites,
  classicRefusal,
  executeManifest,
  HOST_OFFER,
  identityOf,
  type ManifestRequest,
  type ReplayRequest,
  replay,
} from "./session/index.ts";
export {
  type FileFinding,
  type FileVerdict,
  type ValidateFileOptions,
  validateFile,
} from "./validation/index.ts";
export {
  type DescribedCall,
  describeCalls,
  type Isolation,
  machineOf,
  WALLS,
  type WallName,
} from "./walls/index.ts";
