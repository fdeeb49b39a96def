import { type ErrorCode, ZvmError } from "../../../base/index.ts";
import type { Variable } from "../../cgi/index.ts";
import {
  deviceKey,
  type Placed,
  type Placer,
  type Spot,
  type StorageHost,
} from "../../placement/index.ts";
import type { Instance, PlannedNode, StoredItem } from "../../plan/index.ts";
import {
  closeOutputs,
  FULL_DISK,
  type InstanceSurroundings,
  isLostToDisk,
  type JobRequest,
  type NodeSession,
  type PreparedNode,
  Refusal,
  STANDARD_TIMEOUT_SECONDS,
  STANDARD_TRANSFER_LIMITS,
} from "../../run/index.ts";
import { type OrderedSeat, readAnswer } from "../orders/index.ts";
import { type Cluster, tell } from "./cluster.ts";
import { hostLabel } from "./host-label.ts";
import type { JobItems } from "./job-items.ts";
import { HostLost, type NodeReply } from "./object-servers.ts";
import { type OrderErrand, OrderMaker } from "./order-maker.ts";
import type { SendsEnd } from "./program-sends.ts";
import { RemoteSet, type SeatTried } from "./remote-set.ts";
import type { AttemptSeat } from "./set-attempt.ts";
import { Tries } from "./tries.ts";

/** What a node needs to run somewhere. */
export interface RemoteNodeParts {
  readonly cluster: Cluster;
  readonly request: JobRequest;
  readonly items: JobItems;
  readonly placer: () => Placer;
  /** Index of the storage policy of an object that is read in place. */
  readonly policyOf: (item: StoredItem) => number;
}

/** Beside the time of the session itself: for a cell to begin. */
const SPARE_MS = 30_000;
const REFUSAL_BYTES_MAX = 2 ** 20;
/** How long a node waits where all workers are busy. */
const BUSY_MS_MAX = 300_000;
const REFUSAL_STATUS_MIN = 400;

/** What one try at one place came to. */
type Tried =
  | { readonly kind: "session"; readonly session: NodeSession }
  /**
   * The place cannot; the next may. `absent`: the object is not there, or is another, while the
   * host might well run the node.
   */
  | { readonly kind: "elsewhere" | "absent" | "busy"; readonly why: string }
  /** A node was not connected with another one. */
  | { readonly kind: "peer"; readonly why: string };

/** The same place is to be asked again, with more in the order. */
type Answered = Tried | { readonly kind: "again" } | { readonly kind: "lacks" };

/** A node that runs on a host of the cluster, and on another one where that fails. */
export class RemoteNode implements PreparedNode {
  readonly node: PlannedNode;
  readonly #variables: readonly Variable[];
  readonly #parts: RemoteNodeParts;

  constructor(node: PlannedNode, variables: readonly Variable[], parts: RemoteNodeParts) {
    this.node = node;
    this.#variables = variables;
    this.#parts = parts;
  }

  async run(instance: Instance, { signal, connected }: InstanceSurroundings): Promise<NodeSession> {
    if (connected instanceof RemoteSet) {
      return await connected.run(instance, async (seat) => await this.#runSeat(seat));
    }
    const placer = this.#parts.placer();
    const placed = placer.place(instance);
    try {
      return await this.#runPlaced(placed, placer, signal);
    } finally {
      placer.givenUp(instance);
    }
  }

  async #runPlaced(placed: Placed, placer: Placer, signal: AbortSignal): Promise<NodeSession> {
    const { request, cluster } = this.#parts;
    const order = this.#orderFor(placed);
    const tries = new Tries(placed, order.besideBytes);
    const account = request.account ?? "";
    const endMs = Date.now() + BUSY_MS_MAX;
    for (;;) {
      if (tries.isOver) {
        // No replica serves: the proxy may know more, and says what is wrong where it does not.
        if (tries.hasAbsent && order.bringAll()) tries.again();
        else throw new Refusal(503, `No storage host could run ${this.node.name}; ${tries.last}`);
      }
      const { spot, leave } = await cluster.gates.enter({
        places: () => tries.places(),
        account,
        signal,
      });
      let tried: Tried | undefined;
      try {
        tried = await this.#tryAt(spot, order, placer, signal);
      } finally {
        leave(tried?.kind === "busy");
      }
      if (tried.kind === "session") return { ...tried.session, host: tries.chosen(spot) };
      if (tried.kind === "peer") throw new Refusal(503, tried.why);
      if (tried.kind !== "busy" || Date.now() > endMs) tries.failed(spot, tried);
    }
  }

  #orderFor(placed: Placed, seat?: OrderedSeat): OrderMaker {
    const { request, items, policyOf, cluster } = this.#parts;
    const { programs } = cluster;
    const own = seat === undefined ? {} : { seat };
    const sources = { request, items, policyOf, programs, ...own };
    return new OrderMaker(this.node, this.#variables, placed, sources);
  }

  /** Sends the order to the place that is held for it. */
  async #runSeat(seat: AttemptSeat): Promise<SeatTried> {
    const { spot, placed, ordered, signal, tries } = seat;
    const order = this.#orderFor(placed, ordered);
    // All of them begin when nothing has to be brought here any more.
    await order.errandTo(spot, false);
    await seat.ready();
    for (;;) {
      const tried = await this.#askAt(spot, order, signal, (isSent) => seat.sent(isSent));
      if (tried.kind === "absent" && order.bringAll()) {
        seat.sent(false);
        continue;
      }
      if (tried.kind === "session") {
        return { ...tried, session: { ...tried.session, host: tries.chosen(spot) } };
      }
      return tried.kind === "peer" ? tried : { kind: "lost", why: tried.why };
    }
  }

  /** Tries a place until it has all that it wants to have. */
  async #tryAt(spot: Spot, order: OrderMaker, placer: Placer, signal: AbortSignal): Promise<Tried> {
    const { book } = this.#parts.cluster;
    const leave = book.enter(spot.host, spot.isLocal ? order.besideBytes : 0);
    placer.started(order.instance, spot.host);
    try {
      return await this.#askAt(spot, order, signal, () => undefined);
    } finally {
      leave();
    }
  }

  async #askAt(spot: Spot, order: OrderMaker, signal: AbortSignal, sent: SendsEnd): Promise<Tried> {
    try {
      return await this.#askUntilClear(spot, order, signal, sent);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HostLost)) throw error;
      const { cluster } = this.#parts;
      cluster.book.failed(spot.host);
      tell(cluster, `${nameOf(spot.host)} was lost: ${error.message}`, error);
      return { kind: "elsewhere", why: "it was lost" };
    }
  }

  async #askUntilClear(
    spot: Spot,
    order: OrderMaker,
    signal: AbortSignal,
    sent: SendsEnd,
  ): Promise<Tried> {
    const { sends } = this.#parts.cluster;
    let end: SendsEnd | undefined;
    try {
      for (let looks = 0; ; ) {
        const errand = await order.errandTo(spot, end !== undefined);
        const onSent = (): void => {
          sent(true);
          end?.(true);
        };
        const tried = await this.#send({ ...errand, sent: onSent }, spot, order, signal);
        if (tried.kind !== "again" && tried.kind !== "lacks") return tried;
        sent(false);
        if (tried.kind === "again") continue;
        if (errand.program === undefined || end !== undefined) {
          return { kind: "elsewhere", why: "its worker lacks what was sent" };
        }
        end = await sends.begin(spot.host, errand.program, looks);
        looks += 1;
      }
    } finally {
      end?.(false);
    }
  }

  async #send(
    errand: OrderErrand,
    spot: Spot,
    order: OrderMaker,
    signal: AbortSignal,
  ): Promise<Answered> {
    const { servers, book, pulse } = this.#parts.cluster;
    const { timeoutSeconds = STANDARD_TIMEOUT_SECONDS } = this.#parts.request;
    // Wires of a node may take as long as its session until they are there.
    const waits = order.isConnected ? 2 : 1;
    const timeoutMs = waits * timeoutSeconds * 1000 + SPARE_MS;
    const reply = await pulse.whileHeard(spot, signal, async (either) => {
      return await servers.send({ ...errand, timeoutMs, signal: either });
    });
    try {
      if (reply.status === 200 && reply.reason === "") {
        const session = await this.#session(reply);
        // Nobody here asked for that: its worker is told to end.
        if (wasInterrupted(session)) {
          closeOutputs(session);
          throw new HostLost("its worker ended the session");
        }
        if (isLostToDisk(session.report)) {
          closeOutputs(session);
          return this.#full(spot.host);
        }
        book.succeeded(spot.host);
        return { kind: "session", session };
      }
      return await this.#refusal(reply, spot, order);
    } finally {
      reply.close();
    }
  }

  /** Another host may have room, and this one has again when others have ended. */
  #full(host: StorageHost): Answered {
    const { cluster } = this.#parts;
    cluster.book.failed(host);
    tell(cluster, `${nameOf(host)} did not run ${this.node.name}: ${FULL_DISK}`);
    return { kind: "elsewhere", why: FULL_DISK };
  }

  /** An answer that breaks off is that of a host that was lost. */
  async #session({ parts }: NodeReply): Promise<NodeSession> {
    const { outputBytes } = this.#parts.request.limits ?? STANDARD_TRANSFER_LIMITS;
    try {
      return await readAnswer(this.node, parts, outputBytes);
    } catch (cause) {
      if (cause instanceof ZvmError && OF_THIS_HOST.has(cause.code)) throw cause;
      throw new HostLost(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  async #refusal(reply: NodeReply, { host }: Spot, order: OrderMaker): Promise<Answered> {
    const { status, reason } = reply;
    const { book } = this.#parts.cluster;
    const [word] = reason.split(":");
    if (word === "refused" && status >= REFUSAL_STATUS_MIN) {
      throw new Refusal(status, await this.#refusalText(reply));
    }
    if (word === "stream" && order.bringAll()) return { kind: "again" };
    if (word === "lacks") return { kind: "lacks" };
    if (word === "full") return this.#full(host);
    if (word === "peer") return { kind: "peer", why: await this.#refusalText(reply) };
    if (word === "busy") return { kind: "busy", why: await this.#refusalText(reply) };
    if (status === 507) book.failed(host, "device");
    else if (word === "worker" || word === "failed" || status >= 500) book.failed(host);
    const why = word === "" ? `status ${status}` : `status ${status}, ${reason}`;
    tell(this.#parts.cluster, `${nameOf(host)} did not run ${this.node.name}: ${why}`);
    return { kind: ABSENT.has(status) ? "absent" : "elsewhere", why };
  }

  async #refusalText({ parts }: NodeReply): Promise<string> {
    try {
      return await parts.text(REFUSAL_BYTES_MAX);
    } catch (cause) {
      throw new HostLost(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }
}

function wasInterrupted({ report: { outcome } }: NodeSession): boolean {
  return outcome.kind === "lost" && outcome.cause === "interrupted";
}

/** For the log: what tenants see of a host, and where it is. */
function nameOf(host: StorageHost): string {
  return `${hostLabel(host)} (${deviceKey(host)})`;
}

/** What fails here while an answer is kept, whatever host gave it. */
const OF_THIS_HOST: ReadonlySet<ErrorCode> = new Set(["ZVM_FILE", "ZVM_DISK_FULL"]);

/** The object server says so of the object, or of the disk. */
const ABSENT: ReadonlySet<number> = new Set([404, 412, 507]);
