export { type ChannelSummary, RECORD, TRACE_HEADER, Trace } from "./trace.ts";
