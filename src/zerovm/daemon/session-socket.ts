import { createServer, type Server, type Socket } from "node:net";
import { RequestReader } from "./request-reader.ts";
import { SocketName } from "./socket-name.ts";

/** Answers a request; undefined closes the connection without a word. */
export type Answering = (text: Uint8Array) => Promise<string | undefined>;

export interface SocketOptions {
  readonly path: string;
  readonly answer: Answering;
  /** Whether a text that ends earlier than was announced can be a request. */
  readonly isText: (text: Uint8Array) => boolean;
}

/** Clients at a time; a further one is turned away. */
const CLIENTS_MAX = 256;
/** Requests that are answered at a time; others wait for their turn. */
const ANSWERING_MAX = 16;
/** What a client may take to send its request, and then to take its answer. */
const CLIENT_MS_MAX = 10_000;
/** A client that announced too much and says no more for so long has said all. */
const SILENCE_MS = 1000;

/** A Unix socket where each connection brings one request and takes one answer. */
export class SessionSocket {
  readonly #options: SocketOptions;
  readonly #server: Server;
  readonly #clients = new Set<Client>();
  readonly #queue: (() => void)[] = [];
  #name: SocketName | undefined;
  #answering = 0;
  #isClosed = false;

  private constructor(options: SocketOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /**
   * Listens at the path, where nothing may be any more. Nobody who sees the socket is turned away.
   * @throws the error of the host
   */
  static async listen(options: SocketOptions): Promise<SessionSocket> {
    const made = new SessionSocket(options);
    made.#name = await SocketName.give(made.#server, options.path);
    return made;
  }

  /** Takes no more requests, and resolves when the answers to all others were taken. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Before it stops to listen: nobody finds it then.
    this.#name?.remove();
    this.#server.close();
    for (const client of this.#clients) client.stopListening();
    await Promise.all([...this.#clients].map(({ gone }) => gone));
  }

  #accept(socket: Socket): void {
    if (this.#isClosed || this.#clients.size >= CLIENTS_MAX) {
      socket.destroy();
      return;
    }
    const client = new Client(socket, this.#options.isText, (text) => this.#inTurn(text));
    this.#clients.add(client);
    void client.gone.then(() => this.#clients.delete(client));
  }

  async #inTurn(text: Uint8Array): Promise<string | undefined> {
    if (this.#answering >= ANSWERING_MAX) {
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    } else {
      this.#answering += 1;
    }
    try {
      return this.#isClosed ? undefined : await this.#options.answer(text);
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#answering -= 1;
      else next();
    }
  }
}

/** One connection, from its first byte to its end. */
class Client {
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #reader = new RequestReader();
  readonly #isText: SocketOptions["isText"];
  readonly #answer: Answering;
  #silence: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #state: "listens" | "asks" | "answers" = "listens";
  #isLast = false;

  constructor(socket: Socket, isText: SocketOptions["isText"], answer: Answering) {
    this.#socket = socket;
    this.#isText = isText;
    this.#answer = answer;
    this.gone = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("close", () => this.#disarm());
    // Whoever goes away in the middle is told nothing more.
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Uint8Array) => this.#take(chunk));
    socket.on("end", () => this.#ended());
    this.#giveTime();
  }

  /** No request is taken any more; an answer that is on its way is still sent. */
  stopListening(): void {
    this.#isLast = true;
    const isSent = this.#state === "answers" && this.#socket.writableFinished;
    if (this.#state === "listens" || isSent) this.#socket.destroy();
  }

  #take(chunk: Uint8Array): void {
    if (this.#state !== "listens") return;
    const reader = this.#reader;
    reader.take(chunk);
    clearTimeout(this.#silence);
    if (reader.isRefused) this.#socket.destroy();
    else if (reader.isWhole) void this.#ask();
    else this.#silence = setTimeout(() => this.#fellSilent(), SILENCE_MS);
  }

  #ended(): void {
    if (this.#state !== "listens") return;
    if (this.#reader.textBytes > 0) void this.#ask();
    else this.#socket.destroy();
  }

  #fellSilent(): void {
    const { textBytes } = this.#reader;
    if (textBytes > 0 && this.#isText(this.#reader.text())) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#state = "asks";
    this.#disarm();
    // Nothing more is of use, and nothing more is kept.
    this.#socket.pause();
    const answer = await this.#answer(this.#reader.text());
    if (answer === undefined || this.#socket.destroyed) {
      this.#socket.destroy();
      return;
    }
    this.#state = "answers";
    this.#giveTime();
    // What it sends now is read and thrown away: the system would else break the connection before
    // the answer is read.
    this.#socket.resume();
    this.#socket.end(answer, () => {
      if (this.#isLast) this.#socket.destroy();
    });
  }

  #giveTime(): void {
    this.#deadline = setTimeout(() => this.#socket.destroy(), CLIENT_MS_MAX);
  }

  #disarm(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#deadline);
  }
}
