import { type ByteString, type Limits, printable, textOf, ZvmError } from "../../base/index.ts";
import { type MountTrouble, type TrialImage, tryMounts } from "../../zrt/index.ts";

/** An image or the snapshot of a folder, and what the user calls it. */
export interface NamedMount extends TrialImage {
  /** Path of the archive or folder. */
  readonly path: string;
}

/** Longer names are cut in messages. */
const SHOWN_MAX = 200;

/**
 * Refuses images and folders that could be mounted in part only, because they are in conflict
 * with themselves, with each other or with `/dev`.
 *
 * @throws ZvmError ZVM_TAR or, for a folder, ZVM_ALIAS_CLASH that names it and the member.
 */
export function judgeMounts(mounts: readonly NamedMount[], limits: Limits): void {
  const trouble = tryMounts(mounts, limits);
  const mount = trouble && mounts[trouble.index];
  if (trouble === undefined || mount === undefined) return;
  const { path, isFolder, mountpoint } = mount;
  const option = isFolder ? "--dir" : "--image";
  const what = isFolder ? "the folder" : "the image";
  const remedy = remedyOf(trouble, `'${option} ${printable(path)}:/other'`, isFolder);
  throw new ZvmError(
    isFolder ? "ZVM_ALIAS_CLASH" : "ZVM_TAR",
    `Cannot mount ${what} ${printable(path)} on ${shown(mountpoint)}: ` +
      `${problemOf(trouble)}; ${remedy}`,
  );
}

function problemOf({ path, reason }: MountTrouble): string {
  const member = `its member '${shown(path)}'`;
  if (path === "") {
    const isDevices = reason === "devices";
    return isDevices ? "/dev holds the channels alone" : "something else is in its place";
  }
  return {
    devices: `${member} would lie in /dev, which holds the channels alone`,
    directory: `a directory is in the place of ${member}`,
    file: `${member} needs a directory where something else is`,
    limit: `there is no room for ${member}`,
    link: `${member} leads through a link that ends nowhere, or to another mount`,
  }[reason];
}

function remedyOf({ reason }: MountTrouble, elsewhere: string, isFolder: boolean): string {
  if (reason === "limit") return "raise the limits fs-nodes and fs-bytes if that is meant";
  const other = `name another place, as in ${elsewhere}`;
  return isFolder ? other : `pack it without, or ${other}`;
}

function shown(path: ByteString): string {
  const text = printable(textOf(path));
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…`;
}
