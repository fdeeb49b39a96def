/** The configuration of a session's POSIX world: the text on `/dev/nvram`, read and written. */

export { splitArguments } from "./arguments.ts";
export {
  configWith,
  DEFAULT_CONFIG,
  type MappingMode,
  type MappingRecord,
  type MountRecord,
  NVRAM_BYTES_MAX,
  type ZrtConfig,
} from "./config.ts";
export { escapeArgument } from "./escape.ts";
export { formatNvram } from "./format.ts";
export { type ParsedNvram, parseNvram } from "./parse.ts";
