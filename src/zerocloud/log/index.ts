/** The log of the server: lines of known fields, none of which is a secret. */
export { Log, type LogLevel, type LogOptions } from "./log.ts";
export type {
  EventRecord,
  FailureRecord,
  InstanceRecord,
  LogRecord,
  RequestRecord,
} from "./records.ts";
