import type { PeerCalls, StreamBackend, TransferEnd } from "./backend.ts";
import type { SourceName } from "./channel-failure.ts";
import { type MessageIntake, OpenIntake, SealedIntake } from "./message-intake.ts";
import { forMessages, MessageOutlet } from "./message-outlet.ts";
import type { PendingWrites } from "./pending-writes.ts";
import type { Seal, Wire, WireParts } from "./wire.ts";
import { asPeerLost, corrupted, peerLost } from "./wire-failure.ts";
import {
  DATA_BYTES_MAX,
  type EndOfWire,
  endBody,
  type Head,
  readEnd,
  readReason,
  reasonBody,
} from "./wire-message.ts";

export interface WireBackendOptions extends WireParts {
  /** Whose bytes they are, for messages. */
  readonly source: SourceName;
  /** The small writes of the session, which go out before anything waits. */
  readonly pending: PendingWrites;
}

/** The end of a wire that a session writes to. */
export function wireWriter(options: WireBackendOptions): StreamBackend {
  return new WireWriter(options);
}

/** The end of a wire that a session reads from. */
export function wireReader(options: WireBackendOptions): StreamBackend {
  return new WireReader(options);
}

abstract class WireBackend implements StreamBackend {
  readonly kind = "stream";
  readonly interactive = false;
  readonly peer: PeerCalls;
  protected readonly options: WireBackendOptions;
  protected dataBytes = 0;
  #crc = 0;
  protected closing = { reads: 0, readBytes: 0, writes: 0 };

  constructor(options: WireBackendOptions, reads: boolean) {
    this.options = options;
    const closing = (): PeerCalls["closing"] => this.closing;
    this.peer = {
      reads,
      advance: (digest) => this.advance(digest),
      break: (why) => this.break(why),
      get closing() {
        return closing();
      },
    };
  }

  abstract read(memory: Uint8Array, start: number, size: number): number;
  abstract write(memory: Uint8Array, start: number, size: number): void;
  abstract close(sizeBytes: number, digest?: TransferEnd): void;
  protected abstract advance(digest?: TransferEnd): boolean;
  protected abstract break(why: string): void;

  protected count(memory: Uint8Array, start: number, size: number): void {
    this.dataBytes += size;
    const { crc32 } = this.options;
    if (crc32 !== undefined) this.#crc = crc32(memory.subarray(start, start + size), this.#crc);
  }

  /** What was summed up so far, where it is. */
  protected get sum(): Pick<EndOfWire, "crc32"> {
    return this.options.crc32 === undefined ? {} : { crc32: this.#crc };
  }

  protected lost(why: string): Error {
    return peerLost(this.options.source, this.options.peer, why);
  }

  protected failed(error: unknown): unknown {
    return asPeerLost(this.options.source, this.options.peer, error);
  }
}

class WireWriter extends WireBackend {
  readonly #outlet: MessageOutlet;
  #isEnding = false;

  constructor(options: WireBackendOptions) {
    super(options, false);
    this.#outlet = new MessageOutlet(options.wire, options.seals?.writer);
  }

  read(): number {
    return 0;
  }

  write(memory: Uint8Array, start: number, size: number): void {
    this.options.pending.flush();
    forMessages(size, (at, part) => {
      this.#attempt(() => this.#outlet.send("data", memory, start + at, part));
      this.count(memory, start + at, part);
    });
  }

  close(_sizeBytes: number, digest?: TransferEnd): void {
    this.advance(digest);
    this.#attempt(() => this.#outlet.finish());
    this.closing.writes = 1;
  }

  protected advance(digest?: TransferEnd): boolean {
    const { dataBytes, sum } = this;
    const end = { dataBytes, ...sum, ...(digest !== undefined && { digest }) };
    if (!this.#isEnding) this.#outlet.begin("end", endBody(end));
    this.#isEnding = true;
    return this.#outlet.push();
  }

  protected break(why: string): void {
    this.#outlet.offer("broken", reasonBody(why));
  }

  #attempt(send: () => void): void {
    try {
      send();
    } catch (error) {
      const why = this.#saidWhy();
      throw why === undefined ? this.failed(error) : this.lost(why);
    }
  }

  /** A reader that ended early may have said why, before it closed. */
  #saidWhy(): string | undefined {
    const { wire, seals } = this.options;
    try {
      const intake = intakeOf(glancing(wire), seals?.reader);
      const head = intake.next();
      if (typeof head === "string" || head.kind !== "broken") return undefined;
      return readReason(bodyOf(intake, head));
    } catch {
      return undefined;
    }
  }
}

class WireReader extends WireBackend {
  readonly #intake: MessageIntake;
  /** Bytes that are left of the present message. */
  #left = 0;
  #end: EndOfWire | undefined;
  /** After it nothing that comes means anything. */
  #failure: unknown;
  /** Where the guest had read to when it ended. */
  #unreadFrom: number | undefined;
  #unwanted: Uint8Array | undefined;
  #isAdvancing = false;
  #isClosing = false;

  constructor(options: WireBackendOptions) {
    super(options, true);
    const { wire, seals } = options;
    const receive: Wire["receive"] = (memory, start, size) => {
      if (!this.#isAdvancing) return wire.receive(memory, start, size);
      const got = wire.glance(memory, start, size);
      if (got === undefined) throw NOT_YET;
      return got;
    };
    this.#intake = intakeOf({ ...wire, receive }, seals?.writer);
  }

  read(memory: Uint8Array, start: number, size: number): number {
    this.options.pending.flush();
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return this.#read(memory, start, size);
    } catch (error) {
      if (error === NOT_YET) throw error;
      this.#failure = this.failed(error);
      throw this.#failure;
    }
  }

  /** A reader takes no bytes. */
  write(): void {}

  /** Reads what the guest did not want, so that the writer never notices. */
  close(_sizeBytes: number, digest?: TransferEnd): void {
    this.#isClosing = true;
    const end = this.#end ?? this.#readOut();
    const sent = end.digest;
    if (this.closing.readBytes > 0 || sent === undefined || digest?.hash !== sent.hash) return;
    if (digest.hex !== sent.hex) throw corrupted(this.options.source);
  }

  protected break(why: string): void {
    if (this.#end !== undefined) return;
    new MessageOutlet(this.options.wire, this.options.seals?.reader).offer(
      "broken",
      reasonBody(why),
    );
  }

  /** Who is closing already reads by itself, and may be in the middle of a message. */
  protected advance(): boolean {
    if (this.#isClosing || this.#end !== undefined || this.#failure !== undefined) return false;
    this.#isAdvancing = true;
    try {
      for (let blocks = 0; blocks < ADVANCED_BLOCKS_MAX; blocks += 1) {
        this.#throwAway();
        if (this.#end !== undefined) return false;
      }
      return true;
    } catch {
      // A lost peer is lost still when this end is closed.
      return this.#failure === undefined;
    } finally {
      this.#isAdvancing = false;
    }
  }

  #readOut(): EndOfWire {
    for (;;) {
      this.#throwAway();
      if (this.#end !== undefined) return this.#end;
    }
  }

  #throwAway(): void {
    this.#unwanted ??= new Uint8Array(DATA_BYTES_MAX);
    this.#unreadFrom ??= this.dataBytes;
    this.read(this.#unwanted, 0, this.#unwanted.length);
    if (this.#end === undefined) return;
    const readBytes = this.dataBytes - this.#unreadFrom;
    this.closing = { reads: Math.ceil(readBytes / DATA_BYTES_MAX) + 1, readBytes, writes: 0 };
  }

  #read(memory: Uint8Array, start: number, size: number): number {
    if (this.#end !== undefined) return 0;
    if (this.#left === 0 && !this.#nextData()) return 0;
    const got = this.#intake.take(memory, start, Math.min(size, this.#left));
    if (got === 0) throw this.lost(CLOSED);
    this.#left -= got;
    this.count(memory, start, got);
    return got;
  }

  /** @returns false at the end, which was then checked */
  #nextData(): boolean {
    const head = this.#intake.next();
    if (head === "gone") throw this.lost(CLOSED);
    if (head === "malformed") throw this.lost(NO_MESSAGE);
    if (head.kind === "data") {
      this.#left = head.bodyBytes;
      return true;
    }
    const body = bodyOf(this.#intake, head);
    if (head.kind === "broken") throw this.lost(readReason(body));
    const end = readEnd(body);
    if (end === undefined) throw this.lost(NO_MESSAGE);
    if (end.dataBytes !== this.dataBytes || end.crc32 !== this.sum.crc32) {
      throw corrupted(this.options.source);
    }
    this.#end = end;
    return false;
  }
}

/** What is taken of one wire before others have their turn. */
const ADVANCED_BLOCKS_MAX = 64;

/** Nothing came meanwhile, and nobody waits for it. */
const NOT_YET = new Error("Nothing is there yet");

const CLOSED = "it ended before the end of what it writes";
const NO_MESSAGE = "what it sent is no message";

function intakeOf(wire: Wire, seal: Seal | undefined): MessageIntake {
  return seal === undefined ? new OpenIntake(wire) : new SealedIntake(wire, seal);
}

/** The body of a short message, all of which is here. */
function bodyOf(intake: MessageIntake, { bodyBytes }: Head): Uint8Array {
  const body = new Uint8Array(bodyBytes);
  if (bodyBytes > 0) intake.take(body, 0, bodyBytes);
  return body;
}

/** A wire whose reads give what is there, and its end where nothing is. */
function glancing(wire: Wire): Wire {
  return {
    receive: (memory, start, size) => wire.glance(memory, start, size) ?? 0,
    send: () => undefined,
    glance: (memory, start, size) => wire.glance(memory, start, size),
    offer: () => 0,
  };
}
