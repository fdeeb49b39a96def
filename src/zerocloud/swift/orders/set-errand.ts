import {
  countOf,
  isObject,
  judgeValue,
  listOf,
  NAME,
  optional,
  partOf,
  SWITCH,
  scalar,
  wordOf,
} from "../../../base/index.ts";
import { wireError } from "./parts.ts";

/** What a coordinator asks to have held for one node of a connected set. */
export interface Hold {
  /** Random; whoever knows it may have the place. */
  readonly ticket: string;
  /** Number of the instance. */
  readonly id: number;
  /** Names the set to the workers, and to nobody else. */
  readonly set: string;
  /** When the set began to look for places, in milliseconds since 1970: the first goes first. */
  readonly since: number;
  /** Of all wires of the set, in hexadecimal. */
  readonly key: string;
  /** Names of the wires that the node reads. */
  readonly reads: readonly string[];
}

/** What concerns a connected set before its nodes run: the first part in place of an order. */
export type SetErrand =
  | { readonly version: 1; readonly hold: Hold }
  | { readonly version: 1; readonly release: readonly string[] };

/** Where a worker waits for wires. */
export interface DoorAddress {
  readonly port: number;
  /** The one at which its object server is reached unless given. */
  readonly host?: string;
}

/** What a worker says to `hold`. */
export interface HoldAnswer {
  /** Whether the place is held now. */
  readonly held: boolean;
  /** It is not, and a set that came before has one here: what this one has may be in its way. */
  readonly behind: boolean;
  /** All that the worker has. */
  readonly places: number;
  readonly door: DoorAddress;
}

/** Of what belongs to a set, behind the id of the job in the name of the transaction. */
const TICKET = /^[0-9a-f]{32}$/;
const OF_SET = /\/[0-9a-f]{32}$/;
const KEY = /^[0-9a-f]{64}$/;
const PORT_MAX = 65_535;
/** The most that an answer has. */
export const HOLD_ANSWER_BYTES_MAX = 4096;

/** A ticket, or the name of a set. */
export const TICKET_FORM = scalar("a ticket", (value) => TICKET.test(String(value)));

const ERRAND = partOf<{ version: number; hold: unknown; release: unknown }>({
  version: wordOf([1]),
  hold: optional(
    partOf<Hold>({
      ticket: TICKET_FORM,
      id: countOf("numbers", 1, 2 ** 31),
      set: TICKET_FORM,
      since: countOf("milliseconds", 0, Number.MAX_SAFE_INTEGER),
      key: scalar("a key", (value) => KEY.test(String(value))),
      reads: listOf(NAME),
    }),
  ),
  release: optional(listOf(TICKET_FORM)),
});

const ANSWER = partOf<HoldAnswer>({
  held: SWITCH,
  behind: SWITCH,
  places: countOf("places", 0, 2 ** 20),
  door: partOf<{ port: number; host: string | undefined }>({
    port: countOf("ports", 1, PORT_MAX),
    host: optional(NAME),
  }),
});

/** Name of a transaction for the log of whom it passes, that says that the place is held. */
export function transactionOf(job: string, ticket: string): string {
  return `${job}/${ticket}`;
}

/** Whether a transaction belongs to a connected set. */
export function isTransactionOfSet(transaction: string): boolean {
  return OF_SET.test(transaction);
}

/**
 * The first part of what belongs to a set.
 * @returns undefined where it is something else, such as an order
 * @throws ZvmError ZVM_SWIFT_WIRE
 */
export function unpackSetErrand(text: string): SetErrand | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || !("hold" in value || "release" in value)) return undefined;
    judgeValue("unpackSetErrand", value, ERRAND);
    return value as unknown as SetErrand;
  } catch (cause) {
    throw wireError("the first part is no order", cause);
  }
}

/** @throws ZvmError ZVM_SWIFT_WIRE */
export function unpackHoldAnswer(text: string): HoldAnswer {
  try {
    const value: unknown = JSON.parse(text);
    judgeValue("unpackHoldAnswer", value, ANSWER);
    return value as HoldAnswer;
  } catch (cause) {
    throw wireError("the first part does not say whether a place is held", cause);
  }
}
