import { closeSync, fstatSync } from "node:fs";
import { type JobRequest, SpooledFile } from "../../run/index.ts";
import type { FilePiece } from "../../storage/index.ts";
import { type Brought, type NodeOrder, type PartReader, wireError } from "../orders/index.ts";
import type { BroughtRoom, OrderRoom } from "./brought-room.ts";
import { type HandedItem, HandedStorage } from "./handed-storage.ts";

/** How the object of the order's host comes: by its descriptor, or its bytes as the last part. */
export type Handed = { readonly fd: number | undefined } | "as-part";

/** An order with all that came with it; whoever has it closes it. */
export class TakenOrder {
  readonly order: NodeOrder;
  readonly storage: HandedStorage;
  readonly #files: SpooledFiles;
  readonly #brought: ReadonlyMap<Brought, SpooledFile>;

  private constructor(order: NodeOrder, items: readonly HandedItem[], files: SpooledFiles) {
    this.order = order;
    this.storage = new HandedStorage(items);
    this.#files = files;
    this.#brought = files.brought;
  }

  /**
   * Reads the parts behind an order.
   * @param room of all orders
   * @throws ZvmError ZVM_SWIFT_WIRE, ZVM_FILE; as `OrderRoom.need`
   */
  static async read(
    order: NodeOrder,
    parts: PartReader,
    handed: Handed,
    room: BroughtRoom,
  ): Promise<TakenOrder> {
    const bytesMax = order.limits.limits.inputBytes;
    const files = new SpooledFiles(room.enter(order.node.name));
    try {
      // What cannot be had is not to be sent in vain.
      files.expect(announcedBytes(order, handed));
      const items: HandedItem[] = [];
      for (const { stat, from } of order.items) {
        if (from === "kept") items.push({ stat });
        if (from === "here" && handed !== "as-part") {
          items.push({ stat, piece: foreignPiece(handed.fd, stat.sizeBytes) });
        }
        if (from !== "part") continue;
        const piece = await files.spool(parts, bytesMax);
        items.push({ stat: { ...stat, sizeBytes: piece.sizeBytes }, piece });
      }
      for (const kind of order.brought) {
        files.brought.set(kind, await files.spool(parts, bytesMax));
      }
      const here = order.items.find(({ from }) => from === "here");
      if (here !== undefined && handed === "as-part") {
        const piece = await files.spool(parts, bytesMax);
        judgeSize(piece.sizeBytes, here.stat.sizeBytes);
        items.push({ stat: here.stat, piece });
      }
      return new TakenOrder(order, items, files);
    } catch (error) {
      files.close();
      throw error;
    }
  }

  /** What the session is asked for with. */
  get request(): JobRequest {
    const { job: id, account, limits, variables } = this.order;
    const image = this.#brought.get("image");
    const body = this.#brought.get("body");
    return {
      id,
      account,
      ...limits,
      environment: () => variables,
      ...(image !== undefined && { postedImage: image.path }),
      ...(body !== undefined && { body }),
    };
  }

  close(): void {
    this.#files.close();
  }
}

class SpooledFiles {
  readonly brought = new Map<Brought, SpooledFile>();
  readonly #all: SpooledFile[] = [];
  readonly #room: OrderRoom;
  #bytes = 0;

  constructor(room: OrderRoom) {
    this.#room = room;
  }

  /** @throws as `OrderRoom.need` */
  expect(bytes: number): void {
    this.#room.need(bytes);
  }

  async spool(parts: PartReader, bytesMax: number): Promise<SpooledFile> {
    const file = new SpooledFile();
    this.#all.push(file);
    for await (const bytes of parts.next(bytesMax)) {
      this.#bytes += bytes.length;
      this.#room.need(this.#bytes);
      file.write(bytes);
    }
    return file;
  }

  close(): void {
    for (const file of this.#all) file.close();
    this.#room.leave();
  }
}

/** What is known to come, before any of it; data and images of the request come beside it. */
function announcedBytes({ items }: NodeOrder, handed: Handed): number {
  const comes = items.filter(({ from }) => {
    return from === "part" || (from === "here" && handed === "as-part");
  });
  return comes.reduce((sum, { stat }) => sum + stat.sizeBytes, 0);
}

/** The file of an object server, which may be larger or smaller than somebody said. */
function foreignPiece(fd: number | undefined, saidBytes: number): FilePiece {
  if (fd === undefined) throw wireError("the order speaks of an object that did not come");
  const { size: sizeBytes } = fstatSync(fd);
  judgeSize(sizeBytes, saidBytes);
  return { fd, startBytes: 0, sizeBytes, isWholeFile: true, isForeign: true };
}

/** What came is what the coordinator spoke of. */
function judgeSize(sizeBytes: number, saidBytes: number): void {
  if (sizeBytes === saidBytes) return;
  throw wireError(`the object has ${sizeBytes} bytes, not ${saidBytes}`);
}

/** Closes a descriptor that came, where one did. */
export function closeHanded(fd: number | undefined): void {
  if (fd !== undefined) closeSync(fd);
}
