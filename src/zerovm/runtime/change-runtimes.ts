import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { judgeValue, TEXT, ZvmError } from "../../base/index.ts";
import { RECOGNISE_BYTES, recognise } from "../../wasm/index.ts";
import { cacheFolder, configFolder, fileSource, sha256OfPath } from "../program/index.ts";
import { BUILTIN_RUNTIMES } from "./builtin-runtimes.ts";
import { isFile } from "./find-package.ts";
import { NEW_RUNTIME, RUNTIME_OPTIONS } from "./forms.ts";
import type { NewRuntime, RuntimeOptions } from "./options.ts";
import { packageFolder } from "./resolve-runtime.ts";
import { isInnerPath, isRuntimeName, parsePackage, type RuntimeEntry } from "./runtime-entry.ts";
import { readUserRuntimes, writeUserRuntimes } from "./user-runtimes.ts";

/**
 * Adds a runtime to the user's table, or changes one that is there. The package is fetched if it
 * is not here; the hashes of its files are taken now, and hold from now on.
 * @throws ZvmError `ZVM_USAGE` for a wrong name, version or path, `ZVM_RUNTIME` for a package
 *   that has no such module.
 */
export async function addRuntime(
  wanted: NewRuntime,
  options: RuntimeOptions = {},
): Promise<RuntimeEntry> {
  judgeValue("addRuntime", wanted, NEW_RUNTIME);
  judgeValue("addRuntime", options, RUNTIME_OPTIONS);
  const id = checkNew(wanted);
  const settings = configFolder(options.env);
  const others = readUserRuntimes(settings).filter((it) => it.name !== wanted.name);
  const folder = await packageFolder(id, options);
  const program = packageFile(folder, wanted.file, wanted);
  checkModule(program);
  const cache = { cacheFolder: cacheFolder(options.env) };
  const entry: RuntimeEntry = {
    name: wanted.name,
    summary: wanted.summary ?? "",
    ...id,
    file: wanted.file,
    sha256: sha256OfPath(program, cache),
    args: wanted.args ?? [wanted.name],
    env: wanted.env ?? {},
    images: (wanted.images ?? []).map(({ file, mountpoint }) => ({
      file,
      sha256: sha256OfPath(packageFile(folder, file, wanted), cache),
      mountpoint,
    })),
  };
  writeUserRuntimes(settings, [...others, entry]);
  return entry;
}

/**
 * Takes a runtime out of the user's table. Its package stays where it is.
 * @throws ZvmError `ZVM_RUNTIME` when the user has none of that name.
 */
export function removeRuntime(name: string, options: RuntimeOptions = {}): void {
  judgeValue("removeRuntime", name, TEXT);
  judgeValue("removeRuntime", options, RUNTIME_OPTIONS);
  if (isBuiltin(name)) {
    throw new ZvmError("ZVM_RUNTIME", `Runtime ${name} is built in and stays`);
  }
  const settings = configFolder(options.env);
  const entries = readUserRuntimes(settings);
  const others = entries.filter((it) => it.name !== name);
  if (others.length === entries.length) {
    throw new ZvmError("ZVM_RUNTIME", `There is no runtime ${name} to remove`);
  }
  writeUserRuntimes(settings, others);
}

function isBuiltin(name: string): boolean {
  return BUILTIN_RUNTIMES.some((it) => it.name === name);
}

function checkNew(wanted: NewRuntime): { packageName: string; version: string } {
  const { name } = wanted;
  if (!isRuntimeName(name)) {
    const message = `${JSON.stringify(name)} cannot name a runtime: use a-z, 0-9, dot, - and _`;
    throw new ZvmError("ZVM_USAGE", message);
  }
  if (isBuiltin(name)) {
    throw new ZvmError("ZVM_USAGE", `Runtime ${name} is built in: use another name`);
  }
  const id = parsePackage(wanted.package);
  if (id === undefined) {
    const message = `${JSON.stringify(wanted.package)} is no package with an exact version`;
    throw new ZvmError("ZVM_USAGE", `${message}: write it as @scope/package@1.2.3`);
  }
  const images = wanted.images ?? [];
  for (const file of [wanted.file, ...images.map((image) => image.file)]) {
    if (isInnerPath(file)) continue;
    const message = `${JSON.stringify(file)} is no path inside the package`;
    throw new ZvmError("ZVM_USAGE", message);
  }
  const wrong = images.find((image) => !image.mountpoint.startsWith("/"));
  if (wrong !== undefined) {
    const message = `The mount point ${JSON.stringify(wrong.mountpoint)} does not begin with /`;
    throw new ZvmError("ZVM_USAGE", message);
  }
  return id;
}

function packageFile(folder: string, file: string, wanted: NewRuntime): string {
  const path = join(folder, file);
  if (isFile(path)) return path;
  throw new ZvmError("ZVM_RUNTIME", `${wanted.package} has no file ${file} (looked in ${folder})`);
}

function checkModule(path: string): void {
  const fd = openSync(path, "r");
  try {
    const head = new Uint8Array(RECOGNISE_BYTES);
    const source = fileSource(fd, RECOGNISE_BYTES, path);
    const { kind, description } = recognise(head.subarray(0, source.read(0, head)));
    if (kind === "module") return;
    throw new ZvmError("ZVM_RUNTIME", `${path} is ${description}, expected a WebAssembly module`);
  } finally {
    closeSync(fd);
  }
}
