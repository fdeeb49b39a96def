/** Applications: `zapp.yaml` read and judged, its job, and the files of new projects. Pure. */
export { deployedJob } from "./deployed-job.ts";
export { type ParsedZapp, parseZapp } from "./parse.ts";
export { type PathPattern, pathPattern } from "./pattern.ts";
export { shellWords } from "./shell-words.ts";
export { TEMPLATES, type TemplateName, templateFiles } from "./templates.ts";
export {
  type BuildStep,
  MAP_MEMBER,
  type Pattern,
  ZAPP_BYTES_MAX,
  ZAPP_FILE,
  type Zapp,
  type ZappFinding,
  type ZappPlace,
} from "./zapp.ts";
