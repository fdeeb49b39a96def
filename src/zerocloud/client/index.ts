/** A client of the API of OpenStack Swift, and of the jobs of ZeroCloud beside it. */
export { type CallOptions, type ListOptions, type MetaOptions, SwiftClient } from "./client.ts";
export {
  type Access,
  accountOf,
  type Credentials,
  type Environment,
  environmentCredentials,
} from "./credentials.ts";
export type { Download, GetOptions } from "./download.ts";
export type { ContainerEntry, ObjectEntry, Stat } from "./entries.ts";
export {
  type ExecuteRequest,
  type Execution,
  endpointHeaders,
  type JobKind,
  type JobStatus,
} from "./execute.ts";
export {
  type CdrLine,
  type JobHeaders,
  type NodeAccounting,
  type NodeResult,
  type NodeTraffic,
  parseCdrLine,
  parseJobHeaders,
} from "./job-headers.ts";
export { type Login, loginPath, readLogin, writeLogin } from "./login-file.ts";
export { type Address, parseAddress } from "./paths.ts";
export type { LeftOver, PutOptions, PutResult, UploadSource } from "./put-options.ts";
export { PARALLEL_MAX } from "./segments.ts";
export { type FailedRequest, refusedBy, ServiceError } from "./service-error.ts";
export type { SessionOptions } from "./session.ts";
export type { Headers, Payload } from "./transport.ts";
export { bytesSource, SEGMENT_BYTES } from "./upload.ts";
