/** The account that sends the job. */
export const OWN_ACCOUNT = "~";

/** Swift's own limits on names, in bytes of UTF-8. */
export const CONTAINER_BYTES_MAX = 256;
export const OBJECT_BYTES_MAX = 1024;

/** An object, or a container where there is no object; names are as written, never decoded. */
export interface SwiftUrl {
  readonly scheme: "swift";
  readonly text: string;
  /** `~` for the account of the request, however it was written. */
  readonly account: string;
  readonly container: string;
  readonly object?: string;
}

/** A file inside an image: the posted one, or the system image of that name. */
export interface FileUrl {
  readonly scheme: "file";
  readonly text: string;
  readonly image: string;
  readonly path: string;
}

/** A device of another node: a connection. */
export interface ZvmUrl {
  readonly scheme: "zvm";
  readonly text: string;
  /** A group or a node. */
  readonly target: string;
  /** The name of the device there, without `/dev/`. */
  readonly device: string;
}

export interface SocketUrl {
  readonly scheme: "tcp" | "udp";
  readonly text: string;
  readonly host: string;
  readonly port: number;
}

export interface CacheUrl {
  readonly scheme: "cache";
  readonly text: string;
}

export type JobUrl = SwiftUrl | FileUrl | ZvmUrl | SocketUrl | CacheUrl;

/** Why a URL is none: its parts are missing, or one of them cannot be. */
export type UrlFault = "unknown" | "parts" | "malformed" | "invalid";

export type UrlReading = JobUrl | { readonly fault: UrlFault };

const SCHEME = /^(swift|file|zvm|tcp|udp|cache):\/\//;

export function parseUrl(text: string): UrlReading {
  const scheme = SCHEME.exec(text)?.[1];
  if (scheme === undefined) return { fault: "unknown" };
  if (hasControls(text)) return { fault: "invalid" };
  const rest = text.slice(scheme.length + 3);
  if (scheme === "swift") return swiftUrl(text, rest);
  if (scheme === "file") return fileUrl(text, rest);
  if (scheme === "zvm") return zvmUrl(text, rest);
  if (scheme === "cache") return { scheme, text };
  return socketUrl(scheme === "tcp" ? "tcp" : "udp", text, rest);
}

/** Whether text has what no name of a job may have: control characters, broken surrogates. */
export function hasControls(text: string): boolean {
  return /[\p{Cc}\p{Surrogate}\ufffe\uffff]/u.test(text);
}

/** Whether one of the parts between slashes leads elsewhere when a path is resolved. */
export function hasDots(path: string): boolean {
  return path.split("/").some((part) => part === "." || part === "..");
}

/** Whether a URL of a job can name an object or container that is called like this. */
export function isStoreName(name: string): boolean {
  return !hasControls(name) && !hasDots(name);
}

export function bytesOfText(text: string): number {
  return new TextEncoder().encode(text).length;
}

function swiftUrl(text: string, rest: string): UrlReading {
  const [account = "", container = "", ...parts] = rest.split("/");
  const object = parts.join("/");
  if (account === "" || container === "") return { fault: "parts" };
  const isLong =
    bytesOfText(account) > CONTAINER_BYTES_MAX ||
    bytesOfText(container) > CONTAINER_BYTES_MAX ||
    bytesOfText(object) > OBJECT_BYTES_MAX;
  const isBad = account.includes("*") || account === ".." || hasDots(`${container}/${object}`);
  if (isLong || isBad) return { fault: "invalid" };
  const url = { scheme: "swift", text, container } as const;
  const owner = account === "." ? OWN_ACCOUNT : account;
  return object === "" ? { ...url, account: owner } : { ...url, account: owner, object };
}

function fileUrl(text: string, rest: string): UrlReading {
  const colon = rest.indexOf(":");
  const image = colon < 0 ? "image" : rest.slice(0, colon);
  const path = rest.slice(colon + 1);
  if (image === "" || path === "") return { fault: "parts" };
  return hasDots(path) ? { fault: "invalid" } : { scheme: "file", text, image, path };
}

function zvmUrl(text: string, rest: string): UrlReading {
  const colon = rest.lastIndexOf(":");
  const target = rest.slice(0, Math.max(colon, 0));
  const device = rest.slice(colon + 1).replace(/^\/dev\//, "");
  if (target === "" || device === "") return { fault: "malformed" };
  const isBad = !isPathName(device) || !isPathName(target);
  return isBad ? { fault: "invalid" } : { scheme: "zvm", text, target, device };
}

const PORT_MAX = 65_535;

function socketUrl(scheme: "tcp" | "udp", text: string, rest: string): UrlReading {
  const [, host = "", digits = ""] = /^([^\s:/,;=*]+):([0-9]{1,5})$/.exec(rest) ?? [];
  const port = Number(digits);
  if (host === "" || port < 1 || port > PORT_MAX) return { fault: "invalid" };
  return { scheme, text, host, port };
}

const NAME_BYTES_MAX = 255;

/** Whether a name can be a file below `/dev`: nothing in it leads elsewhere. */
export function isPathName(name: string): boolean {
  if (hasControls(name) || bytesOfText(name) > NAME_BYTES_MAX || hasDots(name)) return false;
  return name.split("/").every((part) => part !== "");
}

/** Whether a URL stands for all that is like it. */
export function isWildcard(url: SwiftUrl): boolean {
  return url.container.includes("*") || (url.object ?? "").includes("*");
}
