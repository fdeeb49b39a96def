/** The source package of newlib, as Debian has it. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { printable, ZvmError } from "../../base/index.ts";
import { reasonOf } from "../run/index.ts";
import type { UnitSource } from "./compile-units.ts";
import {
  NEWLIB_HEADERS,
  NEWLIB_MACROS,
  NEWLIB_OWN_HEADERS,
  newlibSources,
  REPAIRS,
  type Repair,
} from "./newlib-sources.ts";

/** An archive with the texts of newlib. */
export interface NewlibArchive {
  readonly path: string;
  /** As `3.3.0`. */
  readonly version: string;
}

const FOLDER = "/usr/src/newlib";
const ARCHIVE = /^newlib-(\d+\.\d+\.\d+)\.tar\.xz$/;

/** @throws ZvmError `ZVM_COMPILE` where the package is not installed */
export function findNewlib(): NewlibArchive {
  for (const name of listed(FOLDER).sort().reverse()) {
    const version = ARCHIVE.exec(name)?.[1];
    if (version !== undefined) return { path: join(FOLDER, name), version };
  }
  const message =
    "There is no C library for nexe programs to be made of; on Debian: apt install " +
    "newlib-source. --bare makes a program without one";
  throw new ZvmError("ZVM_COMPILE", message);
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Parts of the archive that are not unpacked: other machines and systems. */
const NOT_UNPACKED = ["libc/machine", "libc/sys", "libm/machine", "libm/test"];

/**
 * Unpacks newlib into a folder that is there.
 * @throws ZvmError `ZVM_COMPILE` where it cannot
 */
export function unpackNewlib({ path, version }: NewlibArchive, folder: string): void {
  const options = ["--strip-components=2", "--no-same-owner", "--wildcards"];
  const left = NOT_UNPACKED.map((part) => `--exclude=*/newlib/${part}`);
  const wanted = ["*/newlib/libc/*", "*/newlib/libm/*"];
  const run = spawnSync("tar", ["-xf", path, "-C", folder, ...options, ...left, ...wanted], {
    encoding: "utf8",
  });
  if (run.error !== undefined || run.status !== 0) {
    const reason = run.error === undefined ? run.stderr.trim() : reasonOf(run.error);
    throw new ZvmError("ZVM_COMPILE", `Cannot unpack ${path}: ${printable(reason)}`);
  }
  for (const repair of REPAIRS) repaired(folder, repair);
  const [major, minor, patch] = version.split(".");
  const lines = [
    "#ifndef _NEWLIB_VERSION_H__",
    "#define _NEWLIB_VERSION_H__ 1",
    `#define _NEWLIB_VERSION "${version}"`,
    `#define __NEWLIB__ ${major}`,
    `#define __NEWLIB_MINOR__ ${minor}`,
    `#define __NEWLIB_PATCHLEVEL__ ${patch}`,
    "#endif",
  ];
  writeFileSync(join(folder, NEWLIB_HEADERS, "_newlib_version.h"), `${lines.join("\n")}\n`);
}

/** Another version may not have the place; then it is as it was written. */
function repaired(folder: string, { path, from, to }: Repair): void {
  const place = join(folder, path);
  writeFileSync(place, readFileSync(place, "utf8").replaceAll(from, to));
}

/** The texts of an unpacked newlib that become units. */
export function newlibUnits(folder: string, options: readonly string[]): UnitSource[] {
  const headers = NEWLIB_OWN_HEADERS.map((name) => `-I${join(folder, name)}`);
  return newlibSources(folder).map(({ path, defines }) => ({
    path: join(folder, path),
    shown: `newlib's ${path}`,
    options: [
      ...options,
      "-w",
      // As newlib's own makefiles have it.
      ...(path.startsWith("libc/posix/") ? ["-D_GNU_SOURCE"] : []),
      ...[...NEWLIB_MACROS, ...defines].map((name) => `-D${name}`),
      `-I${join(folder, dirname(path))}`,
      ...headers,
    ],
  }));
}
