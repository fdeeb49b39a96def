/** The face of ZRT for Native Client programs: the original's trap, and the system calls. */
export { type TrapCalls, trapCalls } from "./trap.ts";
export {
  type CodeMaker,
  NexeFault,
  type NexeFaultName,
  type NexeSpace,
  TrapAbort,
  type TrapWorld,
} from "./trap-world.ts";
