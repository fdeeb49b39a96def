import {
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from "node:fs";
import { type ByteSource, type ByteString, HostIoError, textOf } from "../../base/index.ts";
import type { Member } from "../../tar/index.ts";
import { type Changes, isEdited } from "./changes.ts";
import { sourcePart } from "./descriptor.ts";
import { hostCode, shownPath } from "./host-failure.ts";
import { type HostTree, parentPath } from "./host-tree.ts";
import { PERMISSION_BITS, Staging, withheldBits } from "./staging.ts";
import { fileOf, type MemberMap, type UnpackPlan } from "./unpack-plan.ts";
import { UnpackTarget } from "./unpack-target.ts";

/** Of folders that an export has members in, but does not name. */
const UNNAMED_FOLDER_MODE = 0o755;

/** What unpacking did. */
export interface Unpacked {
  readonly written: number;
  readonly removed: number;
  /** What was left as it is and why, in words for the user. */
  readonly warnings: readonly string[];
}

interface World {
  readonly tree: HostTree;
  /** The folder in messages. */
  readonly folderName: string;
  readonly plan: UnpackPlan;
  readonly before: MemberMap;
  readonly hasBefore: boolean;
  readonly source: ByteSource;
  readonly changes: Changes;
  readonly keepTimes: boolean;
}

/** A folder on its way to the state of an export that was judged. */
export class UnpackedFolder {
  readonly #world: World;
  readonly #tree: HostTree;
  readonly #host: UnpackTarget;
  /** Folders that are known to be there, and whether we made them. */
  readonly #folders = new Map<ByteString, "found" | "made">();
  #staging: Staging | undefined;
  #withheld: number | undefined;
  #written = 0;
  #removed = 0;

  constructor(world: World) {
    this.#world = world;
    this.#tree = world.tree;
    this.#host = new UnpackTarget(world.tree, world.folderName);
  }

  run(): Unpacked {
    const { plan, changes } = this.#world;
    const changed = plan.members.filter(
      (member) =>
        member.kind !== "directory" && this.#host.at(member.path, () => changes.isChanged(member)),
    );
    for (const { path } of changed) this.#checkWay(path);
    try {
      this.#writeAll(changed);
    } finally {
      this.#staging?.close();
    }
    this.#removeDeleted();
    this.#setFolderModes();
    const [written, removed] = [this.#written, this.#removed];
    return { written, removed, warnings: this.#host.warnings };
  }

  #writeAll(changed: readonly Member[]): void {
    const staged = new Map<Member, Buffer>();
    for (const member of changed) {
      if (member.kind === "hardlink") continue;
      staged.set(
        member,
        this.#host.at(member.path, () => this.#stage(member)),
      );
    }
    for (const { path, kind } of this.#world.plan.members) {
      if (kind === "directory") this.#host.at(path, () => this.#ensureFolder(path));
    }
    for (const [member, from] of staged)
      this.#host.at(member.path, () => this.#place(member, from));
    for (const member of changed) {
      if (member.kind !== "hardlink") continue;
      this.#host.at(member.path, () => this.#place(member, this.#stageHardLink(member)));
    }
  }

  #stage(member: Member): Buffer {
    this.#staging ??= new Staging(this.#tree);
    if (member.kind === "symlink") return this.#staging.symlink(member.link ?? "");
    const { dataOffset, sizeBytes } = member;
    const contents = sourcePart(this.#world.source, dataOffset, sizeBytes);
    return this.#staging.file(member, contents, this.#modeOf(member), this.#world.keepTimes);
  }

  #stageHardLink(member: Member): Buffer {
    this.#staging ??= new Staging(this.#tree);
    const { path } = fileOf(member, this.#world.plan.byPath);
    const place = this.#staging.newPlace();
    linkSync(this.#host.placeOf(path), place);
    if (lstatSync(place).isFile()) return place;
    throw new HostIoError("EINVAL", "the other name of the file is something else by now");
  }

  /** Moves what was written into its place; a file or link that is there goes. */
  #place(member: Member, from: Buffer): void {
    const { path } = member;
    this.#ensureFolder(parentPath(path));
    const stat = this.#host.statOf(path);
    if (stat?.isDirectory()) this.#removeFolder(path);
    if (stat !== undefined) this.#warnIfLost(path, stat);
    renameSync(from, this.#host.placeOf(path));
    this.#written += 1;
  }

  /** What the session never saw does not go without a word. */
  #warnIfLost(path: ByteString, stat: Stats): void {
    if (!this.#world.hasBefore) return;
    const old = this.#world.before.get(path);
    if (old !== undefined && !isEdited(old, stat)) return;
    const change = old === undefined ? "made" : "changed";
    this.#host.warn(
      path,
      `was ${change} on the host meanwhile; the session's version took its place`,
    );
  }

  #ensureFolder(path: ByteString): void {
    if (path === "" || this.#folders.has(path)) return;
    this.#ensureFolder(parentPath(path));
    const stat = this.#host.statOf(path);
    const place = this.#host.placeOf(path);
    if (stat?.isDirectory()) {
      this.#folders.set(path, "found");
      return;
    }
    if (stat !== undefined) {
      this.#warnIfLost(path, stat);
      unlinkSync(place);
    }
    mkdirSync(place, 0o700);
    this.#folders.set(path, "made");
  }

  /** Refuses to replace a folder by a file while the folder holds what the session never saw. */
  #checkWay(path: ByteString): void {
    let stat: Stats | undefined;
    try {
      stat = this.#host.statOf(path);
    } catch {
      // The way there is no folder yet, so nothing can be in it.
      return;
    }
    if (!stat?.isDirectory()) return;
    const foreign = this.#host.at(path, () => this.#host.foreignIn(path, this.#world.before));
    if (foreign === undefined) return;
    throw this.#host.failure(
      path,
      `the folder of this name holds '${shownPath(textOf(foreign))}', which the session did not ` +
        "know; nothing was changed",
    );
  }

  /** Removes a folder with what the session knew to be in it. */
  #removeFolder(folder: ByteString): void {
    for (const path of this.#host.childrenOf(folder)) {
      if (!this.#world.before.has(path)) continue;
      const stat = this.#host.statOf(path);
      if (stat?.isDirectory()) {
        this.#removeFolder(path);
        continue;
      }
      if (stat !== undefined) this.#warnIfLost(path, stat);
      unlinkSync(this.#host.placeOf(path));
    }
    // Its own descriptor may be among those that the tree keeps open.
    this.#tree.forget();
    rmdirSync(this.#host.placeOf(folder));
  }

  /** What the session had and the export has not; what is in a folder goes before the folder. */
  #removeDeleted(): void {
    const gone = [...this.#world.before.values()].filter(
      ({ path }) => !this.#world.plan.byPath.has(path),
    );
    gone.sort((left, right) => depthOf(right.path) - depthOf(left.path));
    for (const member of gone) this.#host.at(member.path, () => this.#removeOne(member));
  }

  #removeOne(member: Member): void {
    const { path } = member;
    let stat: Stats | undefined;
    try {
      stat = this.#host.statOf(path);
    } catch (error) {
      // The folder that held it is gone or replaced already.
      if (["ENOENT", "ENOTDIR", "ELOOP"].includes(hostCode(error) ?? "")) return;
      throw error;
    }
    if (stat === undefined) return;
    if (stat.isDirectory() && member.kind === "directory") {
      this.#removeEmptyFolder(path);
    } else if (stat.isDirectory() || member.kind === "directory" || isEdited(member, stat)) {
      this.#host.warn(
        path,
        "was deleted by the session, but changed on the host meanwhile: it stays",
      );
    } else {
      unlinkSync(this.#host.placeOf(path));
      this.#removed += 1;
    }
  }

  #removeEmptyFolder(path: ByteString): void {
    try {
      this.#tree.forget();
      rmdirSync(this.#host.placeOf(path));
      this.#removed += 1;
    } catch (error) {
      if (hostCode(error) !== "ENOTEMPTY" && hostCode(error) !== "EEXIST") throw error;
      this.#host.warn(path, "was deleted by the session, but holds what it did not know: it stays");
    }
  }

  /** Folders get their modes last, since some may forbid to write into them. */
  #setFolderModes(): void {
    const { plan, before, keepTimes } = this.#world;
    for (const path of [...this.#folders.keys()].sort((a, b) => depthOf(b) - depthOf(a))) {
      const member = plan.byPath.get(path);
      const isMade = this.#folders.get(path) === "made";
      const old = before.get(path);
      if (!isMade && (old === undefined || member === undefined || old.mode === member.mode))
        continue;
      this.#host.at(path, () => {
        const mode = this.#modeOf(member ?? { path, kind: "directory", mode: UNNAMED_FOLDER_MODE });
        const { fd } = this.#tree.folder(path);
        fchmodSync(fd, mode);
        if (keepTimes && member) futimesSync(fd, member.mtimeSeconds, member.mtimeSeconds);
      });
    }
  }

  /**
   * The guest's umask is its own, mostly 0; so the host's holds here. What was there keeps the
   * permissions that it had.
   */
  #modeOf({ path, kind, mode }: Pick<Member, "path" | "kind" | "mode">): number {
    this.#withheld ??= withheldBits(this.#tree);
    const old = this.#world.before.get(path);
    const isSame =
      old !== undefined && old.kind !== "symlink" && isFolder(old) === isFolder({ kind });
    return mode & PERMISSION_BITS & (~this.#withheld | (isSame ? old.mode : 0));
  }
}

function isFolder({ kind }: Pick<Member, "kind">): boolean {
  return kind === "directory";
}

function depthOf(path: ByteString): number {
  return path.split("/").length;
}
