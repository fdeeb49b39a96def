import { DEVICE_KEYS, EXEC_KEYS, GROUP_KEYS, type KeyKind, type Schema } from "./keys.ts";

/**
 * The published schema of the language (draft 7), from the tables that the parser reads by. It says
 * of each value what can be said without the others: what it refuses, the parser refuses.
 */
export function jobSchema(): Schema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "https://zerovm.dev/schema/job-1.json",
    title: "Job",
    description:
      "Groups of nodes that run programs over objects. Keys that are not named are ignored; null is the same as no key.",
    type: "array",
    minItems: 1,
    items: objectSchema(GROUP_KEYS, {
      exec: objectSchema(EXEC_KEYS),
      devices: deviceList(),
      file_list: deviceList(),
      connect: { type: ["array", "null"], items: { type: "string", minLength: 1 } },
    }),
  };
}

function deviceList(): Schema {
  return { type: ["array", "null"], items: objectSchema(DEVICE_KEYS) };
}

function objectSchema(
  keys: Readonly<Record<string, KeyKind>>,
  inner: Readonly<Record<string, Schema>> = {},
): Schema {
  const required = Object.keys(keys).filter((key) => keys[key]?.isRequired);
  const properties = Object.entries(keys).map(([key, kind]) => [
    key,
    { description: kind.meaning, ...(inner[key] ?? valueSchema(kind)) },
  ]);
  return {
    type: "object",
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(properties),
  };
}

function valueSchema({ type, isRequired, schema = {} }: KeyKind): Schema {
  if (type === "any") return schema;
  return { type: isRequired ? type : [type, "null"], ...schema };
}
