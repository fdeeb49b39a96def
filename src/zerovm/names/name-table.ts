import {
  encodeAnswer,
  type NameBind,
  type NamedPlace,
  type NameRequest,
  NOWHERE,
} from "./packet.ts";

/** Where a datagram came from, and where its answer goes. */
export interface Sender {
  /** A dotted IPv4 address. */
  readonly address: string;
  readonly port: number;
}

/** An answer to be sent. */
export interface NameReply {
  readonly to: Sender;
  readonly bytes: Buffer;
}

/** A node that looks for one that has reported and does not wait for it, or that never came. */
export interface Unmatched {
  readonly node: number;
  readonly peer: number;
}

/** What came of one request. */
export type Registration =
  /** Too many nodes or bytes; nothing was kept of it. */
  | { readonly kind: "refused"; readonly why: string }
  | {
      readonly kind: "registered";
      readonly node: number;
      /** Whether it is the first time that this node was heard of. */
      readonly isNew: boolean;
      /** Who had claimed the number before, where that is another one by what is known. */
      readonly former: Sender | undefined;
      /** Whether the last of all nodes reported by this. */
      readonly completes: boolean;
      /** Answers to send now: none as long as nodes are missing. */
      readonly replies: readonly NameReply[];
    };

/** Bytes of requests that a table keeps; a job whose nodes have more cannot connect by it. */
export const HELD_BYTES_MAX = 16 * 2 ** 20;

interface Entry {
  readonly request: NameRequest;
  readonly bytes: Uint8Array;
  readonly from: Sender;
  /** Bound ports by peer; of two for one peer the later holds. */
  readonly ports: ReadonlyMap<number, number>;
}

/**
 * What a name server for a number of nodes knows. It answers nobody before all have reported, and
 * then everybody. A node that reports again replaces what it had said: it may have been started
 * again, with other ports. Of two that claim one number the later holds, wherever it is.
 */
export class NameTable {
  readonly #entries = new Map<number, Entry>();
  readonly #nodeCount: number;
  readonly #heldBytesMax: number;
  #heldBytes = 0;

  constructor(nodeCount: number, heldBytesMax = HELD_BYTES_MAX) {
    this.#nodeCount = nodeCount;
    this.#heldBytesMax = heldBytesMax;
  }

  /** Whether all nodes have reported. */
  get isComplete(): boolean {
    return this.#entries.size === this.#nodeCount;
  }

  /** How many nodes reported. */
  get count(): number {
    return this.#entries.size;
  }

  /** The nodes that reported, in ascending order. */
  get reported(): readonly number[] {
    return [...this.#entries.keys()].toSorted((a, b) => a - b);
  }

  /** Nodes that others bind for or look for, and that did not report themselves; ascending. */
  get awaited(): readonly number[] {
    const peers = [...this.#entries.values()].flatMap(({ request }) =>
      [...request.binds, ...request.connects].map(({ peer }) => peer),
    );
    const awaited = new Set(peers.filter((peer) => !this.#entries.has(peer)));
    return [...awaited].toSorted((a, b) => a - b);
  }

  /** Takes a request with its bytes, which are kept. */
  register(request: NameRequest, bytes: Uint8Array, from: Sender): Registration {
    const { node } = request;
    const former = this.#entries.get(node);
    const refusal = this.#refusalOf(node, bytes.length - (former?.bytes.length ?? 0));
    if (refusal !== undefined) return { kind: "refused", why: refusal };
    const wasComplete = this.isComplete;
    this.#heldBytes += bytes.length - (former?.bytes.length ?? 0);
    this.#entries.set(node, { request, bytes, from, ports: portsOf(request.binds) });
    const isOther = former !== undefined && isOtherSender(former, { bytes, from });
    return {
      kind: "registered",
      node,
      isNew: former === undefined,
      former: isOther ? former.from : undefined,
      completes: this.isComplete && !wasComplete,
      replies: this.#repliesFor(node, former, wasComplete),
    };
  }

  /** The connect records that have no answer: their peers bound nothing for them, or never came. */
  get unmatched(): readonly Unmatched[] {
    return [...this.#entries.values()].flatMap(({ request: { node, connects } }) =>
      connects.map(({ peer }) => ({ node, peer })).filter((it) => this.#placeFor(it) === NOWHERE),
    );
  }

  #refusalOf(node: number, moreBytes: number): string | undefined {
    if (this.isComplete && !this.#entries.has(node)) {
      return `all ${this.#nodeCount} nodes are others: ${listOf(this.reported)}`;
    }
    if (this.#heldBytes + moreBytes <= this.#heldBytesMax) return undefined;
    return `the requests of all nodes have more than ${this.#heldBytesMax} bytes`;
  }

  /**
   * The last node has all be answered. One that repeats what it said had lost its answer, and gets
   * it again; one that says something else changes the answers of others too.
   */
  #repliesFor(node: number, former: Entry | undefined, wasComplete: boolean): NameReply[] {
    if (!this.isComplete) return [];
    const own = this.#entries.get(node);
    const isRepeated = wasComplete && own !== undefined && isSame(former, own);
    const answered = isRepeated ? [own] : [...this.#entries.values()];
    return answered.map(({ request, from }) => ({
      to: from,
      bytes: encodeAnswer(
        request,
        request.connects.map(({ peer }) => this.#placeFor({ node: request.node, peer })),
      ),
    }));
  }

  #placeFor({ node, peer }: Unmatched): NamedPlace {
    const entry = this.#entries.get(peer);
    const port = entry?.ports.get(node);
    return entry === undefined || !port ? NOWHERE : { address: entry.from.address, port };
  }
}

const LISTED_MAX = 10;

/** Some numbers for people: all of few, the first of many. */
export function listOf(numbers: readonly number[]): string {
  const more = numbers.length - LISTED_MAX;
  const listed = numbers.slice(0, LISTED_MAX).join(", ");
  return more > 0 ? `${listed} and ${more} more` : listed;
}

function portsOf(binds: readonly NameBind[]): ReadonlyMap<number, number> {
  return new Map(binds.map(({ peer, port }) => [peer, port]));
}

/** The port of the sender is the asker's alone: another one changes no answer but its own. */
function isSame(former: Entry | undefined, now: Entry): boolean {
  if (former === undefined || former.from.address !== now.from.address) return false;
  return Buffer.compare(former.bytes, now.bytes) === 0;
}

/** An address may have two sessions; another port of it that says the same is a restart. */
function isOtherSender(
  former: Pick<Entry, "from" | "bytes">,
  now: Pick<Entry, "from" | "bytes">,
): boolean {
  if (former.from.address !== now.from.address) return true;
  return former.from.port !== now.from.port && Buffer.compare(former.bytes, now.bytes) !== 0;
}
