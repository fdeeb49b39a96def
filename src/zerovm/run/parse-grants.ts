/** The texts of `-r`, `-w`, `--dir` and `--image`. */
import { ZvmError } from "../../base/index.ts";
import type { FileGrant, FolderGrant, ImageGrant } from "./options.ts";

/** `PATH[=ALIAS]`, split at the last `=`. */
export function parseFileGrant(text: string): FileGrant {
  const equals = text.lastIndexOf("=");
  const grant =
    equals < 0 ? { path: text } : { path: text.slice(0, equals), alias: text.slice(equals + 1) };
  if (grant.path === "" || grant.alias === "") {
    throw new ZvmError("ZVM_USAGE", `A grant is PATH or PATH=ALIAS, not '${text}'`);
  }
  return grant;
}

const FOLDER_MODES = ["ro", "cow", "rw"] as const;
const IMAGE_MODES = ["ro", "cow", "export"] as const;

/** What stands where a mode may stand, and is as short as one: `wr` was meant to be `rw`. */
const LIKE_A_MODE = /^[a-z]{1,4}$/iu;

/**
 * `HOST[:GUEST][:ro|cow|rw]`, split from the right. A name without a leading slash is below `/`,
 * and is the name of the preopened directory as it stands, as other hosts have it.
 */
export function parseFolderGrant(text: string): FolderGrant {
  const { rest, mode } = splitMode(text, FOLDER_MODES);
  const colon = rest.lastIndexOf(":");
  const host = colon < 0 ? rest : rest.slice(0, colon);
  if (host === "") {
    throw new ZvmError("ZVM_USAGE", `A folder is HOST[:GUEST][:ro|cow|rw], not '${text}'`);
  }
  const guest = colon < 0 ? "" : rest.slice(colon + 1);
  if (guest === "") return { host, mode: mode ?? "cow" };
  if (mode === undefined && LIKE_A_MODE.test(guest)) {
    throw new ZvmError(
      "ZVM_USAGE",
      `A folder is HOST[:GUEST][:ro|cow|rw]: '${guest}' is no mode; as a name it is '/${guest}'`,
    );
  }
  return { host, guest, mode: mode ?? "cow" };
}

/** `TAR[:MOUNT[:ro|cow|export]]`, split from the right. */
export function parseImageGrant(text: string): ImageGrant {
  const { rest, mode } = splitMode(text, IMAGE_MODES);
  const colon = rest.lastIndexOf(":");
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const mountpoint = colon < 0 ? "/" : rest.slice(colon + 1);
  if (path === "" || !mountpoint.startsWith("/")) {
    throw new ZvmError(
      "ZVM_USAGE",
      `An image is TAR[:MOUNT[:ro|cow|export]] with an absolute MOUNT, not '${text}'`,
    );
  }
  return { path, mountpoint, mode: mode ?? "cow" };
}

function splitMode<Mode extends string>(
  text: string,
  modes: readonly Mode[],
): { readonly rest: string; readonly mode: Mode | undefined } {
  const colon = text.lastIndexOf(":");
  const mode = modes.find((candidate) => candidate === text.slice(colon + 1));
  if (colon < 0 || mode === undefined) return { rest: text, mode: undefined };
  return { rest: text.slice(0, colon), mode };
}
