export {
  NACL_CALLS,
  NACL_TRACE_START,
  type NaclCallName,
  UNKNOWN_NACL_CALL,
} from "./nacl-calls.ts";
export {
  type ChannelSummary,
  RECORD,
  TRACE_BUFFER_BYTES,
  TRACE_HEADER,
  Trace,
} from "./trace.ts";
export { TraceReader, type TraceRecord } from "./trace-reader.ts";
export { EXTENSION_TRAP, TRAP_CALLS, UNKNOWN_TRAP } from "./trap-calls.ts";
