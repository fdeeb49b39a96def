import {
  countOf,
  type Form,
  isObject,
  listOf,
  NAME,
  partOf,
  refuse,
  wordOf,
} from "../../../base/index.ts";
import type { NodeEnd } from "../../plan/index.ts";
import { TICKET_FORM } from "./set-errand.ts";

/** Where the other end of a wire is. */
export type WireAt =
  /** At the same worker. */
  | "local"
  /** It comes to the door of this worker. */
  | "door"
  /** The door of its reader. */
  | { readonly host: string; readonly port: number };

/** One wire of a node, as its order tells of it. */
export interface OrderedWire {
  /** `SET/FROM>TO`, with the numbers of instances. */
  readonly name: string;
  readonly way: "in" | "out";
  readonly device: string;
  /** The instance at the other end, and what reports call it. */
  readonly peer: number;
  readonly peerName: string;
  readonly at: WireAt;
}

/** The place that is held for an order, and what connects its node. */
export interface OrderedSeat {
  readonly ticket: string;
  /** Channel by channel, in the order of the manifest, and of the instances at their other ends. */
  readonly wires: readonly OrderedWire[];
}

/** The channels of a node that lead to others. */
export function endsOf(wires: readonly OrderedWire[]): readonly NodeEnd[] {
  const ends = new Map<string, { readonly end: NodeEnd; readonly peers: number[] }>();
  for (const { device, way, peer } of wires) {
    const known = ends.get(device);
    if (known !== undefined) {
      known.peers.push(peer);
      continue;
    }
    const peers = [peer];
    ends.set(device, { end: { device, access: way === "in" ? "read" : "write", peers }, peers });
  }
  return [...ends.values()].map(({ end }) => end);
}

const INSTANCE = countOf("numbers", 1, 2 ** 31);
const PORT = countOf("ports", 1, 65_535);
const DOOR = partOf<{ host: string; port: number }>({ host: NAME, port: PORT });

const AT: Form = (value, place) => {
  if (isObject(value)) DOOR(value, place);
  else if (value !== "local" && value !== "door") refuse(place, "where a wire ends", value);
};

/** Of an order. */
export const SEAT_FORM = partOf<OrderedSeat>({
  ticket: TICKET_FORM,
  wires: listOf(
    partOf<OrderedWire>({
      name: NAME,
      way: wordOf(["in", "out"]),
      device: NAME,
      peer: INSTANCE,
      peerName: NAME,
      at: AT,
    }),
  ),
});
