import { type HashName, LIMIT_TABLE, type LimitName, ZvmError } from "../../base/index.ts";
import { TIERS } from "../report/index.ts";
import { judgeRecord, judgeVerify } from "../session/index.ts";
import type { RunOptions, SessionOptions } from "./options.ts";
import { hasMethod, isWebReadable, isWebWritable } from "./web-streams.ts";

const HASHES: readonly HashName[] = ["sha256", "sha1", "md5"];
const FOLDER_MODES = ["ro", "cow", "rw"];
const IMAGE_MODES = ["ro", "cow", "export"];
const CLOCK_SECONDS_MAX = 2 ** 32 - 1;
const SEED_MAX = 2n ** 64n - 1n;

/**
 * Judges options that come from a program, whose types may not have been checked. The command
 * line has judged its own before.
 * @throws ZvmError ZVM_USAGE or ZVM_LIMIT naming the option
 */
export function judgeOptions(options: SessionOptions): void {
  const { program, args = [], env = {}, etag, clock, seed, tier } = options;
  need(typeof program === "string" && program !== "", "program", "the name of a program", program);
  for (const arg of args) need(isText(arg), "args", "a list of texts without NUL", arg);
  for (const [name, value] of Object.entries(env)) {
    const isName = name !== "" && !/[=\0]/.test(name);
    need(isName && isText(value), "env", "names without '=' and texts without NUL", name);
  }
  need(etag === undefined || HASHES.includes(etag), "etag", HASHES.join(", "), etag);
  const isClock = clock === undefined || clock === "real" || isCount(clock, CLOCK_SECONDS_MAX);
  need(isClock, "clock", `whole seconds up to ${CLOCK_SECONDS_MAX}, or "real"`, clock);
  const isSeed = typeof seed === "bigint" && seed >= 0n && seed <= SEED_MAX;
  need(seed === undefined || seed === "real" || isSeed, "seed", 'a bigint, or "real"', seed);
  need(tier === undefined || TIERS.includes(tier), "tier", TIERS.join(", "), tier);
  judgeLimits(options);
  judgeGrants(options);
  judgeStreams(options);
}

/** @throws ZvmError ZVM_USAGE where the engine cannot be told */
export function judgeTier({ tier, isolation }: SessionOptions): void {
  if (tier !== "optimise" || isolation !== "none") return;
  const message = "The tier optimise needs a process of its own: leave out --isolation=none";
  throw new ZvmError("ZVM_USAGE", message);
}

/** @throws ZvmError ZVM_USAGE, ZVM_VERIFY or ZVM_FILE when that cannot be done with the session */
export function judgeFurther(options: RunOptions): void {
  const { record, verify } = options;
  need(verify === undefined || typeof verify === "boolean", "verify", "true or false", verify);
  need(record === undefined || isText(record), "record", "a path without NUL", record);
  if (verify === true) judgeVerify(options);
  if (record !== undefined) judgeRecord(record, verify === true);
}

function judgeStreams({ stdin = "ignore", stdout = "collect", stderr }: SessionOptions): void {
  const isContents = stdin instanceof Uint8Array || isTextRecord(stdin);
  const isInput = isContents || hasMethod(stdin, "pipe") || isFree(stdin, isWebReadable);
  const input = '"inherit", "ignore", { text }, bytes, or a readable stream that nobody reads';
  need(isInput || stdin === "inherit" || stdin === "ignore", "stdin", input, stdin);
  for (const [name, output] of Object.entries({ stdout, stderr: stderr ?? "collect" })) {
    const isStream = hasMethod(output, "pipe") || hasMethod(output, "write");
    const isOutput = isStream || isFree(output, isWebWritable) || OUTPUTS.includes(String(output));
    need(isOutput, name, `${OUTPUTS.join(", ")} or a writable stream that nobody writes`, output);
  }
}

const OUTPUTS = ["inherit", "ignore", "collect"];

function isTextRecord(value: unknown): boolean {
  const isRecord = typeof value === "object" && value !== null;
  return isRecord && "text" in value && typeof value.text === "string";
}

function isFree(value: unknown, isWeb: (value: unknown) => value is { locked: boolean }): boolean {
  return isWeb(value) && !value.locked;
}

function judgeLimits({ limits = {}, timeoutSeconds, memoryBytes }: SessionOptions): void {
  if (timeoutSeconds !== undefined) judgeLimit("time", timeoutSeconds, "timeoutSeconds");
  if (memoryBytes !== undefined) judgeLimit("memory", memoryBytes, "memoryBytes");
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(LIMIT_TABLE, name)) {
      const names = Object.keys(LIMIT_TABLE).join(", ");
      throw new ZvmError("ZVM_LIMIT", `There is no limit '${name}'; there are ${names}`);
    }
    judgeLimit(name as LimitName, value, `limits.${name}`);
  }
}

function judgeLimit(name: LimitName, value: unknown, option: string): void {
  const { unit, maximum } = LIMIT_TABLE[name];
  if (isCount(value, maximum) && value > 0) return;
  const expected = `whole ${unit} from 1 to ${maximum}`;
  throw new ZvmError("ZVM_LIMIT", `The option ${option} is ${expected}, not ${shown(value)}`);
}

function judgeGrants({ read = [], write = [], folders = [], images = [] }: SessionOptions): void {
  for (const grant of [...read, ...write]) {
    need(isText(grant?.path), "read and write", "lists of { path, alias? }", grant);
  }
  for (const folder of folders) {
    const isFolder = isText(folder?.host) && FOLDER_MODES.includes(folder.mode);
    need(isFolder, "folders", "a list of { host, guest?, mode: ro, cow or rw }", folder);
  }
  for (const image of images) {
    const isImage = isText(image?.path) && IMAGE_MODES.includes(image.mode);
    need(
      isImage && isText(image.mountpoint) && image.mountpoint.startsWith("/"),
      "images",
      "a list of { path, mountpoint: an absolute path, mode: ro, cow or export }",
      image,
    );
  }
}

function need(holds: boolean, option: string, expected: string, value: unknown): void {
  if (holds) return;
  throw new ZvmError("ZVM_USAGE", `The option ${option} is ${expected}, not ${shown(value)}`);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}

function isCount(value: unknown, maximum: number): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= maximum;
}

/** Streams and the like may lead back to themselves. */
function isRecord(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function shown(value: unknown): string {
  const isPlain = typeof value !== "object" || value === null || isRecord(value);
  const text = isPlain && typeof value !== "bigint" ? JSON.stringify(value) : undefined;
  return (text ?? (typeof value === "bigint" ? `${value}n` : String(value))).slice(0, 80);
}
