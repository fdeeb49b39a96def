import type { Variable } from "../../cgi/index.ts";
import type { Placed, Spot } from "../../placement/index.ts";
import { type Instance, type PlannedNode, pathOfItem, type StoredItem } from "../../plan/index.ts";
import {
  bytesOfPieces,
  type JobRequest,
  STANDARD_MEMORY_BYTES,
  STANDARD_TIMEOUT_SECONDS,
  STANDARD_TRANSFER_LIMITS,
} from "../../run/index.ts";
import type { FilePiece } from "../../storage/index.ts";
import {
  type Brought,
  type NodeOrder,
  type OrderedItem,
  type OrderedSeat,
  packOrder,
  transactionOf,
  writePart,
} from "../orders/index.ts";
import { innerPath } from "../storage/index.ts";
import { bytesOfFile } from "./file-bytes.ts";
import type { JobItems } from "./job-items.ts";
import type { NodeErrand } from "./object-servers.ts";
import type { ProgramBook } from "./program-book.ts";

export interface OrderSources {
  readonly request: JobRequest;
  readonly items: JobItems;
  readonly programs: ProgramBook;
  /** Index of the storage policy of an object that is read in place. */
  readonly policyOf: (item: StoredItem) => number;
  /** Of a node that is connected with others. */
  readonly seat?: OrderedSeat;
}

/** What is sent to a place, and the SHA-256 of the program that the worker may keep. */
export type OrderErrand = Omit<NodeErrand, "timeoutMs" | "signal"> & { readonly program?: string };

/** Makes the order for one instance, as the place where it is tried needs it. */
export class OrderMaker {
  readonly instance: Instance;
  readonly #node: PlannedNode;
  readonly #variables: readonly Variable[];
  readonly #placed: Placed;
  readonly #sources: OrderSources;
  /** The file on the object servers does not hold the bytes of the object. */
  #bringsAll = false;

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

  /** Whether it is for a node that is connected with others. */
  get isConnected(): boolean {
    return this.#sources.seat !== undefined;
  }

  /** From now on nothing is read in place. @returns false where that was so */
  bringAll(): boolean {
    const { beside } = this.#placed;
    const was = this.#bringsAll || beside.kind !== "object" || beside.access !== "read";
    this.#bringsAll = true;
    return !was;
  }

  /**
   * @param sendsProgram because the worker there does not keep it
   * @throws Refusal where something cannot be brought
   */
  async errandTo(spot: Spot, sendsProgram: boolean): Promise<OrderErrand> {
    const here = this.#hereAt(spot);
    // All that is brought is here before a worker gives a place to the session.
    const program = await this.#programItem(sendsProgram);
    const items = [...(await this.#inputs(here)), ...program];
    const { request, seat } = this.#sources;
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
      ...(seat !== undefined && { seat }),
    };
    const stat = here === undefined ? undefined : await this.#sources.items.stat(here);
    const account = request.account ?? "";
    const { host, partition } = spot;
    const digest = program[0]?.stat.sha256;
    return {
      host,
      partition,
      path: innerPath(here ?? { account }),
      policy: here === undefined ? 0 : this.#sources.policyOf(here),
      ...(stat !== undefined && { object: { etag: stat.etag, timestamp: stat.timestamp } }),
      transaction: seat === undefined ? request.id : transactionOf(request.id, seat.ticket),
      body: () => this.#body(order, items, brought),
      ...(digest !== undefined && { program: digest }),
    };
  }

  /** The object that lies at a place, if it is read there. */
  #hereAt({ isLocal }: Spot): StoredItem | undefined {
    const { beside } = this.#placed;
    const isRead = isLocal && beside.kind === "object" && beside.access === "read";
    return isRead && !this.#bringsAll ? beside.item : undefined;
  }

  /** What the node reads; what is brought is what it is by then, whatever was looked at before. */
  async #inputs(here: StoredItem | undefined): Promise<OrderedItem[]> {
    const { items } = this.#sources;
    const herePath = here === undefined ? undefined : pathOfItem(here);
    const brings = async ([path, item]: [string, StoredItem]): Promise<OrderedItem> => {
      if (path === herePath) return { stat: await items.stat(item), from: "here" };
      return { stat: (await items.open(item)).stat, from: "part" };
    };
    return await Promise.all([...this.#read].map(brings));
  }

  /** Items that the node reads, by their paths. */
  get #read(): ReadonlyMap<string, StoredItem> {
    const read = this.#node.channels.flatMap((it) => (it.kind === "input" ? [it.item] : []));
    return new Map(read.map((item) => [pathOfItem(item), item]));
  }

  /** The program, where it is an object that is not read as an input, too. */
  async #programItem(sendsProgram: boolean): Promise<[] | [OrderedItem]> {
    const { program } = this.#node;
    if (program.kind !== "object" || this.#read.has(pathOfItem(program.item))) return [];
    const { items, programs } = this.#sources;
    const looked = await items.stat(program.item);
    const known = sendsProgram ? undefined : programs.find(looked);
    if (known !== undefined) return [{ stat: { ...looked, sha256: known }, from: "kept" }];
    const { stat, pieces } = await items.open(program.item);
    const sha256 = programs.find(stat) ?? (await programs.measure(stat, pieces));
    return [{ stat: { ...stat, sha256 }, from: sendsProgram ? "part" : "kept" }];
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
