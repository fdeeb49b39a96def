import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { assemble } from "./guests.ts";
import type { Command } from "./run-process.ts";

/** A folder for the files of one benchmark, and the commands of all candidates. */
export class BenchFolder {
  readonly folder = mkdtempSync(join(tmpdir(), "zerovm-bench-"));

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, contents: Uint8Array | string): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
    return path;
  }

  async guest(name: string, text: string): Promise<string> {
    return this.write(`${name}.wasm`, await assemble(text));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const NODE = process.execPath;
/** Where the programs of other candidates are. */
export const PEERS = resolve("tools", "bench", "peers");

export function zerovmWords(...words: readonly string[]): string[] {
  return [NODE, resolve("bin", "zerovm.js"), ...words];
}

export function emptyNode(): Command {
  return { name: "empty node", words: [NODE, join(PEERS, "empty.cjs")] };
}

/** `folder` is the root of the guest. */
export function nodeWasiWords(
  words: readonly string[],
  { version = "preview1", folder = "-" } = {},
): string[] {
  return [NODE, "--no-warnings", join(PEERS, "node-wasi.mjs"), version, folder, ...words];
}

export function shimWords(program: string, folder = "-"): string[] {
  return [NODE, join(PEERS, "browser-shim.mjs"), folder, program];
}

export function libraryWords(program: string): string[] {
  return [NODE, join(PEERS, "library.mjs"), program];
}

/** What makes a process say how much memory it held, see `residentBytes`. */
export const RESIDENT_SCRIPT = join(PEERS, "resident.cjs");

/**
 * The path of a bun that runs, where there is one: its package without its installation script
 * leaves a file of that name that only complains.
 */
export function findBun(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders
    .map((folder) => resolve(folder, "bun"))
    .find((path) => {
      return existsSync(path) && spawnSync(path, ["--version"]).status === 0;
    });
}

/** Where there is a bun: it runs a module by its name, with the current folder as its root. */
export function bunCommands(program: string, rest: Omit<Command, "name" | "words">): Command[] {
  const bun = findBun();
  return bun === undefined ? [] : [{ name: "bun", words: [bun, program], ...rest }];
}

/** A file of a development package. */
export function packageFile(path: string): string {
  return resolve("node_modules", path);
}
