import type { Variable } from "../cgi/index.ts";
import type { Placed, Spot } from "../placement/index.ts";
import { type Instance, type PlannedNode, pathOfItem, type StoredItem } from "../plan/index.ts";
import {
  bytesOfPieces,
  type JobRequest,
  STANDARD_MEMORY_BYTES,
  STANDARD_TIMEOUT_SECONDS,
  STANDARD_TRANSFER_LIMITS,
} from "../run/index.ts";
import type { FilePiece, ItemStat } from "../storage/index.ts";
import { bytesOfFile } from "./file-bytes.ts";
import type { JobItems } from "./job-items.ts";
import { type Brought, type NodeOrder, type OrderedItem, packOrder } from "./node-order.ts";
import type { NodeErrand } from "./object-servers.ts";
import { writePart } from "./parts.ts";
import type { ProgramBook } from "./program-book.ts";
import { innerPath } from "./swift-paths.ts";

export interface OrderSources {
  readonly request: JobRequest;
  readonly items: JobItems;
  readonly programs: ProgramBook;
  /** Index of the storage policy of an object that is read in place. */
  readonly policyOf: (item: StoredItem) => number;
}

/** Makes the order for one instance, as the place where it is tried needs it. */
export class OrderMaker {
  readonly instance: Instance;
  readonly #node: PlannedNode;
  readonly #variables: readonly Variable[];
  readonly #placed: Placed;
  readonly #sources: OrderSources;
  /** The file on the object servers does not hold the bytes of the object. */
  #bringsAll = false;
  #sendsProgram = false;

  constructor(
    node: PlannedNode,
    variables: readonly Variable[],
    placed: Placed,
    sources: OrderSources,
  ) {
    this.instance = placed.instance;
    this.#node = node;
    this.#variables = variables;
    this.#placed = placed;
    this.#sources = sources;
  }

  get besideBytes(): number {
    const { beside } = this.#placed;
    return beside.kind === "object" ? beside.sizeBytes : 0;
  }

  /** From now on nothing is read in place. @returns false where that was so */
  bringAll(): boolean {
    const was = this.#bringsAll;
    this.#bringsAll = true;
    return !was;
  }

  /** From now on the program goes with the order. @returns false where that was so */
  sendProgram(): boolean {
    const was = this.#sendsProgram;
    this.#sendsProgram = true;
    return !was;
  }

  /** @throws Refusal where something cannot be brought */
  async errandTo(spot: Spot): Promise<Omit<NodeErrand, "timeoutMs" | "signal">> {
    const here = this.#hereAt(spot);
    const items = await this.#items(here);
    const { request } = this.#sources;
    const brought = broughtBy(request, this.#node);
    const order: NodeOrder = {
      version: 1,
      job: request.id,
      account: request.account ?? "",
      node: this.#node,
      limits: limitsOf(request),
      variables: this.#variables,
      items,
      brought,
    };
    const stat = here === undefined ? undefined : await this.#sources.items.stat(here);
    const account = request.account ?? "";
    const { host, partition } = spot;
    return {
      host,
      partition,
      path: innerPath(here ?? { account }),
      policy: here === undefined ? 0 : this.#sources.policyOf(here),
      ...(stat !== undefined && { object: { etag: stat.etag, timestamp: stat.timestamp } }),
      transaction: request.id,
      body: () => this.#body(order, items, brought),
    };
  }

  /** The object that lies at a place, if it is read there. */
  #hereAt({ isLocal }: Spot): StoredItem | undefined {
    const { beside } = this.#placed;
    const isRead = isLocal && beside.kind === "object" && beside.access === "read";
    return isRead && !this.#bringsAll ? beside.item : undefined;
  }

  async #items(here: StoredItem | undefined): Promise<OrderedItem[]> {
    const read = this.#node.channels.flatMap((it) => (it.kind === "input" ? [it.item] : []));
    const paths = new Map(read.map((item) => [pathOfItem(item), item]));
    const herePath = here === undefined ? undefined : pathOfItem(here);
    const items: OrderedItem[] = [];
    for (const [path, item] of paths) {
      const stat = await this.#sources.items.stat(item);
      items.push({ stat, from: path === herePath ? "here" : "part" });
    }
    const { program } = this.#node;
    if (program.kind === "object" && !paths.has(pathOfItem(program.item))) {
      items.push(await this.#programItem(program.item));
    }
    return items;
  }

  async #programItem(item: StoredItem): Promise<OrderedItem> {
    const { items, programs } = this.#sources;
    const stat = await items.stat(item);
    const sha256 = programs.find(stat) ?? (await this.#measured(stat));
    return { stat: { ...stat, sha256 }, from: this.#sendsProgram ? "part" : "kept" };
  }

  async #measured(stat: ItemStat): Promise<string> {
    const { items, programs } = this.#sources;
    return await programs.measure(stat, (await items.open(stat)).pieces);
  }

  async *#body(
    order: NodeOrder,
    items: readonly OrderedItem[],
    brought: readonly Brought[],
  ): AsyncGenerator<Uint8Array, void> {
    yield* writePart([Buffer.from(packOrder(order))]);
    for (const { stat, from } of items) {
      if (from === "part") yield* writePart(await this.#bytesOf(stat));
    }
    const { postedImage, body } = this.#sources.request;
    for (const kind of brought) {
      if (kind === "image" && postedImage !== undefined) yield* writePart(bytesOfFile(postedImage));
      if (kind === "body" && body !== undefined) yield* writePart(bytesOfPieces([body]));
    }
  }

  async #bytesOf(item: StoredItem): Promise<AsyncIterable<Uint8Array>> {
    const pieces: readonly FilePiece[] = (await this.#sources.items.open(item)).pieces;
    return bytesOfPieces(pieces);
  }
}

function limitsOf(request: JobRequest): NodeOrder["limits"] {
  const {
    timeoutSeconds = STANDARD_TIMEOUT_SECONDS,
    memoryBytes = STANDARD_MEMORY_BYTES,
    limits = STANDARD_TRANSFER_LIMITS,
    fuel,
  } = request;
  return { timeoutSeconds, memoryBytes, limits, ...(fuel !== undefined && { fuel }) };
}

/** What came with the request and is read by this node. */
function broughtBy({ postedImage, body }: JobRequest, node: PlannedNode): Brought[] {
  const has = (kind: string): boolean => node.channels.some((channel) => channel.kind === kind);
  const { program } = node;
  const isProgramThere = program.kind === "image-file" && program.image === "image";
  const brought: Brought[] = [];
  if (postedImage !== undefined && (has("posted-image") || isProgramThere)) brought.push("image");
  if (body !== undefined && has("body")) brought.push("body");
  return brought;
}
