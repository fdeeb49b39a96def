import {
  CALLBACK,
  countOf,
  type Fields,
  type Form,
  optional,
  recordOf,
  scalar,
  TEXT,
  wordOf,
} from "../../base/index.ts";
import type { Cell, CompiledModule } from "../cell/index.ts";
import { TIERS, type Tier } from "../report/index.ts";
import type { Isolation } from "../walls/index.ts";

export interface PoolOptions {
  /** Cells that are to wait at any time, at least 1. */
  readonly size: number;
  /**
   * Seconds after which a pool that nobody asked for a cell keeps only one; it never lets go
   * unless given.
   */
  readonly idleSeconds?: number;
  /** Askers that may wait for a cell at a time; a further one is refused. Unless given, 1000. */
  readonly queueMax?: number;
  readonly isolation?: Exclude<Isolation, "none">;
  /**
   * What its cells are for: sessions with the tier `optimise`, or unless given those with another.
   * A session of the other kind gets a new cell.
   */
  readonly tier?: Tier;
  /**
   * What is to be done in each cell before it counts as waiting. A failure of this kind is told to
   * whoever waits, and not tried again until somebody asks.
   */
  readonly prepare?: (cell: Cell) => Promise<unknown>;
  /** The module that `prepare` has each cell compile, where that is all it does. */
  readonly compiled?: CompiledModule;
  /** Called once, when the pool is closed. */
  readonly onClose?: () => void;
}

/** Cells of one pool; each is a process that waits. */
const SIZE_MAX = 10_000;
const QUEUE_MAX = 2 ** 31 - 1;
/** A timer of Node's cannot wait longer, 24 days. */
const IDLE_SECONDS_MAX = 2_147_483;

const IDLE: Form = scalar(`seconds up to ${IDLE_SECONDS_MAX}`, (value) => {
  return typeof value === "number" && value >= 0 && value <= IDLE_SECONDS_MAX;
});

const COUNT: Form = scalar("a count", (value) => Number.isSafeInteger(value));

/** What each option of a pool has to be. */
export const POOL_FIELDS: Fields<PoolOptions> = {
  size: countOf("cells", 1, SIZE_MAX, "ZVM_LIMIT"),
  idleSeconds: optional(IDLE),
  queueMax: optional(countOf("askers", 0, QUEUE_MAX)),
  isolation: optional(wordOf(["full", "weak"])),
  tier: optional(wordOf(TIERS)),
  prepare: optional(CALLBACK),
  compiled: optional(recordOf<CompiledModule>({ key: TEXT, fd: COUNT, sizeBytes: COUNT })),
  onClose: optional(CALLBACK),
};

/** What a pool is given. */
export const POOL_OPTIONS: Form = recordOf<PoolOptions>(POOL_FIELDS);
