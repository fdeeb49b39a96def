import { basename, resolve } from "node:path";
import { printable, ZvmError } from "../../base/index.ts";
import type { FolderGrant } from "./options.ts";

/** A folder with its guest name settled: absolute, without `.`, `..` or a slash at the end. */
export interface PlannedFolder extends FolderGrant {
  readonly guest: string;
  /** Name of the preopened directory: what was asked for, where that was a relative name. */
  readonly preopen: string;
}

/**
 * Settles where the guest sees the folders.
 *
 * @throws ZvmError ZVM_ALIAS_CLASH when two have the same place, or one that comes back to the
 *   host holds another: its contents would come back into the wrong folder. Nor may one lie in
 *   `/dev`.
 */
export function settleFolders(folders: readonly FolderGrant[]): PlannedFolder[] {
  const settled = folders.map((folder) => {
    const guest = guestOf(folder);
    const isRelative = folder.guest !== undefined && !folder.guest.startsWith("/");
    return { ...folder, guest, preopen: isRelative ? folder.guest : guest };
  });
  for (const { host, guest } of settled) {
    refuseDevices(guest, `grant the folder ${printable(host)} as`, `'--dir ${printable(host)}:`);
  }
  settled.forEach((folder, index) => {
    const other = settled.find((candidate, at) => {
      const isTwin = candidate.guest === folder.guest && at < index;
      return isTwin || (candidate.mode === "rw" && isInside(folder.guest, candidate.guest));
    });
    if (other === undefined) return;
    const place = folder.guest === other.guest ? "is at" : "is inside";
    throw new ZvmError(
      "ZVM_ALIAS_CLASH",
      `Cannot grant the folder ${printable(folder.host)} as ${printable(folder.guest)}: ` +
        `this ${place} the place of ${printable(other.host)}; ` +
        `name another, as in '--dir ${printable(folder.host)}:/other'`,
    );
  });
  return settled;
}

/**
 * Refuses `/dev` and all below it as a place for files.
 *
 * @param what what was asked for, up to the place: `mount the image x.tar on`.
 * @param option how another place is named, up to it: `'--image x.tar:`.
 * @throws ZvmError ZVM_ALIAS_CLASH
 */
export function refuseDevices(place: string, what: string, option: string): void {
  const settled = resolve("/", place);
  if (settled !== DEVICES && !isInside(settled, DEVICES)) return;
  throw new ZvmError(
    "ZVM_ALIAS_CLASH",
    `Cannot ${what} ${printable(place)}: ${DEVICES} holds the channels alone; ` +
      `name another place, as in ${option}/other'`,
  );
}

const DEVICES = "/dev";

function guestOf({ host, guest }: FolderGrant): string {
  // Resolving from the root also takes `..` and double slashes away.
  return resolve("/", guest ?? basename(resolve(host)));
}

/** Whether an absolute path is strictly below another. */
export function isInside(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder === "/" ? "/" : `${folder}/`);
}
