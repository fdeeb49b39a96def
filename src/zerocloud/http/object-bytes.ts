import type { FileHandle } from "node:fs/promises";
import { type Exchange, isDenial, type Pieces, refuse } from "../exchange/index.ts";
import type {
  ByteRange,
  DynamicObject,
  ObjectAddress,
  ObjectStat,
  OpenedObject,
  Span,
  Store,
} from "../store/index.ts";
import { needAccess } from "./access.ts";
import { dynamicOf } from "./dynamic-reads.ts";

/** Read and handed on at a time. */
const PIECE_BYTES = 256 * 1024;

/** An object that is open for one exchange, large ones included. */
export class ObjectBytes {
  /** As its readers see it. */
  readonly stat: ObjectStat;
  readonly #store: Store;
  readonly #exchange: Exchange;
  readonly #handle: FileHandle;
  readonly #dynamic: DynamicObject | undefined;

  private constructor(
    store: Store,
    exchange: Exchange,
    { stat, handle }: OpenedObject,
    dynamic: DynamicObject | undefined,
  ) {
    this.stat = dynamic?.stat ?? stat;
    this.#store = store;
    this.#exchange = exchange;
    this.#handle = handle;
    this.#dynamic = dynamic;
  }

  /** Close it afterwards. @throws ZvmError as `Objects.open` and `dynamicOf` */
  static async open(
    store: Store,
    exchange: Exchange,
    address: ObjectAddress,
  ): Promise<ObjectBytes> {
    const opened = await store.objects.open(address);
    try {
      const dynamic = await dynamicOf(exchange, store, opened.stat);
      return new ObjectBytes(store, exchange, opened, dynamic);
    } catch (cause) {
      await opened.handle.close();
      throw cause;
    }
  }

  /** Undefined where it has too many segments to be measured: then it can only be read whole. */
  get sizeBytes(): number | undefined {
    return this.#dynamic?.isMeasured === false ? undefined : this.stat.sizeBytes;
  }

  /**
   * The object or a part of it; may be called for several parts, one after another.
   * @throws ZvmError ZVM_STORE_CONFLICT where a large object or a segment was changed, or the
   * sender may not read it; those of `needAccess` for segments of a dynamic one
   */
  part(range?: ByteRange): Pieces {
    if (this.#dynamic !== undefined) return this.#spansPart(this.#dynamic.spans(range));
    const part = range ?? { offset: 0, length: this.stat.sizeBytes };
    return this.stat.isLarge ? this.#largePart(part) : bytesOf(this.#handle, part);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async *#largePart(range: ByteRange): AsyncGenerator<Uint8Array, void, undefined> {
    const { account, container, object, modifiedAt } = this.stat;
    const reading = await this.#store.large.read({ account, container, object }, range);
    if (reading.stat.modifiedAt !== modifiedAt) {
      await reading.discard();
      refuse("ZVM_STORE_CONFLICT", "The object was changed while it was read");
    }
    yield* this.#spansPart(reading.spans);
  }

  async *#spansPart(spans: AsyncIterable<Span>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const span of spans) {
      if ("bytes" in span) {
        await this.#needSegment(span.address);
        yield span.bytes;
        continue;
      }
      const { address, handle } = span;
      try {
        await this.#needSegment(address);
        yield* bytesOf(handle, span);
      } finally {
        await handle.close();
      }
    }
  }

  /** As in Swift a static large object is in conflict where a segment may not be read. */
  async #needSegment(address: ObjectAddress): Promise<void> {
    const looking = needAccess(this.#exchange, this.#store, "read", address);
    await (this.#dynamic === undefined ? looking.catch(refuseSegment) : looking);
  }
}

function refuseSegment(cause: unknown): never {
  if (!isDenial(cause)) throw cause;
  refuse("ZVM_STORE_CONFLICT", "You may not read every segment of this object");
}

async function* bytesOf(
  handle: FileHandle,
  { offset, length }: ByteRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let done = 0; done < length; ) {
    // What was handed on may still be on its way, so each piece has memory of its own.
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, length - done));
    const { bytesRead } = await handle.read(piece, 0, piece.length, offset + done);
    if (bytesRead === 0) refuse("ZVM_STORE_DAMAGED", "The file of an object was cut short");
    yield piece.subarray(0, bytesRead);
    done += bytesRead;
  }
}
