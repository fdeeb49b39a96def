/** The libraries of nexe programs: compiled once with the gcc of the system, and kept. */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { printable, ZvmError } from "../../base/index.ts";
import {
  BARE_OPTIONS,
  GCC_OPTIONS,
  HOSTED_OPTIONS,
  LIBRARY_OPTIONS,
  type LibraryUnit,
  PROGRAM_OPTIONS,
} from "../../nacl/toolchain/index.ts";
import { cacheFolder, makeHostFolder, sha256OfPath } from "../program/index.ts";
import { reasonOf } from "../run/index.ts";
import { compileUnits, type UnitSource } from "./compile-units.ts";
import { guestFiles, guestFolder } from "./guest-folder.ts";
import { readUnits, writeUnits } from "./kept-units.ts";
import { findNewlib, type NewlibArchive, newlibUnits, unpackNewlib } from "./newlib.ts";
import { NEWLIB_CHOICE, NEWLIB_HEADERS } from "./newlib-sources.ts";
import { GCC, runCompiler } from "./run-compiler.ts";

/** What a program is compiled and linked with. */
export interface NexeLibrary {
  readonly units: readonly LibraryUnit[];
  /** Options for gcc, by which it makes assembly of the files of the program. */
  readonly options: readonly string[];
}

/** The start of a program that has no C library; one that has brings its own. */
const BARE_START = "bare-start.c";

/**
 * The calls of the trap and what gcc calls unasked: no C library.
 *
 * @param guest where our own C is
 */
export async function bareLibrary(guest: string = guestFolder()): Promise<NexeLibrary> {
  const headers = [...BARE_OPTIONS, "-isystem", headersOfGcc()];
  const options = [...LIBRARY_OPTIONS, ...headers];
  const cache = cacheFolder();
  const name = `bare-${hashOf(guest, [gccVersion(), options])}.json`;
  const place = cache === undefined ? undefined : join(cache, "libraries", name);
  let units = place === undefined ? undefined : readUnits(place);
  if (units === undefined) {
    units = await compileUnits(guestUnits(join(guest, "runtime"), options));
    if (place !== undefined) writeUnits(place, units);
  }
  const own = `-I${join(guest, "runtime")}`;
  return { units, options: [...GCC_OPTIONS, ...PROGRAM_OPTIONS, ...headers, own] };
}

/**
 * The C library of nexe programs: newlib, and our own between it and the host.
 *
 * @param onMake told before it is made, which takes a minute and is done once
 * @param guest where our own C is
 * @throws ZvmError `ZVM_COMPILE` where newlib is not installed or cannot be compiled, `ZVM_FILE`
 *   where there is no place to keep it
 */
export async function hostedLibrary(
  onMake: (message: string) => void,
  guest: string = guestFolder(),
): Promise<NexeLibrary> {
  const version = gccVersion();
  const newlib = findNewlib();
  const folder = librariesFolder();
  const archive = sha256OfPath(newlib.path, { cacheFolder: cacheFolder() });
  const choices = [version, LIBRARY_OPTIONS, HOSTED_OPTIONS, archive, NEWLIB_CHOICE];
  const name = `newlib-${hashOf(guest, choices)}`;
  const headers = join(folder, name);
  const options = [...GCC_OPTIONS, ...PROGRAM_OPTIONS, ...hostedOptions(guest, headers)];
  const place = `${headers}.json`;
  const kept = existsSync(headers) ? readUnits(place) : undefined;
  if (kept !== undefined) return { units: kept, options };
  onMake(`Making the C library of nexe programs of newlib ${newlib.version}, once`);
  const units = await makeUnits(newlib, guest, folder, headers);
  writeUnits(place, units);
  return { units, options };
}

/** Compiles all units in a folder of their own below `folder`, and leaves the headers. */
async function makeUnits(
  newlib: NewlibArchive,
  guest: string,
  folder: string,
  headers: string,
): Promise<LibraryUnit[]> {
  const draft = mkdtempSync(join(folder, ".newlib-"));
  try {
    unpackNewlib(newlib, draft);
    const found = join(draft, NEWLIB_HEADERS);
    const options = [...LIBRARY_OPTIONS, ...hostedOptions(guest, found)];
    const runtime = guestUnits(join(guest, "runtime"), options).filter(
      ({ shown }) => shown !== BARE_START,
    );
    const own = [...guestUnits(join(guest, "zrt"), options), ...runtime];
    const units = await compileUnits([...own, ...newlibUnits(draft, options)]);
    // Another process may have been faster; its headers are as good.
    if (!existsSync(headers)) renameSync(found, headers);
    return units;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function hostedOptions(guest: string, headers: string): string[] {
  const folders = [headersOfGcc(), join(guest, "include"), headers];
  return [
    ...HOSTED_OPTIONS,
    `-I${join(guest, "runtime")}`,
    ...folders.flatMap((folder) => ["-isystem", folder]),
  ];
}

/** Those that belong to the compiler and to no C library. */
function headersOfGcc(): string {
  return runCompiler(GCC, ["-print-file-name=include"]).trim();
}

function guestUnits(folder: string, options: readonly string[]): UnitSource[] {
  return readdirSync(folder)
    .filter((file) => /\.[cs]$/.test(file))
    .sort()
    .map((file) => ({ path: join(folder, file), shown: file, options }));
}

function gccVersion(): string {
  return runCompiler(GCC, ["-dumpfullversion", "-dumpmachine"]);
}

/** What a library is made by: our own texts, and what else decides. */
function hashOf(guest: string, choices: readonly unknown[]): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([GCC_OPTIONS, ...choices]));
  for (const file of guestFiles(guest)) {
    hash.update(`\0${relative(guest, file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 32);
}

function librariesFolder(): string {
  const cache = cacheFolder();
  if (cache === undefined) {
    const message = "There is no cache folder for the C library; set ZEROVM_CACHE or HOME";
    throw new ZvmError("ZVM_FILE", message);
  }
  const folder = join(cache, "libraries");
  try {
    makeHostFolder(folder, 0o700);
  } catch (cause) {
    const message = `Cannot make ${printable(folder)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
  return folder;
}
