import { closeSync } from "node:fs";
import { type ByteString, byteStringOfText, type Limits } from "../../base/index.ts";
import type { MountRecord } from "../../zrt/index.ts";
import { type OpenedImage, openImage, packFolder, unpackExport } from "../image/index.ts";
import type { ChannelDeclaration } from "../manifest/index.ts";
import { type SessionImage, scratchFile } from "../session/index.ts";
import type { NamedMount } from "./judge-mounts.ts";
import { returnedMembers } from "./returned-members.ts";
import type { PlannedFolder } from "./settle-folders.ts";

const PUTS_MAX = 2n ** 63n - 1n;
const NOTHING = new Uint8Array(0);
/** The descriptors of this process as files. */
const OWN_DESCRIPTORS = process.platform === "linux" ? "/proc/self/fd" : "/dev/fd";

/** Folders of the host as a session takes them: snapshots, and what comes back of some. */
export class Folders {
  readonly #folders: readonly PlannedFolder[];
  readonly #limits: Limits;
  readonly #home: ByteString;
  readonly #packed: OpenedImage[] = [];
  readonly #images: SessionImage[] = [];
  /** Files without names that folders are exported to, by the places of the folders. */
  readonly #exported = new Map<number, number>();

  /** `home` is the guest's `HOME`, which the session makes. */
  constructor(folders: readonly PlannedFolder[], limits: Limits, home: ByteString = "") {
    this.#folders = folders;
    this.#limits = limits;
    this.#home = home;
  }

  get images(): readonly SessionImage[] {
    return this.#images;
  }

  /** The snapshots, each by the folder that it was taken of. */
  get mounts(): readonly NamedMount[] {
    return this.#images.map((image, index) => ({
      ...image,
      path: this.#folders[index]?.host ?? "",
    }));
  }

  /** Guest names of the preopened directories. */
  get preopens(): readonly ByteString[] {
    return this.#folders.map(({ preopen }) => byteStringOfText(preopen));
  }

  /** What the snapshots left out. */
  get warnings(): readonly string[] {
    return this.#packed.flatMap(({ warnings }) => warnings);
  }

  /** Takes the snapshots. @throws the reason of the signal when it asks to stop */
  async take(signal?: AbortSignal): Promise<void> {
    for (const { host, guest, mode } of this.#folders) {
      const packed = await packFolder(host, {
        imageBytes: this.#limits["image-bytes"],
        membersMax: this.#limits["fs-nodes"],
        signal,
      });
      this.#packed.push(packed);
      this.#images.push({
        fd: packed.fd,
        sizeBytes: packed.sizeBytes,
        members: packed.table,
        mountpoint: byteStringOfText(guest),
        readonly: mode === "ro",
        meta: "archive",
        isFolder: true,
      });
    }
    for (const [index] of this.#returning()) this.#exported.set(index, scratchFile(NOTHING));
  }

  /** Channels and records through which the folders that come back are exported. */
  exports(): { readonly channels: ChannelDeclaration[]; readonly mounts: MountRecord[] } {
    const channels: ChannelDeclaration[] = [];
    const mounts: MountRecord[] = [];
    const putBytes = BigInt(this.#limits["image-bytes"]);
    for (const [index, { guest }] of this.#returning()) {
      // Outside of /dev a channel has no path: the way back is not the guest's to write to.
      const channel = `/folder/${index}`;
      channels.push({
        alias: channel,
        type: 3,
        etag: false,
        limits: { gets: 0n, getBytes: 0n, puts: PUTS_MAX, putBytes },
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
      const exported = await openImage(this.#exportPath(index), {
        links: "kept",
        imageBytes: this.#limits["image-bytes"],
        membersMax: this.#limits["fs-nodes"],
      });
      try {
        const mountpoint = byteStringOfText(guest);
        const before = this.#packed[index];
        const options = { mountpoint, ...(before && { before }) };
        const world = { guest, home: this.#home, before: before?.members ?? [] };
        const members = returnedMembers(exported.members, world);
        warnings.push(...unpackExport(exported.source, members, host, options).warnings);
      } finally {
        closeSync(exported.fd);
      }
    }
    return warnings;
  }

  /** Closes the snapshots and what was written for the way back. */
  close(): void {
    for (const { fd } of this.#images) closeSync(fd);
    this.#images.length = 0;
    for (const fd of this.#exported.values()) closeSync(fd);
    this.#exported.clear();
  }

  #returning(): [number, PlannedFolder][] {
    return [...this.#folders.entries()].filter(([, folder]) => folder.mode === "rw");
  }

  #exportPath(index: number): string {
    return `${OWN_DESCRIPTORS}/${this.#exported.get(index)}`;
  }
}
