/**
 * Unpacks what a session exported into a folder of the host. Nothing is written through a
 * symbolic link or outside of the folder; new contents are written aside in full before the
 * first of them takes its place.
 */

import { lstatSync, readlinkSync } from "node:fs";
import { type ByteSource, type ByteString, byteStringOf, ZvmError } from "../../base/index.ts";
import type { Member } from "../../tar/index.ts";
import { Changes } from "./changes.ts";
import { attempt, shownPath } from "./host-failure.ts";
import { HostTree, lastPart } from "./host-tree.ts";
import { memberMap, planUnpack } from "./unpack-plan.ts";
import { type Unpacked, UnpackedFolder } from "./unpacked-folder.ts";

/** What the session began with; an opened image is one. */
export interface Snapshot {
  readonly source: ByteSource;
  readonly members: readonly Member[];
}

export interface UnpackOptions {
  /**
   * The folder as the session got it. With it, files that the session left alone are left alone
   * here, and what the session deleted is deleted.
   */
  readonly before?: Snapshot;
  /** Where the folder was in the guest's world; `/` unless given. */
  readonly mountpoint?: ByteString;
  /** `archive` gives written files the times of the export; they are new unless asked for. */
  readonly times?: "now" | "archive";
}

/**
 * Brings a folder to the state of an export. Permissions are cut to 0777. The folder's own mode
 * stays.
 * @throws ZvmError ZVM_EXPORT: for a hostile export before anything is changed; for a failure of
 * the host, which the message names.
 */
export function unpackExport(
  source: ByteSource,
  members: readonly Member[],
  hostFolder: string,
  options: UnpackOptions = {},
): Unpacked {
  const folderName = shownPath(hostFolder);
  const before = memberMap(options.before?.members ?? []);
  if (members.length === 0 && before.size > 0) {
    throw new ZvmError(
      "ZVM_EXPORT",
      `Cannot unpack into the folder ${folderName}: the export is empty, and the folder was ` +
        "not; nothing was changed",
    );
  }
  const action = `unpack into the folder ${folderName}`;
  const tree = attempt(action, () => new HostTree(hostFolder), "ZVM_EXPORT");
  try {
    const mountpoint = options.mountpoint ?? "/";
    const hostLinkAt = (path: ByteString): ByteString | undefined => linkOf(tree, path);
    const plan = planUnpack(members, { hostFolder, mountpoint, before, hostLinkAt });
    const changes = new Changes(plan, before, source, options.before?.source);
    const keepTimes = options.times === "archive";
    const hasBefore = options.before !== undefined;
    const world = { tree, folderName, plan, before, source, changes, keepTimes, hasBefore };
    return new UnpackedFolder(world).run();
  } finally {
    tree.close();
  }
}

/** The target of the link at a path of the host, if there is one. */
function linkOf(tree: HostTree, path: ByteString): ByteString | undefined {
  try {
    const place = tree.parentOf(path).at(lastPart(path));
    if (!lstatSync(place).isSymbolicLink()) return undefined;
    return byteStringOf(readlinkSync(place, { encoding: "buffer" }));
  } catch {
    // What cannot be reached without following links is no link of this folder.
    return undefined;
  }
}
