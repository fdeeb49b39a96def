import { type Refusal, refuse } from "../result/index.ts";
import { type Address, addressOf, objectOf, splitPath } from "./address.ts";
import type { HeaderTable } from "./header-table.ts";

/** Whose a request is, and what it wants. */
export type RequestClass =
  /** The store's: nothing of it is ours. */
  | { readonly kind: "pass" }
  /** Asks before it asks (CORS). */
  | { readonly kind: "preflight"; readonly address: Address }
  /** Brings a job, a tar or a script, or names an object that is one. */
  | { readonly kind: "job"; readonly address: Address }
  /** Runs the app that its object is, or that its container names. */
  | {
      readonly kind: "open" | "api";
      readonly address: Address;
      /** What is done where there is no app: look for one by the object's type, or answer 501. */
      readonly otherwise: "association" | "refuse";
    }
  /** Runs a program over one object while that is read, written or copied. */
  | { readonly kind: "run"; readonly address: Address; readonly method: RunMethod }
  | Refusal;

export type RunMethod = "GET" | "PUT" | "COPY";

export const OPEN_VERSION = "open/1.0";
export const API_VERSION = "api/1.0";

/** Methods that have a meaning for Swift; all others have none for us either. */
const METHODS: readonly string[] = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "COPY"];
const RUN_METHODS: readonly string[] = ["GET", "PUT", "COPY"];

/**
 * What a request is. Headers that only servers send each other are never looked at.
 * @param method as it was sent; methods are in capitals
 * @param path as it was sent, in percent form, without the query
 */
export function classify(method: string, path: string, headers: HeaderTable): RequestClass {
  const parts = splitPath(path);
  if (parts === undefined) return refuse(404, "Not Found");
  const named = headers["x-zerovm-execute"];
  const isRun = headers["x-zerovm-run"] !== undefined;
  const isByPath = parts.version === "open" || parts.version === "api";
  if (parts.account === "" || (named === undefined && !isByPath && !isRun)) return PASS;
  const length = headers["content-length"];
  if (length !== undefined && !/^[0-9]{1,15}$/.test(length)) {
    return refuse(400, "Invalid Content-Length");
  }
  const address = addressOf(parts);
  if (address === undefined) return refuse(412, "Invalid UTF8");
  if (isRun) return classifyRun(method, address, named !== undefined || isByPath);
  return classifyVersion(method, address, named ?? `${address.version}/1.0`, headers);
}

const PASS: RequestClass = Object.freeze({ kind: "pass" });

function classifyRun(method: string, address: Address, isJob: boolean): RequestClass {
  if (isJob) return refuse(400, "X-Zerovm-Run goes with no job");
  if (objectOf(address) === undefined) return refuse(412, "Bad URL");
  if (isRunMethod(method)) return { kind: "run", address, method };
  if (method === "OPTIONS") return { kind: "preflight", address };
  return METHODS.includes(method) ? NOT_IMPLEMENTED : refuse(412, "Bad HTTP method");
}

function isRunMethod(method: string): method is RunMethod {
  return RUN_METHODS.includes(method);
}

const NOT_IMPLEMENTED = Object.freeze(refuse(501, "Not Implemented"));

function classifyVersion(
  method: string,
  address: Address,
  version: string,
  headers: HeaderTable,
): RequestClass {
  const isOpen = version === OPEN_VERSION;
  const isApi = version === API_VERSION;
  const hasObject = address.object !== undefined;
  if (isOpen && !hasObject) return refuse(412, "Bad URL");
  if (isApi && address.container === undefined) return refuse(412, "Bad URL");
  if (!METHODS.includes(method)) return refuse(412, "Bad HTTP method");
  if (method === "OPTIONS") return { kind: "preflight", address };
  if (method === "COPY") return classifyCopy(headers);
  if (!isOpen && !isApi) return method === "POST" ? { kind: "job", address } : NOT_IMPLEMENTED;
  const otherwise = method === "GET" && hasObject ? "association" : "refuse";
  return { kind: isOpen ? "open" : "api", address, otherwise };
}

/** Copies are the store's. */
function classifyCopy(headers: HeaderTable): RequestClass {
  return headers["destination"] === undefined ? refuse(412, "Destination header required") : PASS;
}
