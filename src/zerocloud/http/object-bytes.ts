import type { FileHandle } from "node:fs/promises";
import type { ByteRange, ObjectAddress, ObjectStat, Store } from "../store/index.ts";
import { needAccess } from "./access.ts";
import type { Exchange, Pieces } from "./exchange.ts";
import { refuse } from "./refusal.ts";

/** Read and handed on at a time. */
const PIECE_BYTES = 256 * 1024;

/** An object that is open for one exchange, large ones included. */
export class ObjectBytes {
  readonly stat: ObjectStat;
  readonly #store: Store;
  readonly #exchange: Exchange;
  readonly #handle: FileHandle;

  private constructor(store: Store, exchange: Exchange, stat: ObjectStat, handle: FileHandle) {
    this.stat = stat;
    this.#store = store;
    this.#exchange = exchange;
    this.#handle = handle;
  }

  /** Close it afterwards. @throws ZvmError as `Objects.open` */
  static async open(
    store: Store,
    exchange: Exchange,
    address: ObjectAddress,
  ): Promise<ObjectBytes> {
    const { stat, handle } = await store.objects.open(address);
    return new ObjectBytes(store, exchange, stat, handle);
  }

  /**
   * A part of the object; may be called for several, one after another.
   * @throws ZvmError ZVM_STORE_CONFLICT where a large object or a segment was changed; those of
   * `needAccess` for a segment that the sender may not read
   */
  part(range: ByteRange): Pieces {
    return this.stat.isLarge ? this.#largePart(range) : bytesOf(this.#handle, range);
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
    for await (const { address, handle, offset, length } of reading.spans) {
      try {
        await needAccess(this.#exchange, this.#store, "read", address);
        yield* bytesOf(handle, { offset, length });
      } finally {
        await handle.close();
      }
    }
  }
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
