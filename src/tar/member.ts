import type { ByteString } from "../base/index.ts";

export type MemberKind = "file" | "directory" | "symlink" | "hardlink";

/** One member of an archive, as plain data that survives JSON. */
export interface Member {
  /** No leading or trailing `/`, no empty, `.` or `..` parts; empty for the archive's root. */
  readonly path: ByteString;
  readonly kind: MemberKind;
  /** Permission bits, at most 0o7777. */
  readonly mode: number;
  readonly mtimeSeconds: number;
  /** 0..999 999 999; counts forward from `mtimeSeconds` also before 1970. */
  readonly mtimeNanos: number;
  /** Of files; 0 for everything else. */
  readonly sizeBytes: number;
  /** Where the contents of a file begin in the source; 0 for everything else. */
  readonly dataOffset: number;
  /** The target of a symbolic link as it stands; of a hard link its normalised path. */
  readonly link?: ByteString;
}

/** A member's name as the archive stores it: the order of archives is the order of these. */
export function storedName(path: ByteString, kind: MemberKind): ByteString {
  if (kind !== "directory") return path;
  return path === "" ? "./" : `${path}/`;
}

/** Orders byte strings by their bytes, whatever the locale. */
export function compareBytes(left: ByteString, right: ByteString): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
