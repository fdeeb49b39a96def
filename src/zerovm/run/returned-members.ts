import {
  type ByteString,
  byteStringOfText,
  printable,
  textOf,
  ZvmError,
} from "../../base/index.ts";
import type { Member } from "../../tar/index.ts";
import { isInside, type PlannedFolder } from "./settle-folders.ts";

const TMP = "/tmp";

/** A folder that came back from the guest, and what the session made in it by itself. */
export interface ReturnedFolder {
  /** Absolute, without a slash at the end. */
  readonly guest: string;
  /** The guest's home as its environment has it; it is made when it is missing. */
  readonly home: ByteString;
  /** Members of the snapshot, named from the folder. */
  readonly before: readonly Member[];
}

/**
 * Leaves out of an export what the session made and not the guest: `/tmp` with all that is in it,
 * and the way to the guest's home as long as it is empty. What the snapshot had stays.
 */
export function returnedMembers(exported: readonly Member[], folder: ReturnedFolder): Member[] {
  const prefix = byteStringOfText(folder.guest).slice(1);
  const had = new Set(folder.before.map(({ path }) => (prefix ? `${prefix}/${path}` : path)));
  const isOurs = (path: ByteString): boolean => !had.has(path) && path !== prefix;
  const tmp = TMP.slice(1);
  let kept = [...exported];
  const isInTmp = (path: ByteString): boolean => path === tmp || path.startsWith(`${tmp}/`);
  const isNeeded = exported.some(
    ({ path, kind, link = "" }) => kind === "hardlink" && isInTmp(link) && !isInTmp(path),
  );
  if (prefix === "" && isOurs(tmp) && !isNeeded) kept = kept.filter(({ path }) => !isInTmp(path));
  const home = folder.home.split("/").filter((part) => part !== "" && part !== ".");
  for (; home.length > 0; home.pop()) {
    const path = home.join("/");
    const isEmpty = !kept.some((member) => member.path.startsWith(`${path}/`));
    if (isOurs(path) && isEmpty) {
      kept = kept.filter((member) => member.path !== path || member.kind !== "directory");
    }
  }
  const [first] = exported;
  // An export without any member would look like one that got lost.
  if (kept.length === 0 && first !== undefined) return [{ ...first, path: prefix }];
  return kept;
}

/** An image as it was opened, for the folders beside it. */
export interface MountedMembers {
  readonly path: string;
  readonly mountpoint: ByteString;
  readonly members: readonly Member[];
}

/**
 * Refuses images with members in the place of a folder that comes back: they would be written
 * into the folder of the host.
 *
 * @throws ZvmError ZVM_ALIAS_CLASH that names the folder, the image and the member.
 */
export function refuseImagesInside(
  folders: readonly PlannedFolder[],
  images: readonly MountedMembers[],
): void {
  for (const { host, guest, mode } of folders) {
    if (mode !== "rw") continue;
    const place = byteStringOfText(guest);
    for (const { path, mountpoint, members } of images) {
      const top = mountpoint.split("/").filter((part) => part !== "" && part !== ".");
      const inTheWay = [{ path: "", kind: "directory" } as const, ...members].find((member) => {
        const at = `/${[...top, member.path].filter(Boolean).join("/")}`;
        // A link in the way would put the folder where other members are.
        const isOnTheWay = member.kind !== "directory" && (at === place || isInside(place, at));
        return isInside(at, place) || isOnTheWay;
      });
      if (inTheWay === undefined) continue;
      const shown = printable(textOf(inTheWay.path.slice(0, 200)));
      const what = shown === "" ? "is mounted there" : `holds '${shown}' there`;
      throw new ZvmError(
        "ZVM_ALIAS_CLASH",
        `Cannot grant the folder ${printable(host)} as ${printable(guest)}: the image ` +
          `${printable(path)} ${what}, which would be written into the folder of the host; ` +
          `name another place, as in '--dir ${printable(host)}:/other:rw'`,
      );
    }
  }
}
