/** CGI between requests and programs: what a program learns, and the heads that it prints. Pure. */
export {
  CGI_HEAD_LIMITS,
  type CgiHead,
  CgiHeadReader,
  type CgiKind,
  type CgiReading,
  cgiKindOf,
} from "./cgi-head.ts";
export {
  ENVIRONMENT_BYTES_MAX,
  environmentOf,
  isToldHeader,
  type LocalFacts,
  localEnvironment,
  type ProgramFacts,
  type RequestFacts,
  type Variable,
} from "./environment.ts";
export { HEADER_BYTES_MAX, outputOf, type ProgramOutput } from "./program-output.ts";
