import { hostKey, type Spot, type StorageHost } from "../../placement/index.ts";
import {
  HOLD_ANSWER_BYTES_MAX,
  type Hold,
  type HoldAnswer,
  type SetErrand,
  transactionOf,
  unpackHoldAnswer,
  writePart,
} from "../orders/index.ts";
import { innerPath } from "../storage/index.ts";
import { HostLost, type NodeReply, type ObjectServers } from "./object-servers.ts";

/** What a host said when it was asked to hold a place. */
export type Asked =
  | { readonly kind: "answer"; readonly answer: HoldAnswer }
  | { readonly kind: "busy" }
  /** It has no worker, or that has no door for wires. */
  | { readonly kind: "elsewhere"; readonly why: string };

/** A place that is held, or may be. */
export interface Ticket {
  readonly host: StorageHost;
  readonly partition: number;
  readonly ticket: string;
}

/** A worker answers at once, for it looks up a table; an object server may have more to do. */
const ANSWER_MS_MAX = 5000;

/** Has places held for the nodes of one job, by way of the object servers of their hosts. */
export class SeatHolder {
  readonly #servers: ObjectServers;
  readonly #job: { readonly id: string; readonly account: string };

  constructor(servers: ObjectServers, job: { readonly id: string; readonly account: string }) {
    this.#servers = servers;
    this.#job = job;
  }

  /** Has a place held, or held on. @throws HostLost; the reason of the signal */
  async hold({ host, partition }: Spot, hold: Hold, signal: AbortSignal): Promise<Asked> {
    const { ticket } = hold;
    const late = AbortSignal.timeout(ANSWER_MS_MAX);
    const at = { host, partition, ticket };
    const reply = await this.#send(at, { version: 1, hold }, AbortSignal.any([signal, late])).catch(
      (cause: unknown) => {
        if (late.aborted && !signal.aborted) throw new HostLost("it does not answer", { cause });
        throw cause;
      },
    );
    try {
      const { status, reason } = reply;
      if (reason === "busy") return { kind: "busy" };
      if (status === 200 && reason === "") {
        return { kind: "answer", answer: await answerOf(reply) };
      }
      const why = reason === "" ? `status ${status}` : `status ${status}, ${reason}`;
      return { kind: "elsewhere", why };
    } finally {
      reply.close();
    }
  }

  /** Gives places back. Nobody waits for that: what is not heard is over after a minute. */
  release(tickets: readonly Ticket[]): void {
    const byHost = new Map<string, Ticket[]>();
    for (const one of tickets) {
      const key = hostKey(one.host);
      byHost.set(key, [...(byHost.get(key) ?? []), one]);
    }
    for (const all of byHost.values()) void this.#releaseAt(all);
  }

  async #releaseAt(tickets: readonly Ticket[]): Promise<void> {
    const [first] = tickets;
    if (first === undefined) return;
    const release = tickets.map(({ ticket }) => ticket);
    try {
      const signal = AbortSignal.timeout(ANSWER_MS_MAX);
      (await this.#send(first, { version: 1, release }, signal)).close();
    } catch {
      // A host that does not hear it is lost, or gives the places back by itself.
    }
  }

  async #send(at: Ticket, errand: SetErrand, signal: AbortSignal): Promise<NodeReply> {
    const { id, account } = this.#job;
    return await this.#servers.send({
      host: at.host,
      partition: at.partition,
      path: innerPath({ account }),
      policy: 0,
      transaction: transactionOf(id, at.ticket),
      body: () => writePart([Buffer.from(JSON.stringify(errand))]),
      timeoutMs: ANSWER_MS_MAX,
      signal,
    });
  }
}

/** An answer that breaks off, or is none, is that of a host that was lost. */
async function answerOf({ parts }: NodeReply): Promise<HoldAnswer> {
  try {
    return unpackHoldAnswer(await parts.text(HOLD_ANSWER_BYTES_MAX));
  } catch (cause) {
    throw new HostLost(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
