import { type Plan, type PlannedNode, pathOfItem, type StoredItem } from "../plan/index.ts";
import type { Located } from "./storage-host.ts";

/** Why the bytes of an object are not those of one file of a replica, so that they are brought. */
export type NotInPlace = "large object" | "symlink" | "encrypted" | "erasure coded" | "a range";

/** What is known of an object that a node reads. */
export interface ItemFacts {
  readonly sizeBytes: number;
  /** Missing where it can be read from the disk of a replica. */
  readonly notInPlace?: NotInPlace;
}

/** What placement asks of a cluster; everything is known before. */
export interface ClusterView {
  /** Undefined where nothing is known: then nothing runs beside it. */
  facts(item: StoredItem): ItemFacts | undefined;
  /** Where an object lies; asked for those of `itemsToLocate`. */
  located(item: StoredItem): Located | undefined;
  /** Any partitions, for nodes that read nothing in place. They should name many hosts. */
  readonly anywhere: readonly Located[];
}

/** The object beside which a node is to run, or why there is none. */
export type Beside =
  | {
      readonly kind: "object";
      readonly item: StoredItem;
      readonly access: "read" | "write";
      readonly sizeBytes: number;
      /** How it was chosen, in words that its path follows. */
      readonly words: string;
    }
  | { readonly kind: "anywhere"; readonly words: string };

interface Candidate {
  readonly item: StoredItem;
  readonly device: string;
  readonly facts: ItemFacts | undefined;
}

/**
 * What a node runs beside: the input that `attach` names, else its largest. Inputs that cannot be
 * read in place do not count. A node that reads nothing stored but is attached to what it writes
 * runs beside that.
 */
export function besideOf(node: PlannedNode, cluster: Pick<ClusterView, "facts">): Beside {
  const inputs = inputsOf(node, cluster);
  const { attach, attachment } = node;
  if (attach !== undefined && !inputs.some(({ device }) => device === attach)) {
    if (attachment?.access === "write") return besideOutput(attachment.item);
    return { kind: "anywhere", words: `${attach}, which attach names, reads no object` };
  }
  const named = inputs.find(({ device }) => device === attach);
  if (named !== undefined && isInPlace(named)) return besideInput(named, "the input of attach");
  const inPlace = inputs.filter(isInPlace);
  if (inPlace.length > 0) {
    const largest = inPlace.reduce((one, other) => (sizeOf(other) > sizeOf(one) ? other : one));
    const which = inPlace.length < inputs.length ? " that can be read in place" : "";
    return besideInput(largest, inputs.length === 1 ? "its input" : `its largest input${which}`);
  }
  if (inputs.length === 0 && attachment?.access === "write") return besideOutput(attachment.item);
  return { kind: "anywhere", words: whyNone(inputs) };
}

/** Objects that have to be looked at before their nodes are placed, each once. */
export function itemsToKnow(plan: Plan): readonly StoredItem[] {
  return onceEach(plan.nodes.flatMap((node) => inputItemsOf(node).map(({ item }) => item)));
}

/** Objects that have to be looked up in a ring before their nodes are placed, each once. */
export function itemsToLocate(
  plan: Plan,
  cluster: Pick<ClusterView, "facts">,
): readonly StoredItem[] {
  return onceEach(
    plan.nodes.flatMap((node) => {
      const beside = besideOf(node, cluster);
      return beside.kind === "object" ? [beside.item] : [];
    }),
  );
}

function onceEach(items: readonly StoredItem[]): readonly StoredItem[] {
  return [...new Map(items.map((item) => [pathOfItem(item), item])).values()];
}

/** Containers do not count: their listings come from the proxy. */
function inputItemsOf({ channels }: PlannedNode): Omit<Candidate, "facts">[] {
  return channels.flatMap((channel) =>
    channel.kind === "input" && channel.item.object !== undefined
      ? [{ item: channel.item, device: channel.device }]
      : [],
  );
}

function inputsOf(node: PlannedNode, cluster: Pick<ClusterView, "facts">): Candidate[] {
  return inputItemsOf(node).map((input) => ({ ...input, facts: cluster.facts(input.item) }));
}

function isInPlace({ facts }: Candidate): boolean {
  return facts !== undefined && facts.notInPlace === undefined;
}

function sizeOf({ facts }: Candidate): number {
  return facts?.sizeBytes ?? 0;
}

function besideInput(input: Candidate, words: string): Beside {
  return { kind: "object", item: input.item, access: "read", sizeBytes: sizeOf(input), words };
}

function besideOutput(item: StoredItem): Beside {
  return { kind: "object", item, access: "write", sizeBytes: 0, words: "its output" };
}

function whyNone(inputs: readonly Candidate[]): string {
  const [first] = inputs;
  if (first === undefined) return "it reads nothing stored";
  const path = pathOfItem(first.item);
  const { facts } = first;
  if (facts?.notInPlace === undefined) return `nothing is known of ${path}`;
  const more = inputs.length === 1 ? "" : ", nor can its other inputs be read in place";
  return `${path} cannot be read in place (${facts.notInPlace})${more}`;
}
