import { printable, ZvmError } from "../../base/index.ts";
import { lookAt } from "./host-look.ts";

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
  if (access === "read" && lookAt(path).kind === "missing") {
    throw new ZvmError(
      "ZVM_FILE",
      `Cannot grant '${shown(argument)}': there is no file ${shown(path)}; ` +
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
  // The guest has its own: there is nothing to grant.
  if (STANDARD_PATHS.has(argument)) return undefined;
  return lookAt(argument).kind === "file" ? { path: argument, access: "read" } : undefined;
}

const STANDARD_PATHS: ReadonlySet<string> = new Set(["/dev/stdin", "/dev/stdout", "/dev/stderr"]);

const SHOWN_CHARACTERS = 200;

/** Arguments can be as long as the system allows. */
function shown(text: string): string {
  const isLong = text.length > SHOWN_CHARACTERS;
  return printable(isLong ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
}
