import type { FileHandle } from "node:fs/promises";
import type { FilePiece } from "../storage/index.ts";
import type { DataSpan, FileSpan, Span, UnnamedFile } from "../store/index.ts";

/** What the pieces of an object are put together with. */
export interface PieceRules {
  /** Told of each descriptor before it is kept open; throws where there are enough. */
  readonly count: () => void;
  /** Throws where the sender may not read the bytes. */
  readonly allow: (span: Span) => Promise<void>;
  /** Makes a file for the bytes that manifests have themselves. */
  readonly makeFile: () => Promise<UnnamedFile>;
}

/** All that an object is made of, as descriptors: programs read from nothing else. */
export class CollectedPieces {
  readonly pieces: FilePiece[] = [];
  readonly #rules: PieceRules;
  readonly #handles: FileHandle[];
  /** One for all bytes of manifests, however many there are. */
  #data: UnnamedFile | undefined;

  /** @param handles gets what is open, and is the caller's to close */
  constructor(rules: PieceRules, handles: FileHandle[]) {
    this.#rules = rules;
    this.#handles = handles;
  }

  /** Opens everything, so that the object stays as it is while it is read. */
  async collect(spans: AsyncIterable<Span>): Promise<void> {
    try {
      for await (const span of spans) {
        await ("bytes" in span ? this.#addData(span) : this.#addFile(span));
      }
    } finally {
      await this.#data?.finish();
    }
  }

  async #addFile(span: FileSpan): Promise<void> {
    const { handle, offset: startBytes, length: sizeBytes } = span;
    await this.#keep(handle);
    await this.#rules.allow(span);
    const { size } = await handle.stat();
    const isWholeFile = startBytes === 0 && sizeBytes === size;
    this.pieces.push({ fd: handle.fd, startBytes, sizeBytes, isWholeFile });
  }

  async #addData(span: DataSpan): Promise<void> {
    await this.#rules.allow(span);
    const file = await this.#dataFile();
    const { fd } = file.handle;
    const startBytes = await file.append(span.bytes);
    const last = this.pieces.at(-1);
    const isNext = last?.fd === fd && last.startBytes + last.sizeBytes === startBytes;
    const before = isNext ? this.pieces.pop() : undefined;
    this.pieces.push({
      fd,
      startBytes: before?.startBytes ?? startBytes,
      sizeBytes: (before?.sizeBytes ?? 0) + span.bytes.length,
      isWholeFile: false,
    });
  }

  async #dataFile(): Promise<UnnamedFile> {
    if (this.#data !== undefined) return this.#data;
    this.#data = await this.#rules.makeFile();
    await this.#keep(this.#data.handle);
    return this.#data;
  }

  async #keep(handle: FileHandle): Promise<void> {
    try {
      this.#rules.count();
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#handles.push(handle);
  }
}
