/** A cluster as a storage, by requests through the filter that brought a job. */
export { percentDecoded } from "./percent-decoded.ts";
export { RequestCalls } from "./request-calls.ts";
export { SwiftJobStore } from "./swift-job-store.ts";
export { innerPath } from "./swift-paths.ts";
