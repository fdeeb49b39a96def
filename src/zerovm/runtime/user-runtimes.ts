import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { getSystemErrorMap } from "node:util";
import { printable, ZvmError } from "../../base/index.ts";
import { makeHostFolder } from "../program/index.ts";
import { entryOf, type RuntimeEntry } from "./runtime-entry.ts";

const FORMAT = 1;
const FILE_NAME = "runtimes.json";

/**
 * The runtimes that the user added, by name. A missing file is an empty table.
 * @throws ZvmError `ZVM_RUNTIME` when the file is damaged: it names the file and the place.
 */
export function readUserRuntimes(folder: string | undefined): RuntimeEntry[] {
  if (folder === undefined) return [];
  const path = join(folder, FILE_NAME);
  const text = readText(path);
  if (text === undefined) return [];
  const data = parse(path, text);
  if (data.format !== FORMAT || typeof data.runtimes !== "object" || data.runtimes === null) {
    throw damaged(path, `expected {"format": ${FORMAT}, "runtimes": {…}}`);
  }
  return Object.entries(data.runtimes).map(([name, it]) => {
    const entry = entryOf(name, it);
    if (typeof entry === "string") throw damaged(path, entry);
    return entry;
  });
}

/** Writes the table in one step. @throws ZvmError `ZVM_FILE`. */
export function writeUserRuntimes(
  folder: string | undefined,
  entries: readonly RuntimeEntry[],
): void {
  if (folder === undefined) {
    throw new ZvmError("ZVM_FILE", "There is no folder for settings: set HOME or XDG_CONFIG_HOME");
  }
  const path = join(folder, FILE_NAME);
  const sorted = entries.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const runtimes = Object.fromEntries(sorted.map(({ name, ...rest }) => [name, rest]));
  const draft = `${path}.${process.getBuiltinModule("node:crypto").randomBytes(6).toString("hex")}`;
  try {
    makeHostFolder(dirname(path), 0o700);
    const text = JSON.stringify({ format: FORMAT, runtimes }, undefined, 2);
    writeFileSync(draft, `${text}\n`, { flag: "wx" });
    renameSync(draft, path);
  } catch (error) {
    removeQuietly(draft);
    const message = `Cannot write the settings in ${printable(dirname(path))}: ${reasonOf(error)}`;
    throw new ZvmError("ZVM_FILE", message, { cause: error });
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where the draft could not be made, it cannot be removed either.
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new ZvmError("ZVM_FILE", `Cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

function parse(path: string, text: string): { format?: unknown; runtimes?: unknown } {
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === "object" && data !== null ? data : {};
  } catch (error) {
    throw damaged(path, reasonOf(error));
  }
}

function damaged(path: string, reason: string): ZvmError {
  return new ZvmError("ZVM_RUNTIME", `${path} is damaged: ${reason}; repair or remove it`);
}

function reasonOf(error: unknown): string {
  const { errno } = error as { readonly errno?: number };
  const reason = getSystemErrorMap().get(errno ?? 0)?.[1];
  if (reason !== undefined) return reason;
  return error instanceof Error ? error.message : String(error);
}
