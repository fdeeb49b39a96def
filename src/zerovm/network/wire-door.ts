import { createServer, type Server, type Socket } from "node:net";
import { assert } from "../../base/index.ts";
import { Caller, type Refusal } from "./caller.ts";
import { isWireName } from "./greeting-codec.ts";
import { closeQuietly } from "./raw-socket.ts";
import { GREETING_MS, type Wire, WireError } from "./wire.ts";

export interface DoorOptions {
  /** An address of this host; all of them unless given. */
  readonly host?: string | undefined;
  /** 0: any that is free. */
  readonly port: number;
  /** How long a connection may take to greet, and to be expected. */
  readonly greetingMs?: number;
  /** How many connections may be there that are not wires yet. */
  readonly callersMax?: number;
}

export interface Expecting {
  /** What both sides have to prove to know. */
  readonly key?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Expected {
  readonly key: Uint8Array | undefined;
  settle(wire: Wire | Error): void;
}

/** Each takes a descriptor and less than a kilobyte. A true writer that has to go comes again. */
const CALLERS_MAX = 512;

/**
 * Where readers wait for the wires that writers connect. Whoever connects may say what it is for
 * before anybody waits for that: then it waits as well, for a bounded time. All are served side by
 * side: who is silent keeps nobody else out.
 */
export class WireDoor {
  readonly #server: Server;
  readonly #callers = new Set<Caller>();
  readonly #expected = new Map<string, Expected>();
  readonly #greetingMs: number;
  readonly #callersMax: number;
  readonly #refusals = new Map<Refusal, number>();
  #isClosed = false;

  /**
   * Listens.
   * @throws the error of the host where the address cannot be had
   */
  static async open(options: DoorOptions): Promise<WireDoor> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.once("listening", resolve);
      const { host, port } = options;
      server.listen({ port, ...(host !== undefined && { host }) });
    });
    return new WireDoor(server, options);
  }

  private constructor(server: Server, { greetingMs, callersMax }: DoorOptions) {
    this.#server = server;
    this.#greetingMs = greetingMs ?? GREETING_MS;
    this.#callersMax = callersMax ?? CALLERS_MAX;
    // A host that is short of descriptors accepts again when it has some.
    server.on("error", () => undefined);
    server.on("connection", (socket) => this.#greet(socket));
  }

  get port(): number {
    const address = this.#server.address();
    assert(typeof address === "object" && address !== null, "an open door has an address");
    return address.port;
  }

  /** How many connected so far that are no wires, by why they are not. */
  get refusals(): ReadonlyMap<Refusal, number> {
    return this.#refusals;
  }

  /**
   * The wire of this name, as soon as its writer has connected and proved the key.
   * @throws the reason of the signal; WireError when the door is closed
   */
  async expect(name: string, { key, signal }: Expecting = {}): Promise<Wire> {
    assert(isWireName(name), "names of wires fit a greeting");
    assert(!this.#expected.has(name), "nobody waits twice for one wire");
    signal?.throwIfAborted();
    if (this.#isClosed) throw new WireError(CLOSED);
    return await new Promise<Wire>((resolve, reject) => {
      const abort = (): void => this.#settle(name, reasonOf(signal));
      const settle = (wire: Wire | Error): void => {
        signal?.removeEventListener("abort", abort);
        if (wire instanceof Error) reject(wire);
        else resolve(wire);
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#expected.set(name, { key, settle });
      for (const caller of this.#callersOf(name)) caller.answer(key);
    });
  }

  /** Ends all waiting and closes what is no wire yet. Wires that were handed out stay. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#server.close();
    for (const caller of [...this.#callers]) caller.drop();
    for (const name of [...this.#expected.keys()]) this.#settle(name, new WireError(CLOSED));
  }

  #greet(socket: Socket): void {
    if (this.#isClosed) {
      socket.destroy();
      return;
    }
    if (this.#callers.size >= this.#callersMax) this.#makeRoom();
    const caller = new Caller(
      socket,
      {
        onHello: (it, { name }) => {
          const expected = this.#expected.get(name);
          if (expected !== undefined) it.answer(expected.key);
        },
        onProved: (it) => this.#admit(it),
        onRefused: (why) => this.#refusals.set(why, (this.#refusals.get(why) ?? 0) + 1),
        onGone: (it) => this.#callers.delete(it),
      },
      this.#greetingMs,
    );
    this.#callers.add(caller);
  }

  /** The longest there goes, first of those that nobody waits for: a true writer comes again. */
  #makeRoom(): void {
    let oldest: Caller | undefined;
    for (const caller of this.#callers) {
      oldest ??= caller;
      if (caller.isAnswered) continue;
      oldest = caller;
      break;
    }
    oldest?.drop();
  }

  /** The first that proves itself is the wire, and others of its name are not. */
  #admit(caller: Caller): void {
    const name = caller.name ?? "";
    const wire = this.#expected.has(name) ? caller.admit() : undefined;
    if (wire === undefined) caller.drop();
    else this.#settle(name, wire);
  }

  #settle(name: string, wire: Wire | Error): void {
    const expected = this.#expected.get(name);
    if (expected === undefined) {
      if (!(wire instanceof Error)) closeQuietly(wire.fd);
      return;
    }
    this.#expected.delete(name);
    expected.settle(wire);
    for (const other of this.#callersOf(name)) if (other.isAnswered) other.drop();
  }

  #callersOf(name: string): Caller[] {
    return [...this.#callers].filter((caller) => caller.name === name);
  }
}

const CLOSED = "Nobody waits for wires here any more";

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error("Nobody waits for the wire any more");
}
