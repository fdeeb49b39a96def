import { statSync } from "node:fs";
import { ZvmError } from "../../base/index.ts";

/** What an argument grants: `@path` an existing file, `@+path` one to create or write. */
export interface ArgumentGrant {
  readonly path: string;
  readonly access: "read" | "write";
}

/** One argument of the guest, with what it grants. */
export interface ExpandedArgument {
  /** The argument, where it grants nothing. */
  readonly text: string;
  readonly grant?: ArgumentGrant;
}

/**
 * Reads `@path` (a file to read), `@+path` (a file to create or write) and `@@` (a literal `@`)
 * at the start of an argument.
 *
 * @throws ZvmError ZVM_FILE when there is no such file to read.
 */
export function expandArgument(argument: string): ExpandedArgument {
  if (!argument.startsWith("@")) return { text: argument };
  if (argument.startsWith("@@")) return { text: argument.slice(1) };
  const access = argument.startsWith("@+") ? "write" : "read";
  const path = argument.slice(access === "write" ? 2 : 1);
  if (path === "") {
    throw new ZvmError("ZVM_USAGE", `'${argument}' names no file; '@@' is a literal '@'`);
  }
  if (access === "read" && statSync(path, { throwIfNoEntry: false }) === undefined) {
    throw new ZvmError(
      "ZVM_FILE",
      `Cannot grant '${argument}': there is no file ${path}; ` +
        "'@+' grants creating one, '@@' is a literal '@'",
    );
  }
  return { text: argument, grant: { path, access } };
}

/**
 * The script of a runtime by name: its first argument, where that is a file. To name a script
 * is to grant it for reading, as naming a program is.
 */
export function scriptGrant(argument: string | undefined): ArgumentGrant | undefined {
  if (argument === undefined || argument.startsWith("-") || argument.startsWith("@")) {
    return undefined;
  }
  const isFile = statSync(argument, { throwIfNoEntry: false })?.isFile() === true;
  return isFile ? { path: argument, access: "read" } : undefined;
}
