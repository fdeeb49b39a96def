import type { Schema } from "../job/index.ts";
import { expectedOf, SIZE_PATTERN } from "./judge-value.ts";
import { type ConfigKeyKind, ENTRIES_MAX, TEXT_LENGTH_MAX } from "./key-kind.ts";
import { CONFIG_KEY_NAMES, CONFIG_KEYS } from "./keys.ts";

/**
 * The published schema of the configuration file (draft 7), from the table that it is read by: both
 * take and refuse the same, but for what a text means, as that there is a pool `default`.
 */
export function configSchema(): Schema {
  const properties: Record<string, Schema> = {};
  const groups: Record<string, Record<string, Schema>> = {};
  for (const key of CONFIG_KEY_NAMES) {
    const [group = "", name] = key.split(".");
    if (name === undefined) {
      properties[key] = keySchema(CONFIG_KEYS[key]);
      continue;
    }
    groups[group] ??= {};
    const members = groups[group];
    members[name] = keySchema(CONFIG_KEYS[key]);
    properties[group] = groupSchema(members);
  }
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://zerovm.dev/schema/server-1.json",
    title: "Configuration of zerovm serve",
    description: "All keys may be left out; null is the same as no key.",
    ...groupSchema(properties),
  };
}

function groupSchema(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: ["object", "null"], additionalProperties: false, properties };
}

function keySchema(kind: ConfigKeyKind): Schema {
  const { meaning, standard, without } = kind as ConfigKeyKind & { readonly without?: string };
  const otherwise = standard === undefined ? ` Without it: ${without}.` : "";
  return {
    description: `${meaning}: ${expectedOf(kind)}.${otherwise}`,
    ...(standard !== undefined && { default: standard }),
    ...valueSchema(kind),
  };
}

function valueSchema(kind: ConfigKeyKind): Schema {
  switch (kind.form) {
    case "whole": {
      const { unit, minimum, maximum } = kind;
      const number = { type: "integer", minimum, maximum };
      if (unit !== "bytes") return { ...number, type: ["integer", "null"] };
      return { anyOf: [number, { type: "string", pattern: SIZE_PATTERN }, { type: "null" }] };
    }
    case "switch":
      return { type: ["boolean", "null"] };
    case "word":
      return { enum: [...kind.words, null] };
    case "texts":
      return { type: ["array", "null"], maxItems: ENTRIES_MAX, items: textSchema(kind.pattern) };
    case "named-paths":
      return {
        type: ["object", "null"],
        maxProperties: ENTRIES_MAX,
        propertyNames: { pattern: kind.namePattern },
        additionalProperties: textSchema(),
      };
    default:
      return { ...textSchema(kind.pattern), type: ["string", "null"] };
  }
}

function textSchema(pattern?: string): Schema {
  const length = { minLength: 1, maxLength: TEXT_LENGTH_MAX };
  return { type: "string", ...length, ...(pattern !== undefined && { pattern }) };
}
