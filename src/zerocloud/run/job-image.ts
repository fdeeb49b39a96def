import { type ByteString, byteStringOfText } from "../../base/index.ts";
import { type Member, normalisePath } from "../../tar/index.ts";
import { type OpenedImage, type OpenImageOptions, openImage } from "../../zerovm/image/index.ts";
import { cacheFolder } from "../../zerovm/program/index.ts";
import type { SessionImage } from "../../zerovm/session/index.ts";
import type { FilePiece } from "../storage/index.ts";
import { pathOfFd } from "./spooled-file.ts";

/** As many links as the guest follows. */
const LINKS_MAX = 40;

/** What an image of somebody else is held to. */
export interface JobImageLimits {
  /** Unpacked. */
  readonly imageBytes?: number;
  /** Files, directories and links in it. */
  readonly membersMax?: number;
  /** Ends the unpacking. */
  readonly signal?: AbortSignal;
  /** Reads its headers in another thread. */
  readonly index?: OpenImageOptions["index"];
}

/** A tar image that sessions mount at `/`, and programs are taken from. */
export class JobImage {
  readonly #opened: OpenedImage;
  #byPath: ReadonlyMap<ByteString, Member> | undefined;

  private constructor(opened: OpenedImage) {
    this.#opened = opened;
  }

  /** @throws ZvmError ZVM_FILE, ZVM_TAR, the latter also where it unpacks to too much */
  static async open(path: string, limits: JobImageLimits = {}): Promise<JobImage> {
    const folder = cacheFolder();
    const cache = folder === undefined ? undefined : { folder };
    return new JobImage(await openImage(path, { mountpoint: "/", cache, ...limits }));
  }

  /** Path of the plain archive for this process. */
  get path(): string {
    return pathOfFd(this.#opened.fd);
  }

  /** As a session mounts it: what the guest changes is gone at its end. */
  get mounted(): SessionImage {
    const { fd, sizeBytes, table: members } = this.#opened;
    const mount = { mountpoint: "/", readonly: false, meta: "archive", isFolder: false } as const;
    return { fd, sizeBytes, members, ...mount };
  }

  /** Where in the archive a file lies; undefined where it has none of that path. */
  file(path: string): FilePiece | undefined {
    const members = this.#members();
    let at = plainPath(byteStringOfText(path));
    for (let links = 0; links <= LINKS_MAX && at !== undefined; links += 1) {
      const member = members.get(at);
      if (member === undefined || member.kind === "directory") return undefined;
      if (member.kind === "file") {
        const { dataOffset: startBytes, sizeBytes } = member;
        return { fd: this.#opened.fd, startBytes, sizeBytes, isWholeFile: false };
      }
      at = linkedPath(member);
    }
    return undefined;
  }

  close(): void {
    this.#opened.close();
  }

  #members(): ReadonlyMap<ByteString, Member> {
    // Of two members of one path the later one counts.
    this.#byPath ??= new Map(this.#opened.members.map((member) => [member.path, member]));
    return this.#byPath;
  }
}

/** Where a link leads, from the root of the archive; an image with links that lead out is none. */
function linkedPath({ path, kind, link = "" }: Member): ByteString | undefined {
  if (kind === "hardlink" || link.startsWith("/")) return plainPath(link);
  const parts = path.split("/").slice(0, -1);
  for (const part of link.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

class NoPath extends Error {}

function plainPath(path: ByteString): ByteString | undefined {
  try {
    return normalisePath(path, (reason) => {
      throw new NoPath(String(reason));
    });
  } catch (error) {
    if (error instanceof NoPath) return undefined;
    throw error;
  }
}
