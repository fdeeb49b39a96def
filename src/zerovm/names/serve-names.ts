import { createSocket, type Socket } from "node:dgram";
import { printable, ZvmError } from "../../base/index.ts";
import {
  type NameReply,
  NameTable,
  type Registration,
  type Sender,
  type Unmatched,
} from "./name-table.ts";
import { decodeRequest } from "./packet.ts";

/** What to serve, and where. */
export interface NameServerOptions {
  /** How many nodes report before anybody is answered. */
  readonly nodes: number;
  /** An IPv4 address of this host, or a name of it. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** How long lost answers are given again once all nodes were answered. */
  readonly lingerMs: number;
  /** Ends the server. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: NameEvent) => void;
}

/** What happens at a name server, as it happens. */
export type NameEvent =
  | { readonly kind: "reported"; readonly node: number; readonly address: string; count: number }
  /** A node that had reported comes from elsewhere: it moved, or two claim one number. */
  | { readonly kind: "claimed"; readonly node: number; now: Sender; former: Sender }
  | { readonly kind: "refused"; readonly address: string; readonly why: string }
  | { readonly kind: "complete"; readonly unmatched: readonly Unmatched[] };

/** What a name server knew when it ended. */
export interface NameSummary {
  readonly isComplete: boolean;
  readonly reported: readonly number[];
  /** Nodes that others named and that never reported. */
  readonly awaited: readonly number[];
  /** Datagrams that were no requests. */
  readonly malformedCount: number;
  /** Requests of nodes for whom there was no room. */
  readonly refusedCount: number;
}

export interface NameServer {
  readonly address: string;
  readonly port: number;
  /** Resolves when it has ended by itself or by its signal, and its socket is closed. */
  readonly ended: Promise<NameSummary>;
}

/** Strangers and claims that are told one by one; more are only counted. */
const TOLD_MAX = 100;

/** What the socket is asked to hold while it is busy: nodes of large jobs report all at once. */
const RECEIVED_BYTES = 4 * 2 ** 20;

/**
 * Tells nodes where others wait for them: each tells its ports and whom it looks for, and when all
 * have, each gets the addresses that the others' datagrams came from. There is no proof of who
 * somebody is, as there was none in the original.
 * @throws ZvmError ZVM_NAMES where it cannot listen
 */
export async function serveNames(options: NameServerOptions): Promise<NameServer> {
  const socket = createSocket({ type: "udp4", recvBufferSize: RECEIVED_BYTES });
  const { host, port } = options;
  await new Promise<void>((resolve, reject) => {
    socket.once("error", (cause) => {
      socket.close();
      reject(cannotListen(host, port, cause));
    });
    socket.bind({ address: host, port, exclusive: true }, resolve);
  });
  const service = new NameService(socket, options);
  const bound = socket.address();
  return { address: bound.address, port: bound.port, ended: service.ended };
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): ZvmError {
  const reason = NO_LISTENING[cause.code ?? ""] ?? cause.code ?? cause.message;
  const message = `The name server cannot listen at ${printable(host)}, UDP port ${port}: ${reason}`;
  return new ZvmError("ZVM_NAMES", message, { cause });
}

/** What the system says, and what to do about it. */
const NO_LISTENING: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is taken (port 0 takes any that is free)",
  EADDRNOTAVAIL: "this host has no such address",
  EACCES: "this user may not have the port (those from 1024 on need no right)",
  ENOTFOUND: "there is no host of this name",
};

class NameService {
  readonly ended: Promise<NameSummary>;
  readonly #socket: Socket;
  readonly #options: NameServerOptions;
  readonly #table: NameTable;
  /** Answers that the system has not taken yet. */
  readonly #sending = new Set<Promise<void>>();
  #malformedCount = 0;
  #refusedCount = 0;
  #toldCount = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, options: NameServerOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#table = new NameTable(options.nodes);
    const { promise, resolve } = withResolver();
    this.ended = promise.then(() => this.#summary());
    const end = (): void => {
      clearTimeout(this.#timer);
      options.signal?.removeEventListener("abort", end);
      void this.#close().then(resolve);
    };
    socket.on("message", (bytes, { address, port }) => this.#take(bytes, { address, port }, end));
    // What one datagram brings about is no reason to leave the others without an answer.
    socket.on("error", () => undefined);
    if (options.signal?.aborted === true) end();
    else options.signal?.addEventListener("abort", end);
  }

  #take(bytes: Buffer, from: { address: string; port: number }, end: () => void): void {
    const request = decodeRequest(bytes);
    // Nobody can be answered at port 0.
    if (typeof request === "string" || from.port === 0) {
      this.#malformedCount += 1;
      return;
    }
    const done = this.#table.register(request, bytes, from);
    this.#tell(done, from);
    if (done.kind === "refused") return;
    for (const reply of done.replies) this.#send(reply);
    if (done.completes) this.#timer = setTimeout(end, this.#options.lingerMs);
  }

  #tell(done: Registration, from: Sender): void {
    const { address } = from;
    if (done.kind === "refused") {
      this.#refusedCount += 1;
      this.#tellRarely({ kind: "refused", address, why: done.why });
      return;
    }
    const { node, isNew, former, completes } = done;
    if (isNew) this.#emit({ kind: "reported", node, address, count: this.#table.count });
    if (former !== undefined) this.#tellRarely({ kind: "claimed", node, now: from, former });
    if (completes) this.#emit({ kind: "complete", unmatched: this.#table.unmatched });
  }

  #emit(event: NameEvent): void {
    this.#options.onEvent?.(event);
  }

  /** Who sends datagrams does not get to fill a log with them. */
  #tellRarely(event: NameEvent): void {
    this.#toldCount += 1;
    if (this.#toldCount <= TOLD_MAX) this.#emit(event);
  }

  /** An answer that cannot be sent is a lost one: who waits for it asks again. */
  #send({ to, bytes }: NameReply): void {
    const sent = new Promise<void>((resolve) => {
      this.#socket.send(bytes, to.port, to.address, () => resolve());
    }).then(() => {
      this.#sending.delete(sent);
    });
    this.#sending.add(sent);
  }

  async #close(): Promise<void> {
    this.#socket.removeAllListeners("message");
    await Promise.all(this.#sending);
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #summary(): NameSummary {
    const { isComplete, reported, awaited } = this.#table;
    const counts = { malformedCount: this.#malformedCount, refusedCount: this.#refusedCount };
    return { isComplete, reported, awaited, ...counts };
  }
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
