import { accessSync, constants, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { getSystemErrorMap } from "node:util";

/** What a path of the host is, symbolic links followed. */
export type HostKind = "file" | "folder" | "stream" | "other" | "missing";

export interface HostLook {
  readonly kind: HostKind;
  /** Why it could not be looked at, in the words of the host. */
  readonly problem?: string;
  readonly stats?: Stats;
}

/** Looks at a path without opening it; never throws. */
export function lookAt(path: string): HostLook {
  try {
    const stats = statSync(path);
    return { kind: kindOf(stats), stats };
  } catch (error) {
    const problem = reasonOf(error);
    return { kind: "missing", problem };
  }
}

function kindOf(stats: Stats): HostKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  return stats.isFIFO() || stats.isCharacterDevice() ? "stream" : "other";
}

/**
 * Why a path cannot be read, written or, where there is none, made; or a folder changed. Asked
 * before any of it.
 */
export function accessProblem(path: string, use: "read" | "write" | "change"): string | undefined {
  const { R_OK, W_OK, X_OK } = constants;
  const { kind, problem } = lookAt(path);
  const folder = dirname(path);
  if (kind === "missing" && use === "read") return problem === ABSENT ? NO_FILE : problem;
  if (kind === "missing" && lookAt(folder).kind !== "folder") {
    return problem === ABSENT || problem === NO_FOLDER ? `there is no folder ${folder}` : problem;
  }
  try {
    if (kind === "missing") accessSync(folder, W_OK | X_OK);
    else accessSync(path, { read: R_OK, write: W_OK, change: W_OK | X_OK }[use]);
    return problem === undefined || problem === ABSENT ? undefined : problem;
  } catch (error) {
    return reasonOf(error);
  }
}

const ABSENT = "no such file or directory";
const NO_FOLDER = "not a directory";
const NO_FILE = "there is no such file";

/** The host's words for an error: `permission denied`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errno, code } = error as { readonly errno?: number; readonly code?: string };
  if (code === "ERR_INVALID_ARG_VALUE") return "it has a NUL in its name";
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? error.message;
}
