/** Jobs, run on this machine: plans and a store to results. */
export { type Admission, type AdmittedJob, OPEN_ADMISSION, type Release } from "./admission.ts";
export { isLostToDisk, STATUS_CANCELLED } from "./instance-result.ts";
export { JobHost, type JobHostOptions, type NodeWires } from "./job-host.ts";
export { JobRun, type JobSurroundings } from "./job-run.ts";
export type { JobRunner } from "./job-runner.ts";
export { nameOfInstance } from "./local-wires.ts";
export type { Connected, InstanceSurroundings, NodePlace, PreparedNode } from "./node-place.ts";
export { allowOutputs, attachedFirst, requestVariables, TOO_LARGE } from "./node-rights.ts";
export { closeOutputs, type NodeSession, type WrittenOutput } from "./node-session.ts";
export { once } from "./once.ts";
export { OpenedItem, type ReadItem, readerOf } from "./opened-item.ts";
export type { ProgramDoor, ProgramTurn } from "./program-door.ts";
export { PROGRAM_RULES, type ProgramFile } from "./program-shelf.ts";
export { FULL_DISK, isOfFullDisk, Refusal } from "./refusal.ts";
export {
  type JobEvent,
  type JobRequest,
  type ProgramEnvironment,
  STANDARD_MEMORY_BYTES,
  STANDARD_TIMEOUT_SECONDS,
  STANDARD_TRANSFER_LIMITS,
  type TransferLimits,
} from "./settings.ts";
export { bytesOfPieces, pathOfFd, SpooledFile, spool } from "./spooled-file.ts";
