/** The order of a session, from all that was judged and opened for it. */
import type { Limits } from "../../base/index.ts";
import type { ZrtConfig } from "../../zrt/nvram/index.ts";
import {
  type Cell,
  ORDER_VERSION,
  type Order,
  type OrderChannel,
  type OrderExport,
  type OrderNexe,
  type WaitingGuest,
} from "../cell/index.ts";
import type { Manifest } from "../manifest/index.ts";
import type { Prepared, Program } from "../program/index.ts";
import type { Talk } from "./converse.ts";
import type { Handovers } from "./handovers.ts";
import type { HeldWires } from "./held-wires.ts";
import { STANDARD_HASH } from "./make-report.ts";
import { giveFurther } from "./nexe-layout.ts";
import type { SessionImage, SessionModule, SessionRequest } from "./request.ts";
import { usedTier } from "./used-tier.ts";

/** How a session is run where a guest is prepared for others. */
export interface Preparation {
  readonly cell: Cell;
  /** The guest waits at its point. */
  onWaiting(guest: WaitingGuest): void;
  /** The talk with the cell in place of this one, for who wants to keep more of it. */
  around?(talk: Talk): Talk;
}

/** What an order is made from besides the channels. */
export interface Plan {
  readonly request: SessionRequest;
  readonly preparation: Preparation | undefined;
  readonly module: Prepared | SessionModule;
  readonly looksItself: boolean;
  readonly program: Program;
  /** The same for the same program, prepared in the same way. */
  readonly programKey: string;
  readonly nexe: OrderNexe | undefined;
  readonly functionCount: number;
  readonly config: ZrtConfig;
  readonly limits: Limits;
  readonly exports: readonly OrderExport[];
  readonly images: readonly SessionImage[];
  readonly warnings: readonly string[];
  readonly startMs: number;
  readonly wires: HeldWires;
}

/** All of the order but its images, which a guest that waits at its point has already. */
export function bareOrder(
  plan: Plan,
  program: Order["program"],
  channels: readonly OrderChannel[],
  handovers: Handovers,
): Order {
  const { request, config, limits } = plan;
  const { manifest } = request;
  return {
    version: ORDER_VERSION,
    program,
    functionCount: plan.functionCount,
    limits,
    ...(manifest.fuel === undefined ? {} : { fuel: manifest.fuel }),
    ...(plan.nexe && { nexe: { ...plan.nexe, ...giveFurther(plan.program, handovers) } }),
    ...(plan.preparation === undefined ? {} : { prepares: true }),
    ...(plan.preparation !== undefined && config.precache ? { precache: true } : {}),
    ...freezingOf(plan, handovers),
    tier: usedTier(request),
    hash: manifest.etag ?? STANDARD_HASH,
    memoryEtag: manifest.memory.etag,
    clock: clockOf(manifest, config),
    seed: manifest.seed,
    channels,
    args: config.args,
    env: config.env,
    mapping: config.mapping,
    images: [],
    exports: plan.exports,
    preopens: request.preopens ?? [],
  };
}

/** The order with the images of the session. */
export function withImages(order: Order, { images }: Plan, handovers: Handovers): Order {
  return {
    ...order,
    images: images.map((image) => ({ ...image, fd: handovers.give(image.fd) })),
  };
}

/** What a guest is frozen into, or goes on from. */
function freezingOf(
  { request, program }: Plan,
  handovers: Handovers,
): Pick<Order, "freezes" | "frozen"> {
  const { freezing } = request;
  const frozen = program.frozen ?? program.nexe?.image;
  return {
    ...(freezing !== undefined && {
      freezes: {
        fd: handovers.give(freezing.fd),
        values: freezing.values,
        tables: freezing.tables,
      },
    }),
    ...(frozen !== undefined && {
      frozen: { clockNs: frozen.clockNs, entropyBytes: frozen.entropyBytes },
    }),
  };
}

/** The manifest's clock; where it names none, the start that ZRT's configuration names. */
function clockOf(manifest: Manifest, config: ZrtConfig): Order["clock"] {
  return manifest.clock === 0 ? (config.seconds ?? 0) : manifest.clock;
}
