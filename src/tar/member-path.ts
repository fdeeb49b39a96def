/** Names inside archives: made harmless once, here, and trusted everywhere else. */

import type { ByteString } from "../base/index.ts";
import type { Fail } from "./tar-error.ts";

/** As `NAME_MAX` and `PATH_MAX` of Linux. */
export const COMPONENT_BYTES_MAX = 255;
export const PATH_BYTES_MAX = 4096;

/**
 * Brings a member's name to the one form that `Member.path` has. Leading slashes go, so do empty
 * and `.` parts; a `..` part, a NUL and what is too long are refused.
 * @returns the empty string for the root of the archive.
 */
export function normalisePath(raw: ByteString, fail: Fail): ByteString {
  return isPlain(raw) ? raw : rebuildPath(raw, fail);
}

/**
 * Tells that a name needs no work, which holds for nearly all of them. The engine's own search is
 * at its full speed from the first name on, unlike a loop of ours.
 */
function isPlain(raw: ByteString): boolean {
  return raw !== "" && raw.length <= COMPONENT_BYTES_MAX && !ODD_NAME.test(raw);
}

/** A part that begins with a dot or is empty, a slash at an end, a NUL. */
const ODD_NAME = /(?:^|\/)[./]|\/$|\0/;

function rebuildPath(raw: ByteString, fail: Fail): ByteString {
  if (raw.includes("\0")) fail("its name holds a NUL byte");
  const parts: ByteString[] = [];
  for (const part of raw.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") fail("its name holds '..', which could lead out of the image");
    if (part.length > COMPONENT_BYTES_MAX) {
      fail(`a part of its name is longer than ${COMPONENT_BYTES_MAX} bytes`);
    }
    parts.push(part);
  }
  const path = parts.join("/");
  if (path.length > PATH_BYTES_MAX) fail(`its name is longer than ${PATH_BYTES_MAX} bytes`);
  return path;
}

/** Refuses targets that no file system could hold. */
export function checkTarget(target: ByteString, fail: Fail): void {
  if (target === "") fail("it is a symbolic link without a target");
  if (target.includes("\0")) fail("the target of the link holds a NUL byte");
  if (target.length > PATH_BYTES_MAX) {
    fail(`the target of the link is longer than ${PATH_BYTES_MAX} bytes`);
  }
}

/**
 * Why a symbolic link that names a place outside of the image is refused; undefined for one that
 * stays inside. It looks at the texts alone: whoever resolves links must keep them inside as well.
 */
export function escapeReason(
  path: ByteString,
  target: ByteString,
  mountpoint: ByteString,
): string | undefined {
  if (target.startsWith("/")) {
    return isBelow(cleanAbsolute(target), cleanAbsolute(mountpoint))
      ? undefined
      : "it is a symbolic link to a place outside of the image's mountpoint";
  }
  let depth = path.split("/").length - 1;
  for (const part of target.split("/")) {
    if (part === "" || part === ".") continue;
    depth += part === ".." ? -1 : 1;
    if (depth < 0) return "it is a symbolic link that leads out of the image";
  }
  return undefined;
}

/** The parts of an absolute path after its `..` are taken back; `/..` is `/`. */
function cleanAbsolute(path: ByteString): readonly ByteString[] {
  const parts: ByteString[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    if (part !== "" && part !== "." && part !== "..") parts.push(part);
  }
  return parts;
}

function isBelow(parts: readonly ByteString[], folder: readonly ByteString[]): boolean {
  return folder.every((part, index) => parts[index] === part);
}
