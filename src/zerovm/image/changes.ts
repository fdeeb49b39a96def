import type { Stats } from "node:fs";
import type { ByteSource } from "../../base/index.ts";
import type { Member } from "../../tar/index.ts";
import { sourcePart } from "./descriptor.ts";
import { fileOf, type MemberMap, type UnpackPlan } from "./unpack-plan.ts";

const PIECE_BYTES = 128 * 1024;

/** Tells what a session changed, by comparing the export with what the session began with. */
export class Changes {
  readonly #plan: UnpackPlan;
  readonly #before: MemberMap;
  readonly #source: ByteSource;
  readonly #beforeSource: ByteSource | undefined;
  readonly #left = new Uint8Array(PIECE_BYTES);
  readonly #right = new Uint8Array(PIECE_BYTES);
  /** Files are compared once, however many names they have. */
  readonly #known = new Map<Member, boolean>();

  constructor(
    plan: UnpackPlan,
    before: MemberMap,
    source: ByteSource,
    beforeSource: ByteSource | undefined,
  ) {
    this.#plan = plan;
    this.#before = before;
    this.#source = source;
    this.#beforeSource = beforeSource;
  }

  /** Whether a file or link must be written; without knowledge of before, everything must. */
  isChanged(member: Member): boolean {
    const known = this.#known.get(member);
    if (known !== undefined) return known;
    const changed = this.#compare(member);
    this.#known.set(member, changed);
    return changed;
  }

  #compare(member: Member): boolean {
    const old = this.#before.get(member.path);
    if (old === undefined) return true;
    if (member.kind === "symlink") return old.kind !== "symlink" || old.link !== member.link;
    const oldFile = fileOf(old, this.#before);
    if (oldFile.kind !== "file") return true;
    if (member.kind === "hardlink") {
      const file = fileOf(member, this.#plan.byPath);
      const oldTarget = this.#before.get(file.path);
      const wasLinked = oldTarget !== undefined && fileOf(oldTarget, this.#before) === oldFile;
      return !wasLinked || this.isChanged(file);
    }
    return old.mode !== member.mode || !this.#sameContents(member, oldFile);
  }

  #sameContents(file: Member, oldFile: Member): boolean {
    if (this.#beforeSource === undefined || file.sizeBytes !== oldFile.sizeBytes) return false;
    const now = sourcePart(this.#source, file.dataOffset, file.sizeBytes);
    const then = sourcePart(this.#beforeSource, oldFile.dataOffset, oldFile.sizeBytes);
    for (let offset = 0; offset < file.sizeBytes; offset += PIECE_BYTES) {
      const left = this.#left.subarray(0, now.read(offset, this.#left));
      const right = this.#right.subarray(0, then.read(offset, this.#right));
      if (Buffer.compare(left, right) !== 0) return false;
    }
    return true;
  }
}

/** Whether what is on the host is something else than the member of the snapshot. */
export function isEdited(old: Member, stat: Stats): boolean {
  if (old.kind === "directory") return !stat.isDirectory();
  if (old.kind === "symlink" ? !stat.isSymbolicLink() : !stat.isFile()) return true;
  const isResized = old.kind === "file" && old.sizeBytes !== stat.size;
  return isResized || Math.floor(stat.mtimeMs / 1000) !== old.mtimeSeconds;
}
