/** What jobs come to, and how that is told. Pure. */
export type {
  Accounting,
  Body,
  InstanceResult,
  JobResult,
  ResponsePart,
  StoredOutput,
  Traffic,
} from "./result.ts";
