import { deviceKey, hostKey, keysOf, type StorageHost } from "./storage-host.ts";

/** What runs on a server. */
export interface HostLoad {
  readonly sessions: number;
  /** What those sessions read there. */
  readonly bytes: number;
}

/** Nothing runs there. */
export const NO_LOAD: HostLoad = Object.freeze({ sessions: 0, bytes: 0 });

/** How long a host is left alone after its first failure, and at most after many. */
export const FIRST_REST_MS = 1000;
export const LONGEST_REST_MS = 60_000;

interface Failures {
  readonly count: number;
  readonly untilMs: number;
}

/** What failed: a whole server, or one disk of it (507). */
export type FailedPart = "server" | "device";

/**
 * What a coordinator knows of the hosts that it sends nodes to: what runs there, and which failed.
 * A host that failed is left alone for a second, and twice as long after each further failure, a
 * minute at most. It counts servers that it heard of, and those are no more than the rings have.
 */
export class HostBook {
  readonly #nowMs: () => number;
  readonly #loads = new Map<string, HostLoad>();
  /** By servers and by devices. */
  readonly #failures = new Map<string, Failures>();
  #revision = 0;

  /** @param nowMs a clock that never goes back. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs();
  }

  /** Counts a session on a host. @returns ends it; may be called more than once. */
  enter(host: StorageHost, sizeBytes: number): () => void {
    const key = hostKey(host);
    this.#add(key, 1, sizeBytes);
    let isIn = true;
    return () => {
      if (isIn) this.#add(key, -1, -sizeBytes);
      isIn = false;
    };
  }

  loadOf(host: StorageHost): HostLoad {
    return this.loadAt(hostKey(host));
  }

  /** The load of a server by its key. */
  loadAt(key: string): HostLoad {
    return this.#loads.get(key) ?? NO_LOAD;
  }

  /** A session failed there by no fault of its own. Those that fail together count once. */
  failed(host: StorageHost, part: FailedPart = "server"): void {
    const key = part === "server" ? hostKey(host) : deviceKey(host);
    const nowMs = this.#nowMs();
    const before = this.#failures.get(key);
    if (before !== undefined && before.untilMs > nowMs) return;
    const count = (before?.count ?? 0) + 1;
    const restMs = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(count - 1, 16));
    this.#failures.set(key, { count, untilMs: nowMs + restMs });
    this.#revision += 1;
  }

  /** A session ran there: what failed before is forgotten. */
  succeeded(host: StorageHost): void {
    const isServer = this.#failures.delete(hostKey(host));
    const isDevice = this.#failures.delete(deviceKey(host));
    if (isServer || isDevice) this.#revision += 1;
  }

  /** When a host is tried again, in milliseconds of the clock; 0 for one that is not out. */
  outUntilMs(host: StorageHost, nowMs: number = this.#nowMs()): number {
    if (this.#failures.size === 0) return 0;
    const keys = keysOf(host);
    const server = this.#failures.get(keys.server)?.untilMs ?? 0;
    const device = this.#failures.get(keys.device)?.untilMs ?? 0;
    const untilMs = Math.max(server, device);
    return untilMs > nowMs ? untilMs : 0;
  }

  /** Changes with every failure, and when one is forgotten. */
  get revision(): number {
    return this.#revision;
  }

  /** When the next host comes back by the time alone; infinite where none is out. */
  nextReturnMs(nowMs: number): number {
    let soonestMs = Number.POSITIVE_INFINITY;
    for (const { untilMs } of this.#failures.values()) {
      if (untilMs > nowMs) soonestMs = Math.min(soonestMs, untilMs);
    }
    return soonestMs;
  }

  #add(key: string, sessions: number, bytes: number): void {
    const before = this.loadAt(key);
    const load = { sessions: before.sessions + sessions, bytes: before.bytes + bytes };
    if (load.sessions === 0) this.#loads.delete(key);
    else this.#loads.set(key, load);
  }
}
