import { PLAN_RULES } from "./plan-rules.ts";
import type { RuleKind } from "./rule-kind.ts";

/** Rules of the text, broken before anything else is looked at. */
const TEXT_RULES = {
  "job-size": {
    text: "The job has more than {limit} bytes",
    meaning: "The limit `job-bytes`. Objects that differ in a number need one group and `count`",
    status: 413,
  },
  "json-encoding": {
    text: "Could not parse system map: it is no UTF-8",
    meaning: "A job is UTF-8 without a byte order mark",
    status: 422,
  },
  "json-syntax": {
    text: "Could not parse system map: {what}",
    meaning: "The text is no JSON; the place is the first character that cannot stand there",
    status: 422,
  },
  "json-depth": {
    text: "Could not parse system map: more than {limit} levels of arrays and objects",
    meaning: "The limit `job-depth`",
    status: 422,
  },
  "json-duplicate-key": {
    text: "Duplicate key {key}",
    meaning: "Readers of JSON differ in which of the two they take; take one out",
    status: 400,
  },
  structure: {
    text: "Config parser internal error: {what} is {value}",
    meaning: "A value has another type than the key takes",
    status: 400,
  },
  "no-nodes": {
    text: "Config parser cannot resolve any job nodes",
    meaning: "The array is empty",
    status: 400,
  },
  "findings-cut": {
    text: "{count} more findings are not shown",
    meaning: "The limit `job-findings`",
    status: 400,
  },
} as const satisfies Record<string, RuleKind>;

const GROUP_RULES = {
  "node-name-missing": {
    text: "Must specify node name",
    meaning: "A group has no `name`, or an empty one",
    status: 400,
  },
  "node-name": {
    text: "Invalid node name",
    meaning:
      "A name has control characters, halves of a surrogate pair, more than 255 bytes, or parts " +
      "between slashes that are empty, `.` or `..`",
    status: 400,
  },
  count: {
    text: "Invalid node count: {value}",
    meaning: "`count` is a whole number from 1 to the limit `nodes`, without quotation marks",
    status: 400,
  },
  "group-setting": {
    text: "Invalid {key}: {value} in {node}",
    meaning: "`replicate`, `attach` or `location` of a group is not what it can be",
    status: 400,
  },
  "group-differs": {
    text: "Groups named {node} differ in {key}",
    meaning: "Groups of one name are one group in several parts, and can only differ in devices",
    status: 400,
  },
  "connect-name": {
    text: "Invalid name in connect: {value} in {node}",
    meaning: "An entry of `connect` is empty, or no name of a group or node can be like it",
    status: 400,
  },
  "exec-missing": {
    text: "Must specify exec stanza for {node}",
    meaning: "A group has no `exec`",
    status: 400,
  },
  "exec-path-missing": {
    text: "Must specify executable path for {node}",
    meaning: "`exec.path` is missing, is no URL, or names a container and no object",
    status: 400,
  },
  "exec-path-zvm": {
    text: "Executable path cannot be a zvm path in {node}",
    meaning: "A program is an object or a file of an image",
    status: 400,
  },
  "exec-property": {
    text: "Invalid nexe property for {node}",
    meaning:
      "`exec.path`, `exec.name`, `exec.args` or a key or value of `exec.env` has control " +
      "characters or halves of a surrogate pair; keys also no comma and no `=`",
    status: 400,
  },
  "exec-not-found": {
    text: "No executable found in request: {url} {what}",
    meaning: "`exec.path` is of a kind that holds no program, or names an image that is not there",
    status: 400,
  },
} as const satisfies Record<string, RuleKind>;

const DEVICE_RULES = {
  "device-missing": {
    text: "Must specify device for file in {node}",
    meaning: "A device has neither `device` nor `name`",
    status: 400,
  },
  "device-name": {
    text: "Bad device name: {device} in {node}",
    meaning: "As for names of groups; it becomes the file `/dev/NAME` of the guest",
    status: 400,
  },
  "device-twice": {
    text: "Device {device} is declared twice in {node}",
    meaning: "Each device is one channel; connections count, by what they are called on their side",
    status: 400,
  },
  "readable-path": {
    text: "Readable device must be a swift object",
    meaning: "`stdin`, `input`, `script` and `image` read `swift://` and nothing else",
    status: 400,
  },
  "path-parts": {
    text: "Invalid path URL in {node}",
    meaning: "A `swift://` URL has no account or no container",
    status: 400,
  },
  path: {
    text: "Invalid path: {url}",
    meaning:
      "A URL has a `*` where none is allowed, control characters, a part that is `.` or `..`, or " +
      "names longer than Swift has them",
    status: 400,
  },
  "container-write": {
    text: "Container path must be read-only",
    meaning: "A device that writes names a container and no object",
    status: 400,
  },
  immediate: {
    text: "Immediate response is not available for device {device}",
    meaning: "`output` needs a path",
    status: 400,
  },
  "immediate-twice": {
    text: "Only one device of a node can be the response: {device} in {node}",
    meaning: "A second device that writes has no path; give it one, or ask for a multipart answer",
    status: 400,
  },
  "device-setting": {
    text: "Invalid {key}: {value} in {node}",
    meaning: "`mode`, `min_size` or `content_type` of a device is not what it can be",
    status: 400,
  },
  meta: {
    text: "{what}",
    meaning: "`meta` is more, longer or of other characters than Swift takes as metadata",
    status: 400,
  },
  "channel-path": {
    text: 'Could not resolve channel path "{url}" for device: {device}',
    meaning: "A device that reads has nothing to read, or there is no system image of that name",
    status: 400,
  },
  "debug-off": {
    text: "Device debug may not reach {url} in {node}",
    meaning: "The server allows `debug` for some addresses only, or for none",
    status: 403,
  },
} as const satisfies Record<string, RuleKind>;

const WARNINGS = {
  "unknown-key": {
    text: "Unknown key {key}: it is ignored",
    meaning: "No key of that name is looked at; a letter may be wrong",
    status: 200,
  },
  "ignored-key": {
    text: "{key} is ignored beside {other}",
    meaning: "`file_list` wins over `devices`, and `device` over `name`",
    status: 200,
  },
  "count-true": {
    text: "true as a count is 1",
    meaning: "Write the number",
    status: 200,
  },
  "name-splits": {
    text: "Name {node} has blanks or commas, which separate names in answers",
    meaning: "Headers list names with commas, and arguments are split at blanks",
    status: 200,
  },
  "unknown-scheme": {
    text: "Path {url} is no URL of a job: the device has no path",
    meaning: "The scheme is none of `swift`, `zvm`, `tcp`, `udp`; an output goes into the response",
    status: 200,
  },
  "device-idle": {
    text: "Device {device} in {node} is ignored",
    meaning: "`db`, which has no function, or an unknown device or system image with a path",
    status: 200,
  },
  "name-skipped": {
    text: "{name} is not taken for {url}",
    meaning:
      "A name in the store has control characters, or parts that are `.` or `..`, so that no URL of " +
      "a job can name it; the first one of each wildcard is shown",
    status: 200,
  },
  "outputs-collide": {
    text: "Object {url} is written by {node} and by {other}",
    meaning: "The node that ends last decides what the object holds",
    status: 200,
  },
} as const satisfies Record<string, RuleKind>;

/**
 * Every rule of a job, by a name that never changes. From this table comes the page
 * `docs/reference/job-errors.md`.
 */
export const RULES = {
  ...TEXT_RULES,
  ...GROUP_RULES,
  ...DEVICE_RULES,
  ...PLAN_RULES,
  ...WARNINGS,
} as const satisfies Record<string, RuleKind>;

export type RuleName = keyof typeof RULES;
