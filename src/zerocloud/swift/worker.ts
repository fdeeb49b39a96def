import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZvmError } from "../../base/index.ts";
import type { Log } from "../log/index.ts";
import type { Health, Metrics } from "../metrics/index.ts";
import { type JobHost, Refusal } from "../run/index.ts";
import { receiveGreeting } from "./handed-connection.ts";
import { ItemLacks } from "./handed-storage.ts";
import { listenAtSocket } from "./listen-at-socket.ts";
import { writeAnswer } from "./node-answer.ts";
import { writePart } from "./parts.ts";
import { REASON_HEADER } from "./reasons.ts";
import { SeenNonces } from "./seen-nonces.ts";
import { closeHanded, type Handed, TakenOrder } from "./taken-order.ts";

export interface WorkerParts {
  /** Path of the socket where the object server of this host comes. */
  readonly socket: string;
  readonly host: JobHost;
  /** Sessions at one time; who comes then is told so. */
  readonly sessions: number;
  readonly log: Log;
  readonly health: Health;
  readonly metrics: Metrics;
  /** How long an order or an answer may stand still; a minute unless told. */
  readonly idleMs?: number;
}

const MS = 1000;
const STANDARD_IDLE_MS = 60_000;
/** Connections that say nothing, or too slowly. */
const HEAD_MS_MAX = 10_000;
/** Metadata of an object are among the headers. */
const HEAD_BYTES_MAX = 64 * 1024;

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
  #isStopping = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    // Nobody reads from a connection before the descriptor on its first bytes is taken.
    this.#server = createServer({ pauseOnConnect: true }, (socket) => void this.#greet(socket));
    const serve = (request: IncomingMessage, response: ServerResponse): void =>
      void this.#serve(request, response);
    this.#http.on("checkContinue", serve);
    this.#http.on("request", serve);
  }

  get running(): number {
    return this.#active.size;
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
    if (this.#isStopping || this.running >= this.#parts.sessions) {
      await refuse(response, 503, "busy", "All sessions of this worker are taken");
      return;
    }
    const ending = new AbortController();
    const gone = (): void => ending.abort();
    response.once("close", gone);
    this.#active.add(ending);
    try {
      if (request.headers.expect !== undefined) response.writeContinue();
      await this.#run(request, response, ending.signal);
    } catch (cause) {
      await this.#fail(response, cause, ending.signal);
    } finally {
      response.off("close", gone);
      this.#active.delete(ending);
    }
  }

  #handedWith({ headers, socket }: IncomingMessage): Handed {
    const comesAsPart = headers["x-zerocloud-local"] === "body";
    return comesAsPart ? "as-part" : { fd: this.#handed.get(socket) };
  }

  async #run(request: IncomingMessage, response: ServerResponse, signal: AbortSignal) {
    const { socket } = request;
    const { idleMs = STANDARD_IDLE_MS } = this.#parts;
    // A host that vanished without a word must not keep a place: its connection is closed.
    socket.setTimeout(idleMs);
    const taken = await TakenOrder.read(request, this.#handedWith(request));
    socket.setTimeout(0);
    try {
      const { host } = this.#parts;
      const { order, storage } = taken;
      const session = await host.runNode(order.node, storage, { ...taken.request, signal });
      this.#parts.metrics.countSession(session.report.times.wallMs / MS);
      try {
        socket.setTimeout(idleMs);
        response.writeHead(200, { "Content-Type": "application/octet-stream" });
        await pipeline(Readable.from(writeAnswer(order.node, session)), response);
      } finally {
        for (const { file } of session.outputs) file.close();
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
    if (cause instanceof ItemLacks) return await refuse(response, 409, "lacks", cause.message);
    if (cause instanceof ZvmError && cause.code === "ZVM_JOB_BUSY") {
      return await refuse(response, 503, "busy", cause.message);
    }
    if (cause instanceof Refusal) {
      return await refuse(response, cause.status, "refused", cause.message);
    }
    this.#parts.log.write({ kind: "failure", text: "A node failed", cause });
    const text = cause instanceof ZvmError ? cause.message : "The worker failed; its log says why";
    await refuse(response, 500, "failed", text);
  }
}

async function refuse(
  response: ServerResponse,
  status: number,
  reason: string,
  text: string,
): Promise<void> {
  // Who has not been told to go on sends nothing; the connection is of no more use.
  response.writeHead(status, { [REASON_HEADER]: reason, Connection: "close" });
  const parts = Readable.from(writePart([Buffer.from(text)]));
  await pipeline(parts, response).catch(() => response.destroy());
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

const LOOK_MS = 20;
