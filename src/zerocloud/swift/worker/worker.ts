import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZvmError } from "../../../base/index.ts";
import type { Log } from "../../log/index.ts";
import type { Health, Metrics } from "../../metrics/index.ts";
import {
  closeOutputs,
  FULL_DISK,
  isOfFullDisk,
  type JobHost,
  Refusal,
  type Release,
} from "../../run/index.ts";
import {
  isTransactionOfSet,
  type NodeOrder,
  ORDER_BYTES_MAX,
  PartReader,
  unpackOrder,
  unpackSetErrand,
  writeAnswer,
} from "../orders/index.ts";
import { listenAtSocket } from "../sockets/index.ts";
import type { BroughtRoom } from "./brought-room.ts";
import { receiveGreeting } from "./handed-connection.ts";
import { ItemLacks } from "./handed-storage.ts";
import { PeerLost } from "./seat-wires.ts";
import type { TakenSeat } from "./seats.ts";
import { SeenNonces } from "./seen-nonces.ts";
import { SetDesk, type WorkerWires } from "./set-desk.ts";
import { closeHanded, type Handed, TakenOrder } from "./taken-order.ts";
import { PARTS_TYPE, refuse } from "./worker-answers.ts";

export interface WorkerParts {
  /** Path of the socket where the object server of this host comes. */
  readonly socket: string;
  readonly host: JobHost;
  /** Sessions at one time; who comes then is told so. */
  readonly sessions: number;
  /** For what orders bring. */
  readonly brought: BroughtRoom;
  /** What connects nodes with those of other hosts; without it no connected ones run here. */
  readonly wires?: WorkerWires;
  readonly log: Log;
  readonly health: Health;
  readonly metrics: Metrics;
  /** How long an order or an answer may stand still; a minute unless told. */
  readonly idleMs?: number;
}

const MS = 1000;
const ALL_TAKEN = "all sessions of its worker are taken";
const STANDARD_IDLE_MS = 60_000;
/** Connections that say nothing, or too slowly. */
const HEAD_MS_MAX = 10_000;
/** Metadata of an object are among the headers. */
const HEAD_BYTES_MAX = 64 * 1024;

/** A request, with what ends it. */
interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
}

/** Runs the nodes that object servers bring, beside the objects, with what they hand over. */
export class Worker {
  readonly #parts: WorkerParts;
  readonly #http = createHttp({
    headersTimeout: HEAD_MS_MAX,
    requestTimeout: 0,
    maxHeaderSize: HEAD_BYTES_MAX,
  });
  readonly #nonces = new SeenNonces(() => performance.now());
  readonly #server: Server;
  /** Descriptors of objects by their connections. */
  readonly #handed = new WeakMap<Socket, number>();
  readonly #active = new Set<AbortController>();
  readonly #desk: SetDesk;
  #isStopping = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#desk = new SetDesk(parts.sessions, parts.wires);
    // Nobody reads from a connection before the descriptor on its first bytes is taken.
    this.#server = createServer({ pauseOnConnect: true }, (socket) => void this.#greet(socket));
    const serve = (request: IncomingMessage, response: ServerResponse): void =>
      void this.#serve(request, response);
    this.#http.on("checkContinue", serve);
    this.#http.on("request", serve);
  }

  get running(): number {
    return this.#desk.seats.taken;
  }

  /** Places that are held for nodes of connected sets. */
  get held(): number {
    return this.#desk.seats.held;
  }

  /** Of sessions that run here, to others here or elsewhere. */
  get wires(): number {
    return this.#desk.wires;
  }

  /** @throws ZvmError ZVM_SWIFT_SETUP where the socket cannot be had */
  async start(): Promise<void> {
    await listenAtSocket(this.#server, "socket", this.#parts.socket);
    this.#parts.health.become("ready");
  }

  /** Takes nothing more; what runs has so long, then it is ended in order. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#parts.health.become("stopping");
    this.#server.close();
    this.#desk.seats.close();
    const endMs = performance.now() + graceMs;
    while (this.#active.size > 0 && performance.now() < endMs) await pause();
    for (const one of this.#active) one.abort();
    while (this.#active.size > 0) await pause();
    this.#http.closeAllConnections();
  }

  async #greet(socket: Socket): Promise<void> {
    socket.on("error", () => socket.destroy());
    try {
      const fd = await receiveGreeting(socket);
      if (fd !== undefined) {
        this.#handed.set(socket, fd);
        socket.once("close", () => closeHanded(fd));
      }
      this.#http.emit("connection", socket);
      socket.resume();
    } catch (cause) {
      socket.destroy();
      this.#parts.log.write({ kind: "failure", text: "A connection was not taken", cause });
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const nonce = request.headers["x-zerocloud-nonce"];
    if (typeof nonce === "string" && !this.#nonces.take(nonce)) {
      await refuse(response, 401, "signature", "This signature came before");
      return;
    }
    const isOfSet = isTransactionOfSet(String(request.headers["x-zerocloud-transaction"]));
    const leave = this.#isStopping ? undefined : this.#desk.enter(isOfSet);
    if (leave === undefined) {
      await refuse(response, 503, "busy", ALL_TAKEN);
      return;
    }
    const ending = new AbortController();
    const gone = (): void => ending.abort();
    response.once("close", gone);
    this.#active.add(ending);
    try {
      if (request.headers.expect !== undefined) response.writeContinue();
      const asked = { request, response, signal: ending.signal };
      if (isOfSet) await this.#takeOfSet(asked, leave);
      else await this.#takeOrder(asked);
    } catch (cause) {
      await this.#fail(response, cause, ending.signal);
    } finally {
      leave();
      response.off("close", gone);
      this.#active.delete(ending);
    }
  }

  async #takeOrder(asked: Asked): Promise<void> {
    const parts = this.#partsOf(asked);
    const order = unpackOrder(await parts.text(ORDER_BYTES_MAX));
    await this.#run(order, parts, asked, undefined);
  }

  /** Something that comes with a ticket: an order, or what is to be known before it. */
  async #takeOfSet(asked: Asked, leave: Release): Promise<void> {
    const parts = this.#partsOf(asked);
    const text = await parts.text(ORDER_BYTES_MAX);
    const errand = unpackSetErrand(text);
    if (errand !== undefined) return await this.#desk.answer(errand, asked.response);
    const order = unpackOrder(text);
    const seat = this.#desk.seats.take(order.seat?.ticket ?? "");
    leave();
    if (seat === undefined) {
      return await refuse(asked.response, 409, "ticket", "No place is held for this node");
    }
    try {
      await this.#run(order, parts, asked, seat);
    } catch (cause) {
      // It comes again with what is missing.
      if (cause instanceof ItemLacks && !this.#isStopping) seat.putBack();
      throw cause;
    } finally {
      seat.leave();
    }
  }

  #partsOf({ request }: Asked): PartReader {
    const { idleMs = STANDARD_IDLE_MS } = this.#parts;
    // A host that vanished without a word must not keep a place: its connection is closed.
    request.socket.setTimeout(idleMs);
    return new PartReader(request);
  }

  #handedWith({ headers, socket }: IncomingMessage): Handed {
    const comesAsPart = headers["x-zerocloud-local"] === "body";
    return comesAsPart ? "as-part" : { fd: this.#handed.get(socket) };
  }

  async #run(
    order: NodeOrder,
    parts: PartReader,
    { request, response, signal }: Asked,
    seat: TakenSeat | undefined,
  ): Promise<void> {
    const { socket } = request;
    const { idleMs = STANDARD_IDLE_MS, brought } = this.#parts;
    const taken = await TakenOrder.read(order, parts, this.#handedWith(request), brought);
    socket.setTimeout(0);
    try {
      const { host, metrics } = this.#parts;
      const { node } = order;
      const asked = { ...taken.request, signal };
      const session = await this.#desk.connected(order, seat, async (wires) => {
        return await host.runNode(node, taken.storage, asked, wires);
      });
      metrics.countSession(session.report.times.wallMs / MS);
      try {
        socket.setTimeout(idleMs);
        response.writeHead(200, { "Content-Type": PARTS_TYPE });
        await pipeline(Readable.from(writeAnswer(order.node, session)), response);
      } finally {
        closeOutputs(session);
      }
    } finally {
      taken.close();
    }
  }

  async #fail(response: ServerResponse, cause: unknown, signal: AbortSignal): Promise<void> {
    if (response.headersSent || signal.aborted || response.destroyed) {
      response.destroy();
      return;
    }
    if (cause instanceof PeerLost) {
      this.#parts.log.write({ kind: "failure", text: "A node was not connected", cause });
      return await refuse(response, 503, "peer", cause.message);
    }
    if (cause instanceof ItemLacks) return await refuse(response, 409, "lacks", cause.message);
    if (cause instanceof ZvmError && cause.code === "ZVM_JOB_BUSY") {
      return await refuse(response, 503, "busy", cause.message);
    }
    if (isOfFullDisk(cause)) {
      this.#parts.log.write({ kind: "failure", text: "A node found no room", cause });
      return await refuse(response, 507, "full", FULL_DISK);
    }
    if (cause instanceof Refusal) {
      return await refuse(response, cause.status, "refused", cause.message);
    }
    this.#parts.log.write({ kind: "failure", text: "A node failed", cause });
    const text = cause instanceof ZvmError ? cause.message : "The worker failed; its log says why";
    await refuse(response, 500, "failed", text);
  }
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

const LOOK_MS = 20;
