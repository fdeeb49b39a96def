/** The configuration of the server: its file, environment and flags to one checked value. */
export type { ConfigFinding } from "./finding.ts";
export type { ConfigKeyKind } from "./key-kind.ts";
export {
  CONFIG_KEYS,
  type ConfigKey,
  type ConfigValue,
  flagOf,
  type ServerConfig,
  variableOf,
} from "./keys.ts";
export { type ParsedConfig, parseConfig } from "./parse.ts";
export { type ConfigSources, type ResolvedConfig, resolveConfig } from "./resolve.ts";
export { configSchema } from "./schema.ts";
