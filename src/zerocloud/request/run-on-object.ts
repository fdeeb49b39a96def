import { OWN_ACCOUNT } from "../job/index.ts";
import { isRefusal, type Refusal, refuse } from "../result/index.ts";
import { itemOfUrl, jobUrlOf, type ObjectItem, objectUrl } from "./address.ts";
import type { RunMethod } from "./classify.ts";
import { REGISTRY_CONTAINER } from "./deferral.ts";
import { decodedHeader, type HeaderTable } from "./header-table.ts";
import { type InputRange, inputRangeOf } from "./input-range.ts";

/** A program that runs over one object while that is read, written or copied. */
export interface ObjectRun {
  readonly kind: "object-run";
  /** Text of its job: one group of one node, called `run`. */
  readonly job: string;
  /** The part of the object that its `stdin` is; absent for all of it. */
  readonly inputRange?: InputRange;
  /** What it reads; absent where that is the body of the request. */
  readonly input?: ObjectItem;
  /** What it writes; absent where that is the answer. */
  readonly output?: ObjectItem;
}

/** Where programs lie that are called by a name alone. */
const NAMED_PROGRAMS = `swift://${OWN_ACCOUNT}/${REGISTRY_CONTAINER}/run/`;

/** Headers that would make another request of it, each with a reason. */
const REFUSED: readonly (readonly [header: string, reason: string])[] = [
  ["range", "Range goes with no program: X-Zerovm-Range is the part of the object that it reads"],
  ["destination-account", "Destination-Account goes with no program"],
  ["x-copy-from-account", "X-Copy-From-Account goes with no program"],
  ["x-fresh-metadata", "X-Fresh-Metadata goes with no program"],
];

/**
 * What a request with `X-Zerovm-Run` comes to. GET gives the object to the program and its output
 * to the client; PUT gives the body to it and stores its output; COPY, and PUT with `X-Copy-From`,
 * give it one object and store another.
 */
export function readObjectRun(
  method: RunMethod,
  item: ObjectItem,
  headers: HeaderTable,
): ObjectRun | Refusal {
  for (const [header, reason] of REFUSED) {
    if (headers[header] !== undefined) return refuse(400, reason);
  }
  const program = programUrl(headers["x-zerovm-run"] ?? "", item.account);
  if (isRefusal(program)) return program;
  const env = parametersOf(headers);
  if (isRefusal(env)) return env;
  const ends = endsOf(method, item, headers);
  if (isRefusal(ends)) return ends;
  const inputRange = inputRangeOf(headers);
  if (isRefusal(inputRange)) return inputRange;
  if (inputRange !== undefined && ends.input === undefined) {
    return refuse(400, "X-Zerovm-Range is for a program that reads an object");
  }
  const devices = devicesOf(ends, headers);
  if (isRefusal(devices)) return devices;
  const job = JSON.stringify([{ name: "run", exec: { path: program, env }, devices }]);
  return { kind: "object-run", job, ...ends, ...(inputRange === undefined ? {} : { inputRange }) };
}

function programUrl(value: string, account: string): string | Refusal {
  const text = decodedHeader(value.trim()) ?? "";
  const url = text.includes("://") ? text : `${NAMED_PROGRAMS}${text}`;
  const item = text === "" ? undefined : itemOfUrl(url, account);
  if (item !== undefined && objectUrl(url) !== undefined) return url;
  return refuse(400, "X-Zerovm-Run format is swift://account/container/object or a name");
}

interface Ends {
  readonly input?: ObjectItem;
  readonly output?: ObjectItem;
}

function endsOf(method: RunMethod, item: ObjectItem, headers: HeaderTable): Ends | Refusal {
  if (method === "GET") return { input: item };
  const header = method === "COPY" ? "Destination" : "X-Copy-From";
  const value = headers[header.toLowerCase()];
  if (value === undefined) {
    return method === "PUT" ? { output: item } : refuse(412, "Destination header required");
  }
  const path = (decodedHeader(value) ?? "").replace(/^\//, "");
  const other = itemOfUrl(`swift://${OWN_ACCOUNT}/${path}`, item.account);
  if (other === undefined)
    return refuse(412, `${header} header must be of the form CONTAINER/OBJECT`);
  return method === "COPY" ? { input: item, output: other } : { input: other, output: item };
}

/** What its output is, where the program itself says nothing: `X-Zerovm-Run-Type`. */
function devicesOf({ input, output }: Ends, headers: HeaderTable): object[] | Refusal {
  const type =
    headers["x-zerovm-run-type"] ?? (output === undefined ? undefined : headers["content-type"]);
  const urls = [input, output].map((end) => (end === undefined ? undefined : jobUrlOf(end)));
  const refusal = urls.find(isRefusal);
  if (refusal !== undefined) return refusal;
  const content = { content_type: type ?? "application/octet-stream" };
  return [
    { name: "stdin", path: urls[0] },
    { name: "stdout", path: urls[1], ...content },
  ];
}

const PARAMETER_HEADER = /^x-zerovm-parameter-[0-9]{1,3}$/;
const PARAMETER = /^([A-Za-z0-9_]{1,64})\s*:\s*(.*)$/s;

/** Names of all parameters in the environment begin with it: none can be another variable. */
const PARAMETER_PREFIX = "PARAMETER_";

/** Parameters as variables of the environment, in the order of their numbers. */
function parametersOf(headers: HeaderTable): Record<string, string> | Refusal {
  const names = Object.keys(headers).filter((name) => PARAMETER_HEADER.test(name));
  const numbered = names.map((name) => [Number(name.split("-").at(-1)), name] as const);
  const env: Record<string, string> = {};
  for (const [number, name] of numbered.sort(([one], [other]) => one - other)) {
    const text = decodedHeader(headers[name] ?? "");
    const [, key, value = ""] = PARAMETER.exec(text ?? "") ?? [];
    if (key === undefined) {
      return refuse(400, `X-Zerovm-Parameter-${number} format is NAME:VALUE`);
    }
    env[`${PARAMETER_PREFIX}${key}`] = value;
  }
  return env;
}
