import { existsSync, mkdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { byteStringOfText, textOf, ZvmError } from "../../base/index.ts";
import { compileC } from "../../zerovm/compile/index.ts";
import { attempt, HostFolder, shownPath } from "../../zerovm/image/index.ts";
import { parseJob } from "../job/index.ts";
import {
  type BuildStep,
  MAP_MEMBER,
  parseZapp,
  ZAPP_BYTES_MAX,
  ZAPP_FILE,
  type Zapp,
  type ZappFinding,
} from "../zapp/index.ts";
import { type Collected, collectMembers } from "./collect.ts";
import { type PackProgress, writeBundle } from "./write-bundle.ts";

export interface PackOptions {
  /** The bundle; NAME.zapp in the project unless given. */
  readonly output?: string;
  /** Told before a program is compiled. */
  readonly onBuild?: (program: string) => void;
  /** Told as the bundle is written. */
  readonly onProgress?: PackProgress;
}

export interface PackedZapp {
  readonly path: string;
  readonly sizeBytes: number;
  /** Paths of all members, in their order. */
  readonly members: readonly string[];
  readonly findings: readonly ZappFinding[];
}

/**
 * The project that a folder belongs to: it or one above it has a `zapp.yaml`.
 * @throws ZvmError ZVM_FILE where none has, or the folder is not there
 */
export function findProject(folder: string): string {
  // A project above is not the one that a wrong name means.
  if (!existsSync(folder)) throw new ZvmError("ZVM_FILE", `${shownPath(folder)}: no such folder`);
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, ZAPP_FILE))) return at;
    if (at !== dirname(at)) continue;
    const where = `${shownPath(folder)} or a folder above it`;
    const message = `There is no ${ZAPP_FILE} in ${where}; zerovm new makes a project`;
    throw new ZvmError("ZVM_FILE", message);
  }
}

/** What came of packing: the bundle, or the findings that were in the way. */
export type Packing =
  | { readonly packed: PackedZapp }
  | { readonly file: string; readonly findings: readonly ZappFinding[] };

/**
 * Compiles what `build` names where it is not of today, and packs a project: the same files give
 * the same bytes.
 * @param root the folder of `zapp.yaml`
 * @throws ZvmError ZVM_FILE, ZVM_ZAPP, or as `compileC` does
 */
export async function packProject(root: string, options: PackOptions = {}): Promise<Packing> {
  const file = join(root, ZAPP_FILE);
  const zappText = readDescription(file);
  const { zapp, findings } = parseZapp(zappText);
  if (zapp === undefined) return { file, findings };
  await build(root, zapp.build, options.onBuild);
  const output = options.output ?? join(root, `${zapp.name}.zapp`);
  const project = attempt(`read ${shownPath(root)}`, () => new HostFolder(root));
  try {
    const leftOut = new Set(
      [MAP_MEMBER, ZAPP_FILE, ...placeIn(root, output)].map(byteStringOfText),
    );
    const patterns = [...zapp.bundling, ...zapp.ui];
    const collect = () => collectMembers(project, patterns, leftOut);
    const collected = attempt(`read ${shownPath(root)}`, collect);
    const all = [...findings, ...collected.findings, ...missing(zapp, collected.members)];
    if (all.some(({ severity }) => severity === "error")) return { file, findings: all };
    const { jobText } = zapp;
    const { members } = collected;
    const parts = { jobText, zappText, members };
    const sizeBytes = writeBundle(project, parts, output, options.onProgress);
    const names = [MAP_MEMBER, ZAPP_FILE, ...members.map(({ path }) => textOf(path))];
    return { packed: { path: output, sizeBytes, members: names, findings: all } };
  } finally {
    project.close();
  }
}

function readDescription(file: string): Uint8Array {
  return attempt(`read ${shownPath(file)}`, () => {
    const { size } = statSync(file);
    if (size <= ZAPP_BYTES_MAX) return readFileSync(file);
    const message = `${shownPath(file)} has more than ${ZAPP_BYTES_MAX} bytes`;
    throw new ZvmError("ZVM_ZAPP", message);
  });
}

/** Where in the project a file is; nowhere for one outside. */
function placeIn(root: string, output: string): string[] {
  const folder = attempt(`write ${shownPath(output)}`, () =>
    realpathSync(dirname(resolve(output))),
  );
  const path = relative(realpathSync(root), join(folder, output.split(sep).at(-1) ?? ""));
  return path.startsWith("..") ? [] : [path.split(sep).join("/")];
}

async function build(
  root: string,
  steps: readonly BuildStep[],
  onBuild: PackOptions["onBuild"],
): Promise<void> {
  for (const { program, sources, options } of steps) {
    const output = join(root, program);
    const files = sources.map((source) => join(root, source));
    if (isOfToday(output, [...files, join(root, ZAPP_FILE)])) continue;
    onBuild?.(program);
    attempt(`write ${shownPath(output)}`, () => mkdirSync(dirname(output), { recursive: true }));
    await compileC({
      files,
      output,
      target: program.endsWith(".nexe") ? "nexe" : "wasi",
      product: "program",
      options: options.some((option) => option.startsWith("-O")) ? options : ["-O2", ...options],
      isBare: false,
      onMake: (message) => onBuild?.(message),
    });
  }
}

function isOfToday(output: string, sources: readonly string[]): boolean {
  const made = statSync(output, { throwIfNoEntry: false });
  if (made === undefined) return false;
  return sources.every((source) => {
    const state = statSync(source, { throwIfNoEntry: false });
    return state !== undefined && state.mtimeMs <= made.mtimeMs;
  });
}

/** Programs of the job that are to be in the bundle, and are not. */
function missing(zapp: Zapp, members: readonly Collected[]): ZappFinding[] {
  const paths = new Set(members.map(({ path }) => textOf(path)));
  const { job } = parseJob(zapp.jobText);
  return (job?.groups ?? []).flatMap(({ name, exec: { program } }): ZappFinding[] => {
    if (program.scheme !== "file" || program.image !== "image") return [];
    const path = program.path.replace(/^\/+/, "");
    if (paths.has(path)) return [];
    const message = `The program ${shownPath(path)} of the group ${shownPath(name)} is not packed`;
    const hint = "name it in bundling";
    return [{ severity: "error", message, key: "bundling", line: 1, column: 1, hint }];
  });
}
