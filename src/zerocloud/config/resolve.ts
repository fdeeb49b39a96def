import { dirname, resolve } from "node:path";
import { nearestName } from "../../base/index.ts";
import { type ConfigFinding, shown } from "./finding.ts";
import { judgeTextOf } from "./judge-value.ts";
import type { ConfigKeyKind } from "./key-kind.ts";
import {
  CONFIG_KEY_NAMES,
  CONFIG_KEYS,
  type ConfigKey,
  type ConfigValue,
  flagOf,
  isVariable,
  type ServerConfig,
  variableOf,
} from "./keys.ts";
import { parseConfig } from "./parse.ts";

/** Where values come from; a later one wins: the file, the environment, the flags. */
export interface ConfigSources {
  readonly file?: { readonly path: string; readonly text: string };
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** By their names without dashes; the flags of the configuration are looked at. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
  /** What paths of environment and flags are relative to; those of the file are to its folder. */
  readonly folder: string;
}

export interface ResolvedConfig {
  /** Undefined where a finding is an error. */
  readonly config?: ServerConfig;
  /** Where each value came from: `default`, `FILE:LINE`, a variable, a flag. */
  readonly origins: Readonly<Record<ConfigKey, string>>;
  readonly findings: readonly ConfigFinding[];
}

/** The value of every key from all sources, with every finding about any of them. */
export function resolveConfig(sources: ConfigSources): ResolvedConfig {
  const { file, environment = {}, flags = {}, folder } = sources;
  const parsed = file === undefined ? undefined : parseConfig(file.text);
  const findings = [...(parsed?.findings ?? []), ...unknownVariables(environment)];
  const values: Partial<Record<ConfigKey, ConfigValue>> = {};
  const origins: Partial<Record<ConfigKey, string>> = {};
  for (const key of CONFIG_KEY_NAMES) {
    const kind: ConfigKeyKind = CONFIG_KEYS[key];
    values[key] = kind.standard as ConfigValue;
    origins[key] = "default";
    const stated = parsed?.values.get(key);
    if (file !== undefined && stated !== undefined) {
      values[key] = absolute(kind, stated.value, dirname(resolve(folder, file.path)));
      origins[key] = `${file.path}:${stated.line}`;
    }
    const flag = flagOf(key);
    const texts = [
      { origin: variableOf(key), text: environment[variableOf(key)] },
      { origin: `--${flag}`, text: flag === undefined ? undefined : flags[flag] },
    ];
    for (const { origin, text } of texts) {
      if (text === undefined) continue;
      const judged = judgeTextOf(kind, text);
      if ("value" in judged) {
        values[key] = absolute(kind, judged.value, folder);
        origins[key] = origin;
      } else {
        const message = `${origin}: ${judged.message}`;
        findings.push({ severity: "error", path: key, message, expected: judged.expected });
      }
    }
  }
  const complete = { origins: origins as Record<ConfigKey, string>, findings };
  return findings.length > 0 ? complete : { ...complete, config: values as ServerConfig };
}

/** A variable that is misspelt would else be a setting that nobody heard. */
function unknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
): ConfigFinding[] {
  const known = CONFIG_KEY_NAMES.map(variableOf);
  const unknown = Object.keys(environment).filter(
    (name) => isVariable(name) && !known.includes(name),
  );
  return unknown.sort().map((name) => {
    const meant = nearestName(name, known);
    const message = `There is no variable ${shown(name)}`;
    const hint = meant === undefined ? undefined : `did you mean ${meant}?`;
    return { severity: "error", path: "", message, ...(hint !== undefined && { hint }) };
  });
}

function absolute(kind: ConfigKeyKind, value: ConfigValue, folder: string): ConfigValue {
  if (kind.form === "path" && typeof value === "string") return resolve(folder, value);
  if (kind.form !== "named-paths" || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([name, path]) => [name, resolve(folder, path)]);
  return Object.fromEntries(entries);
}
