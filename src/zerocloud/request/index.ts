/** Requests of HTTP for jobs: what they are, and the texts of the jobs that they come to. Pure. */
export {
  type Address,
  addressOf,
  jobUrlOf,
  type ObjectItem,
  objectOf,
  splitPath,
  swiftUrlOf,
} from "./address.ts";
export { appGrant } from "./app-grant.ts";
export {
  isProgramType,
  noApplication,
  PROGRAM_TYPE,
  programJob,
  templateItem,
} from "./association.ts";
export { type BodyKind, bodyKindOf, canBeApp, judgeBody } from "./body-kind.ts";
export {
  type BootMap,
  BootMapFinder,
  type BootMapReading,
  findBootMap,
  HEAD_BYTES,
  type Inflate,
} from "./boot-map.ts";
export {
  API_VERSION,
  classify,
  OPEN_VERSION,
  type RequestClass,
  type RunMethod,
} from "./classify.ts";
export { type Deferral, deferralOf, headersItemOf, REGISTRY_CONTAINER } from "./deferral.ts";
export {
  ENDPOINT_HEADER,
  readEndpoint,
  SUID_HEADER,
  type SuidContainer,
  suidList,
} from "./endpoint.ts";
export { type HeaderTable, headersOf, headerText, mediaType } from "./header-table.ts";
export { type InputRange, type InputSpan, inputRangeOf, spanOf } from "./input-range.ts";
export { type JobTextOptions, readJobText } from "./job-text.ts";
export { type ObjectRun, readObjectRun } from "./run-on-object.ts";
export { readScript, type Script, scriptJob, writeScriptImage } from "./script.ts";
export { readSource, sourceFailure } from "./source.ts";
export {
  fillTemplate,
  OBJECT_PATH,
  STANDARD_TEMPLATE_LIMITS,
  type TemplateLimits,
} from "./template.ts";
export {
  parseQuery,
  type Query,
  takesMultipart,
  timeoutOf,
  wantsPlacement,
  wantsReport,
} from "./wishes.ts";
