import { createHash, randomBytes } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { ZvmError } from "../../base/index.ts";
import { errnoOf, hostFailure } from "./failure.ts";
import { FolderSync } from "./folder-sync.ts";
import type { NewFile, StoreFiles } from "./store-files.ts";
import { UnnamedFile } from "./unnamed-file.ts";

/** What became of an upload: a file that no object names yet. */
export interface Received {
  readonly content: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly sha256: string;
}

/** What an upload is held to. */
export interface UploadTerms {
  /** Bytes that were announced. */
  readonly sizeBytes?: number | undefined;
  /** MD5 that was announced, in lower-case hexadecimal. */
  readonly etag?: string | undefined;
  readonly sizeBytesMax: number;
  /** The object as messages name it. */
  readonly shown: string;
}

const CONTENTS = "contents";
const INCOMING = "incoming";
export const CONTENT_FOLDERS: readonly string[] = [CONTENTS, INCOMING];
const FOLDER_DIGITS = 2;
const ID_BYTES = 16;
export const CONTENT_ID = /^[0-9a-f]{32}$/;

/** Files that follow each other lie in one folder, so that uploads at one time share its flush. */
const FILES_IN_A_ROW = 256;

/** The files with the bytes of objects: written once, never changed, removed when unnamed. */
export class Contents {
  readonly #folder: string;
  readonly #files: StoreFiles;
  readonly #sync: FolderSync;
  readonly #reserveBytes: number;
  /** Of this process, on their way to an object. */
  readonly #underway = new Set<string>();
  #row = "";
  #inRow = 0;

  /** @param reserveBytes stay free on the disk, so that deleting can still be committed */
  constructor(folder: string, files: StoreFiles, reserveBytes: number) {
    this.#folder = folder;
    this.#files = files;
    this.#sync = new FolderSync(files);
    this.#reserveBytes = reserveBytes;
  }

  /** Makes the folders, for this user only, and brings them to the disk. */
  async prepare(): Promise<void> {
    const contents = join(this.#folder, CONTENTS);
    for (const folder of [contents, ...this.folders(), this.incoming]) {
      await this.#files.makeFolder(folder);
      await this.#files.keepPrivate(folder);
    }
    await this.#files.syncFolder(contents);
    await this.#files.syncFolder(this.#folder);
  }

  get incoming(): string {
    return join(this.#folder, INCOMING);
  }

  /** Every folder with contents. */
  folders(): string[] {
    return Array.from({ length: 16 ** FOLDER_DIGITS }, (_, index) =>
      join(this.#folder, CONTENTS, index.toString(16).padStart(FOLDER_DIGITS, "0")),
    );
  }

  pathOf(content: string): string {
    const folder = content.slice(0, FOLDER_DIGITS);
    return join(this.#folder, CONTENTS, folder, content);
  }

  /** Whether an upload or copy of this process is about to give it to an object. */
  isUnderway(content: string): boolean {
    return this.#underway.has(content);
  }

  /**
   * Writes an upload to a file and brings it to the disk under its name. Call `settle` with the
   * content afterwards, whatever became of it.
   * @throws ZvmError ZVM_STORE_ETAG, _UPLOAD, _TOO_LARGE, _FULL, _BUSY; then nothing is left
   */
  async receive(source: AsyncIterable<Uint8Array>, terms: UploadTerms): Promise<Received> {
    judgeGrowth(terms.sizeBytes ?? 0, terms);
    await this.needRoom(terms.sizeBytes ?? 0);
    const content = this.#begin();
    const path = join(this.incoming, content);
    try {
      const file = await this.#files.create(path);
      const received = await this.#write(file, content, source, terms);
      await this.#files.rename(path, this.pathOf(content));
      await this.#flush(content);
      return received;
    } catch (cause) {
      await this.#dropUpload(path, content);
      throw hostFailure(`Cannot store ${terms.shown}`, cause);
    }
  }

  /**
   * Gives the bytes of a content to a second one, without copying them.
   * @returns undefined where this file system has no room for another name of the file
   * @throws ZvmError ZVM_STORE_FULL, _BUSY, _FAILED
   */
  async share(content: string, shown: string): Promise<string | undefined> {
    const copy = this.#begin();
    try {
      await this.#files.link(this.pathOf(content), this.pathOf(copy));
      await this.#flush(copy);
      return copy;
    } catch (cause) {
      await this.discard(copy);
      if (["EMLINK", "EPERM", "ENOENT"].includes(errnoOf(cause) ?? "")) return undefined;
      throw hostFailure(`Cannot copy ${shown}`, cause);
    }
  }

  /** The content belongs to an object now, or to none. */
  settle(content: string): void {
    this.#underway.delete(content);
  }

  /** Removes a content that no object names. */
  async discard(content: string): Promise<void> {
    await this.remove(content);
    this.settle(content);
  }

  /**
   * Removes the file, where it is there.
   * @returns false where the host refused; it is tried again after the next start
   */
  async remove(content: string): Promise<boolean> {
    return await this.#unlink(this.pathOf(content));
  }

  /** @throws the host's error, `ENOENT` where the content is gone */
  open(content: string): Promise<FileHandle> {
    return this.#files.openRead(this.pathOf(content));
  }

  /** Makes a file without a name, whose bytes are counted as those of an upload. */
  async unnamed(shown: string): Promise<UnnamedFile> {
    const content = this.#begin();
    const path = join(this.incoming, content);
    try {
      const writer = await this.#files.create(path);
      const handle = await this.#files.openRead(path).catch(async (cause: unknown) => {
        await writer.close();
        throw cause;
      });
      const needRoom = (sizeBytes: number) => this.needRoom(sizeBytes);
      return new UnnamedFile({ handle, writer, needRoom, shown });
    } catch (cause) {
      throw hostFailure(`Cannot read ${shown}`, cause);
    } finally {
      await this.#unlink(path);
      this.settle(content);
    }
  }

  sizeOf(content: string): Promise<number> {
    return this.#files.sizeBytes(this.pathOf(content));
  }

  /** @throws ZvmError ZVM_STORE_FULL where so many bytes would touch the reserve */
  async needRoom(sizeBytes: number): Promise<void> {
    const free = await this.#freeBytes();
    if (free - sizeBytes >= this.#reserveBytes) return;
    const message = `The disk of the store has ${free} bytes free; ${this.#reserveBytes} stay free`;
    throw new ZvmError("ZVM_STORE_FULL", message);
  }

  async #freeBytes(): Promise<number> {
    try {
      return await this.#files.freeBytes(this.#folder);
    } catch (cause) {
      throw hostFailure("Cannot ask for the room on the disk of the store", cause);
    }
  }

  #begin(): string {
    if (this.#inRow % FILES_IN_A_ROW === 0) {
      this.#row = randomBytes(1).toString("hex");
    }
    this.#inRow += 1;
    const content = this.#row + randomBytes(ID_BYTES - 1).toString("hex");
    this.#underway.add(content);
    return content;
  }

  async #write(
    file: NewFile,
    content: string,
    source: AsyncIterable<Uint8Array>,
    terms: UploadTerms,
  ): Promise<Received> {
    const md5 = createHash("md5");
    const sha256 = createHash("sha256");
    let sizeBytes = 0;
    try {
      for await (const bytes of arriving(source, terms.shown)) {
        sizeBytes += bytes.length;
        judgeGrowth(sizeBytes, terms);
        // The digests take as long as the disk, and not the thread that writes.
        const writing = file.write(bytes);
        md5.update(bytes);
        sha256.update(bytes);
        await writing;
      }
      const etag = md5.digest("hex");
      judgeUpload(sizeBytes, etag, terms);
      await file.sync();
      return { content, sizeBytes, etag, sha256: sha256.digest("hex") };
    } finally {
      await file.close();
    }
  }

  async #flush(content: string): Promise<void> {
    await this.#sync.sync(join(this.#folder, CONTENTS, content.slice(0, FOLDER_DIGITS)));
    // Others wrote meanwhile, and the commit that comes next needs room itself.
    await this.needRoom(0);
  }

  async #dropUpload(path: string, content: string): Promise<void> {
    await this.#unlink(path);
    await this.discard(content);
  }

  async #unlink(path: string): Promise<boolean> {
    try {
      await this.#files.unlink(path);
      return true;
    } catch (cause) {
      return errnoOf(cause) === "ENOENT";
    }
  }
}

/** An upload that breaks off is no failure of the host. */
async function* arriving(
  source: AsyncIterable<Uint8Array>,
  shown: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (cause) {
    if (cause instanceof ZvmError) throw cause;
    throw new ZvmError("ZVM_STORE_UPLOAD", `The upload of ${shown} broke off`, { cause });
  }
}

function judgeGrowth(sizeBytes: number, terms: UploadTerms): void {
  const { sizeBytes: announced, sizeBytesMax, shown } = terms;
  if (sizeBytes > sizeBytesMax) {
    const message = `${shown} is larger than ${sizeBytesMax} bytes`;
    throw new ZvmError("ZVM_STORE_TOO_LARGE", message);
  }
  if (announced !== undefined && sizeBytes > announced) {
    const message = `The upload of ${shown} has more than the ${announced} bytes announced`;
    throw new ZvmError("ZVM_STORE_UPLOAD", message);
  }
}

function judgeUpload(sizeBytes: number, etag: string, terms: UploadTerms): void {
  if (terms.sizeBytes !== undefined && sizeBytes !== terms.sizeBytes) {
    const message = `The upload of ${terms.shown} ended after ${sizeBytes} of ${terms.sizeBytes} bytes`;
    throw new ZvmError("ZVM_STORE_UPLOAD", message);
  }
  if (terms.etag !== undefined && terms.etag !== etag) {
    const message = `The upload of ${terms.shown} has etag ${etag}, not ${terms.etag}`;
    throw new ZvmError("ZVM_STORE_ETAG", message);
  }
}
