import { MODES } from "./devices.ts";
import { JOB_LIMIT_TABLE } from "./limits.ts";

/** A piece of JSON schema (draft 7). */
export type Schema = Readonly<Record<string, unknown>>;

/** One key of an object of the job: the parser and the published schema are made from it. */
export interface KeyKind {
  /** What the parser takes; `any` where a rule of its own judges all values. */
  readonly type: "string" | "object" | "array" | "any";
  readonly isRequired?: true;
  /** What holds without it, in words. */
  readonly standard: string;
  readonly meaning: string;
  /** What a schema says beyond the type. */
  readonly schema?: Schema;
}

type Keys = Readonly<Record<string, KeyKind>>;

const NAME: Schema = { minLength: 1, maxLength: 255 };

const WHOLE = (least: number, most: number): Schema => {
  return { type: "integer", minimum: least, maximum: most };
};

export const GROUP_KEYS = {
  name: {
    type: "string",
    isRequired: true,
    standard: "required",
    meaning: "Name of the group, and of its node where it has one",
    schema: NAME,
  },
  exec: {
    type: "object",
    isRequired: true,
    standard: "required",
    meaning: "The program of its nodes",
  },
  devices: {
    type: "array",
    standard: "none",
    meaning: "The channels of its nodes",
  },
  file_list: {
    type: "array",
    standard: "none",
    meaning: "Another name of `devices`, which it wins over",
  },
  count: {
    type: "any",
    standard: "1",
    meaning: "Number of nodes; ignored where an input has a wildcard",
    schema: {
      anyOf: [WHOLE(1, JOB_LIMIT_TABLE.nodes.maximum), { const: true }, { type: "null" }],
    },
  },
  connect: {
    type: "array",
    standard: "none",
    meaning: "Names of groups and nodes that its nodes write to",
  },
  replicate: {
    type: "any",
    standard: "1",
    meaning: "Parallel copies of each node; 0 is one that is not attached to its output",
    schema: { anyOf: [WHOLE(0, JOB_LIMIT_TABLE.copies.maximum), { type: "null" }] },
  },
  attach: {
    type: "string",
    standard: "`default`",
    meaning: "The device whose object decides where a node runs; `default` is the first channel",
  },
  location: {
    type: "string",
    standard: "none",
    meaning: "Nodes with one label run on one server, where they can",
  },
} as const satisfies Keys;

export const EXEC_KEYS = {
  path: {
    type: "string",
    isRequired: true,
    standard: "required",
    meaning: "URL of the program: `swift://` or `file://`",
    schema: { pattern: "^(swift|file)://." },
  },
  name: {
    type: "string",
    standard: "name of the node",
    meaning: "`argv[0]` and `SCRIPT_NAME`",
  },
  args: {
    type: "string",
    standard: "none",
    meaning: "Arguments, split at blanks by the guest",
  },
  env: {
    type: "object",
    standard: "none",
    meaning: "Environment of the guest: texts and numbers; what is empty, 0 or null is left out",
    schema: { additionalProperties: { type: ["string", "number", "null"] } },
  },
} as const satisfies Keys;

export const DEVICE_KEYS = {
  device: {
    type: "string",
    standard: "`name`",
    meaning: "Name of the device, which is `/dev/NAME` in the guest; wins over `name`",
    schema: { maxLength: 255 },
  },
  name: {
    type: "string",
    standard: "required without `device`",
    meaning: "Another name of `device`",
  },
  path: {
    type: "string",
    standard: "none",
    meaning: "URL of what it reads or writes",
  },
  content_type: {
    type: "string",
    standard: "`application/octet-stream` with a path, else `text/html`",
    meaning: "Content type of what is written; `message/http` and `message/cgi` have headers",
  },
  meta: {
    type: "object",
    standard: "none",
    meaning: "Metadata of what is written, as `X-Object-Meta-KEY`",
    schema: { maxProperties: 90, additionalProperties: { type: "string", maxLength: 256 } },
  },
  mode: {
    type: "string",
    standard: "`file`",
    meaning: `What the guest sees: ${MODES.map((mode) => `\`${mode}\``).join(", ")}`,
    schema: { enum: [...MODES, null] },
  },
  min_size: {
    type: "any",
    standard: "0",
    meaning: "Bytes: an output with fewer is neither stored nor sent",
    schema: { anyOf: [WHOLE(0, Number.MAX_SAFE_INTEGER), { type: "null" }] },
  },
} as const satisfies Keys;
