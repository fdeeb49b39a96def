import { closeSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ByteString, byteStringOfText, type Limits } from "../../base/index.ts";
import type { MountRecord } from "../../zrt/index.ts";
import { type OpenedImage, openImage, packFolder, unpackExport } from "../image/index.ts";
import type { ChannelDeclaration } from "../manifest/index.ts";
import type { SessionImage } from "../session/index.ts";
import type { PlannedFolder } from "./settle-folders.ts";

const UNLIMITED = 2n ** 63n - 1n;

/** Folders of the host as a session takes them: snapshots, and what comes back of some. */
export class Folders {
  readonly #folders: readonly PlannedFolder[];
  readonly #limits: Limits;
  readonly #packed: OpenedImage[] = [];
  readonly #images: SessionImage[] = [];
  /** Where the exports of folders that come back are written first. */
  #scratch: string | undefined;

  constructor(folders: readonly PlannedFolder[], limits: Limits) {
    this.#folders = folders;
    this.#limits = limits;
  }

  get images(): readonly SessionImage[] {
    return this.#images;
  }

  /** Guest names of the preopened directories. */
  get preopens(): readonly ByteString[] {
    return this.#folders.map(({ preopen }) => byteStringOfText(preopen));
  }

  /** Takes the snapshots. @returns warnings about what a snapshot left out. */
  take(): string[] {
    const warnings: string[] = [];
    for (const { host, guest, mode } of this.#folders) {
      const packed = packFolder(host, {
        imageBytes: this.#limits["image-bytes"],
        membersMax: this.#limits["fs-nodes"],
      });
      warnings.push(...packed.warnings);
      this.#packed.push(packed);
      this.#images.push({
        fd: packed.fd,
        sizeBytes: packed.sizeBytes,
        members: packed.members,
        mountpoint: byteStringOfText(guest),
        readonly: mode === "ro",
        meta: "archive",
        isFolder: true,
      });
    }
    if (this.#returning().length > 0) this.#scratch = makeScratch();
    return warnings;
  }

  /** Channels and records through which the folders that come back are exported. */
  exports(): { readonly channels: ChannelDeclaration[]; readonly mounts: MountRecord[] } {
    const channels: ChannelDeclaration[] = [];
    const mounts: MountRecord[] = [];
    for (const [index, { guest }] of this.#returning()) {
      const channel = `/dev/folder/${index}`;
      channels.push({
        alias: channel,
        type: 3,
        etag: false,
        limits: { gets: 0n, getBytes: 0n, puts: UNLIMITED, putBytes: UNLIMITED },
        sources: [{ kind: "path", path: this.#exportPath(index) }],
      });
      mounts.push({
        channel,
        mountpoint: byteStringOfText(guest),
        access: "wo",
        readonly: false,
        meta: "archive",
        removable: false,
        fsname: "tar",
      });
    }
    return { channels, mounts };
  }

  /** Brings the changes of a session that ended in order back to the host. */
  async bringBack(): Promise<string[]> {
    const warnings: string[] = [];
    for (const [index, { host, guest }] of this.#returning()) {
      const exported = await openImage(this.#exportPath(index), { links: "kept" });
      try {
        const mountpoint = byteStringOfText(guest);
        const before = this.#packed[index];
        const options = { mountpoint, ...(before && { before }) };
        warnings.push(...unpackExport(exported.source, exported.members, host, options).warnings);
      } finally {
        closeSync(exported.fd);
      }
    }
    return warnings;
  }

  /** Closes the snapshots and removes what was written for the way back. */
  close(): void {
    for (const { fd } of this.#images) closeSync(fd);
    this.#images.length = 0;
    if (this.#scratch !== undefined) removeScratch(this.#scratch);
    this.#scratch = undefined;
  }

  #returning(): [number, PlannedFolder][] {
    return [...this.#folders.entries()].filter(([, folder]) => folder.mode === "rw");
  }

  #exportPath(index: number): string {
    return join(this.#scratch ?? tmpdir(), `${index}.tar`);
  }
}

/** Folders that go with the process, however it comes to its end. */
const scratches = new Set<string>();

function makeScratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "zerovm-"));
  if (scratches.size === 0) process.on("exit", removeScratches);
  scratches.add(folder);
  return folder;
}

function removeScratch(folder: string): void {
  scratches.delete(folder);
  if (scratches.size === 0) process.off("exit", removeScratches);
  rmSync(folder, { recursive: true, force: true });
}

function removeScratches(): void {
  for (const folder of scratches) rmSync(folder, { recursive: true, force: true });
}
