import { createRequire } from "node:module";
import type * as Yaml from "yaml";

/** Loads the package when a configuration is read first: no other command needs it. */
export function loadYaml(): typeof Yaml {
  return createRequire(import.meta.filename)("yaml") as typeof Yaml;
}
