import {
  besideOf,
  type ClusterView,
  hostKey,
  type ItemFacts,
  type Located,
  type Placed,
  Placer,
  type Spot,
} from "../../placement/index.ts";
import {
  type Instance,
  type Plan,
  PlanEnds,
  type PlannedNode,
  pathOfItem,
  type StoredItem,
} from "../../plan/index.ts";
import {
  allowOutputs,
  attachedFirst,
  type Connected,
  type JobRequest,
  type NodePlace,
  type PreparedNode,
  Refusal,
  requestVariables,
  TOO_LARGE,
} from "../../run/index.ts";
import type { ItemPlace, ItemStat, Storage } from "../../storage/index.ts";
import { type Cluster, tell } from "./cluster.ts";
import type { JobItems } from "./job-items.ts";
import { RemoteNode } from "./remote-node.ts";
import { RemoteSet } from "./remote-set.ts";
import { SeatHolder } from "./seat-holder.ts";

/** Partitions that are drawn for what runs beside no object: one for so many nodes of a job. */
const NODES_OF_DRAW = 100;
const DRAWS = { least: 8, most: 256 } as const;

/** Runs the nodes of one job on the storage hosts of a cluster, beside what they read. */
export class ClusterPlace implements NodePlace {
  readonly #cluster: Cluster;
  readonly #storage: Storage;
  readonly #request: JobRequest;
  readonly #items: JobItems;
  readonly #plan: Plan;
  readonly #view = new View();
  #placer: Placer | undefined;
  #anywhere: Promise<void> | undefined;
  #ahead: Promise<void> | undefined;

  constructor(
    cluster: Cluster,
    job: { readonly plan: Plan; readonly storage: Storage; readonly request: JobRequest },
    items: JobItems,
  ) {
    this.#cluster = cluster;
    this.#storage = job.storage;
    this.#request = job.request;
    this.#plan = job.plan;
    this.#items = items;
  }

  async connect(instances: readonly Instance[], signal: AbortSignal): Promise<Connected> {
    const { servers, gates, book } = this.#cluster;
    const { id, account = "" } = this.#request;
    return await RemoteSet.connect({
      instances,
      ends: new PlanEnds(this.#plan),
      placer: this.#placerOf(),
      everywhere: this.#everywhere(),
      holder: new SeatHolder(servers, { id, account }),
      gates,
      book,
      account,
      tell: (text, cause) => tell(this.#cluster, text, cause),
      signal,
    });
  }

  /** A place at each server that the cluster named, the least busy first. */
  #everywhere(): readonly Spot[] {
    const { book } = this.#cluster;
    const spots = new Map<string, Spot>();
    for (const { partition, hosts } of this.#view.anywhere) {
      for (const host of hosts) spots.set(hostKey(host), { host, partition, isLocal: false });
    }
    return [...spots.values()].sort((one, other) => {
      return book.loadOf(one.host).sessions - book.loadOf(other.host).sessions;
    });
  }

  async prepare(node: PlannedNode): Promise<PreparedNode> {
    this.#ahead ??= this.#items.lookAhead(this.#plan.nodes.flatMap(itemsOf));
    for (const channel of attachedFirst(node)) {
      if (channel.kind !== "input") continue;
      const stat = await this.#items.stat(channel.item);
      if (stat.sizeBytes > this.#inputBytesMax) throw new Refusal(413, TOO_LARGE);
      this.#view.know(stat);
    }
    const { program } = node;
    if (program.kind === "object") await this.#items.stat(program.item);
    await allowOutputs(node, this.#storage);
    await this.#locate(node);
    const parts = {
      cluster: this.#cluster,
      request: this.#request,
      items: this.#items,
      placer: () => this.#placerOf(),
      policyOf: (item: StoredItem) => this.#view.located(item)?.policy ?? 0,
    };
    return new RemoteNode(node, requestVariables(node, this.#request), parts);
  }

  /** Where all instances would run, once all nodes are prepared. */
  placeAll(): readonly Placed[] {
    return this.#placerOf().placeAll();
  }

  get #inputBytesMax(): number {
    return this.#request.limits?.inputBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Where the object is beside which a node runs; some hosts for all that run beside none. */
  async #locate(node: PlannedNode): Promise<void> {
    this.#anywhere ??= this.#locateAny();
    const beside = besideOf(node, this.#view);
    if (beside.kind === "object") {
      const place = await this.#items.locate(beside.item);
      if (place !== undefined) this.#view.locate(beside.item, place);
    }
    await this.#anywhere;
  }

  async #locateAny(): Promise<void> {
    const account = this.#request.account ?? "";
    const wanted = Math.ceil(this.#plan.nodes.length / NODES_OF_DRAW);
    const length = Math.min(DRAWS.most, Math.max(DRAWS.least, wanted));
    const draws = Array.from({ length }, async (_, at) => {
      return await this.#storage.locate({ account, random: at / length });
    });
    for (const place of await Promise.all(draws)) {
      if (place !== undefined) this.#view.anywhere.push(place);
    }
  }

  /** Made when all nodes are known, with the first that runs. */
  #placerOf(): Placer {
    const { book } = this.#cluster;
    this.#placer ??= new Placer(this.#plan, this.#view, book, this.#request.id);
    return this.#placer;
  }
}

/** The objects that a node reads. */
function itemsOf({ channels }: PlannedNode): StoredItem[] {
  return channels.flatMap((channel) => {
    return channel.kind === "input" && channel.item.object !== undefined ? [channel.item] : [];
  });
}

/** What is known of the cluster for one job. */
class View implements ClusterView {
  readonly anywhere: Located[] = [];
  readonly #facts = new Map<string, ItemFacts>();
  readonly #places = new Map<string, ItemPlace>();

  know(stat: ItemStat): void {
    const { sizeBytes, notInPlace } = stat;
    const facts = { sizeBytes, ...(notInPlace !== undefined && { notInPlace }) };
    if (stat.object !== undefined) this.#facts.set(pathOfItem(stat), facts);
  }

  locate(item: StoredItem, place: ItemPlace): void {
    this.#places.set(pathOfItem(item), place);
  }

  facts(item: StoredItem): ItemFacts | undefined {
    return this.#facts.get(pathOfItem(item));
  }

  located(item: StoredItem): ItemPlace | undefined {
    return this.#places.get(pathOfItem(item));
  }
}
