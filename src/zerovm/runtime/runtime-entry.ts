import { isAbsolute } from "node:path";

/** A root tree that belongs to a runtime: a tar, gzip allowed, of the same package. */
export interface RuntimeImage {
  /** Path inside the package. */
  readonly file: string;
  readonly sha256: string;
  /** Where it is mounted in the sandbox. */
  readonly mountpoint: string;
}

/** A program by name: where it comes from, and what it needs to start. */
export interface RuntimeEntry {
  readonly name: string;
  /** One line for the table. */
  readonly summary: string;
  readonly packageName: string;
  /** Exact: no range. */
  readonly version: string;
  /** Path of the program inside the package. */
  readonly file: string;
  /** Of the program, lower-case hex. What has another hash never runs. */
  readonly sha256: string;
  /** Name of the program and whatever comes before the user's own arguments. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly images: readonly RuntimeImage[];
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/u;
/** Never begins like an option or a path. */
const PACKAGE = /^(?:@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/u;
const VERSION = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/u;
const SHA256 = /^[0-9a-f]{64}$/u;

/** Whether the text can be the name of a runtime: it never looks like a path. */
export function isRuntimeName(text: string): boolean {
  return NAME.test(text) && !text.endsWith(".wasm");
}

/** Splits `package@version`; undefined unless the version is exact. */
export function parsePackage(text: string): { packageName: string; version: string } | undefined {
  const at = text.lastIndexOf("@");
  const packageName = text.slice(0, at);
  const version = text.slice(at + 1);
  if (at <= 0 || !PACKAGE.test(packageName) || !VERSION.test(version)) return undefined;
  return { packageName, version };
}

/** Whether a path stays inside the package it is relative to. */
export function isInnerPath(path: string): boolean {
  if (path === "" || isAbsolute(path) || /[\\\0:]/u.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** Takes an entry from data; says what is wrong with it in place of the entry. */
export function entryOf(name: string, data: unknown): RuntimeEntry | string {
  if (!isRuntimeName(name)) return `the name ${JSON.stringify(name)} is not possible`;
  if (!isRecord(data)) return `${name} is no object`;
  const { packageName, version, file, sha256, summary = "" } = data;
  const { args = [name], env = {}, images = [] } = data;
  if (typeof packageName !== "string" || !PACKAGE.test(packageName)) {
    return `${name} has no package name`;
  }
  if (typeof version !== "string" || !VERSION.test(version)) return `${name} has no exact version`;
  if (typeof file !== "string" || !isInnerPath(file)) return `${name} has no file in its package`;
  if (typeof sha256 !== "string" || !SHA256.test(sha256)) return `${name} has no sha256`;
  if (typeof summary !== "string") return `the summary of ${name} is no text`;
  if (!Array.isArray(args) || args.length === 0 || !args.every(isText)) {
    return `the args of ${name} are no list of texts`;
  }
  if (!isRecord(env) || !Object.values(env).every(isText)) {
    return `the env of ${name} is no table of texts`;
  }
  if (!Array.isArray(images) || !images.every(isImage)) {
    return `the images of ${name} need file, sha256 and mountpoint`;
  }
  const texts = env as Record<string, string>;
  return { name, summary, packageName, version, file, sha256, args, env: texts, images };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}

function isImage(value: unknown): value is RuntimeImage {
  if (!isRecord(value)) return false;
  const { file, sha256, mountpoint } = value;
  return (
    isText(file) &&
    isInnerPath(file) &&
    isText(sha256) &&
    SHA256.test(sha256) &&
    isText(mountpoint) &&
    mountpoint.startsWith("/")
  );
}
