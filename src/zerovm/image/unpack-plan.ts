/**
 * What a session exported, judged before anything of it is written: names are checked again,
 * every path has one member and lies in folders, and no symbolic link leads out.
 */

import { type ByteString, textOf, ZvmError } from "../../base/index.ts";
import { compareBytes, type Member, normalisePath, storedName } from "../../tar/index.ts";
import { shownPath } from "./host-failure.ts";
import { DEPTH_MAX, parentPath } from "./host-tree.ts";
import { type LinkAt, LinkFollower } from "./link-escape.ts";

export type MemberMap = ReadonlyMap<ByteString, Member>;

export interface UnpackPlan {
  /** Every folder before what is in it; the root itself is not among them. */
  readonly members: readonly Member[];
  readonly byPath: MemberMap;
}

export interface PlanOptions {
  /** The folder's name in messages. */
  readonly hostFolder: string;
  /** Where the folder was in the guest's world, which all names begin with. */
  readonly mountpoint: ByteString;
  readonly before: MemberMap;
  /** Links that the folder has and nobody declared. */
  readonly hostLinkAt: LinkAt;
}

/** Names that links pass and nobody knows are looked up on the host, which costs time. */
const HOST_LOOKUPS_MAX = 20_000;

/** @throws ZvmError ZVM_EXPORT for the first thing that cannot be unpacked. */
export function planUnpack(members: readonly Member[], options: PlanOptions): UnpackPlan {
  const byPath = new Map<ByteString, Member>();
  const prefix = options.mountpoint.split("/").filter(Boolean).join("/");
  for (const member of members) {
    const moved = withoutPrefix(member, prefix, options);
    if (moved.path === "") {
      if (moved.kind !== "directory") throw refusal(options, moved, "it takes the folder's place");
      continue;
    }
    if (byPath.has(moved.path)) throw refusal(options, moved, "it is there twice");
    byPath.set(moved.path, moved);
  }
  for (const member of byPath.values()) checkPlace(member, byPath, options);
  checkLinks(byPath, options);
  const sorted = [...byPath.values()].sort((left, right) =>
    compareBytes(storedName(left.path, left.kind), storedName(right.path, right.kind)),
  );
  return { members: sorted, byPath };
}

/** The paths of a snapshot. */
export function memberMap(members: readonly Member[]): MemberMap {
  return new Map(members.filter(({ path }) => path !== "").map((member) => [member.path, member]));
}

/** Where hard links end: a chain of them would be followed from each of its links again. */
const ENDS = new WeakMap<MemberMap, Map<Member, Member>>();

/**
 * The file that a hard link leads to in the end; the member itself when it is none. A link that
 * leads round or nowhere ends at some hard link. The map must not change any more.
 */
export function fileOf(member: Member, byPath: MemberMap): Member {
  if (member.kind !== "hardlink") return member;
  const ends = ENDS.get(byPath) ?? new Map<Member, Member>();
  ENDS.set(byPath, ends);
  const way: Member[] = [];
  let file: Member | undefined = member;
  while (file?.kind === "hardlink" && !ends.has(file)) {
    // Until its end is known it is its own, so that a ring of links comes to rest.
    ends.set(file, file);
    way.push(file);
    file = byPath.get(file.link ?? "");
  }
  const last = file ?? way[way.length - 1] ?? member;
  const end = ends.get(last) ?? last;
  for (const link of way) ends.set(link, end);
  return end;
}

function withoutPrefix(member: Member, prefix: ByteString, options: PlanOptions): Member {
  const fail = (reason: string): never => {
    throw refusal(options, member, reason);
  };
  const strip = (raw: ByteString): ByteString => {
    const path = normalisePath(raw, fail);
    if (path === prefix) return "";
    if (prefix === "") return path;
    return path.startsWith(`${prefix}/`)
      ? path.slice(prefix.length + 1)
      : fail("it lies outside of the folder");
  };
  const path = strip(member.path);
  if (member.kind !== "hardlink") return { ...member, path };
  return { ...member, path, link: strip(member.link ?? "") };
}

function checkPlace(member: Member, byPath: MemberMap, options: PlanOptions): void {
  if (member.path.split("/").length > DEPTH_MAX) {
    throw refusal(options, member, `it lies more than ${DEPTH_MAX} folders deep`);
  }
  for (let above = parentPath(member.path); above !== ""; above = parentPath(above)) {
    const parent = byPath.get(above);
    if (parent !== undefined && parent.kind !== "directory") {
      throw refusal(options, member, "it lies in something that is no folder");
    }
  }
  if (member.kind === "hardlink" && fileOf(member, byPath).kind !== "file") {
    throw refusal(options, member, "it is a hard link to something that is no file");
  }
}

/**
 * Refuses links that lead out. One that the session began with may stay as it is, provided that
 * it led out then: it is the user's own.
 */
function checkLinks(byPath: MemberMap, options: PlanOptions): void {
  const { before } = options;
  const linkIn = (map: MemberMap, path: ByteString): ByteString | undefined => {
    const member = map.get(path);
    return member?.kind === "symlink" ? member.link : undefined;
  };
  const onHost = new Map<ByteString, ByteString | undefined>();
  const after = new LinkFollower((path) => {
    if (byPath.has(path)) return linkIn(byPath, path);
    if (before.has(path)) return undefined;
    if (!onHost.has(path) && onHost.size <= HOST_LOOKUPS_MAX) {
      onHost.set(path, options.hostLinkAt(path));
    }
    return onHost.get(path);
  });
  const earlier = new LinkFollower((path) => linkIn(before, path));
  for (const member of byPath.values()) {
    const { path, kind, link = "" } = member;
    if (kind !== "symlink") continue;
    const leadsOut = after.leadsOut(path, link);
    if (after.exhausted || onHost.size > HOST_LOOKUPS_MAX) {
      throw refusal(options, member, "its symbolic links are too many or too tangled to follow");
    }
    if (!leadsOut) continue;
    if (linkIn(before, path) === link && earlier.leadsOut(path, link)) continue;
    throw refusal(
      options,
      member,
      `it is a symbolic link to '${shownPath(textOf(link.slice(0, 200)))}', which leads out of it`,
    );
  }
}

function refusal(options: PlanOptions, { path }: Member, reason: string): ZvmError {
  return new ZvmError(
    "ZVM_EXPORT",
    `Cannot unpack '${shownPath(textOf(path.slice(0, 200)))}' into the folder ` +
      `${shownPath(options.hostFolder)}: ${reason}; nothing was changed`,
  );
}
