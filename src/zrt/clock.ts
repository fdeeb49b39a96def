/**
 * The one clock of a session, in nanoseconds since 1970. The virtual clock moves by a microsecond
 * each time the guest looks at it or changes a name in its file system, and by what the guest
 * sleeps; it never costs real time.
 */
export interface Clock {
  /** The time as the guest sees it now; moves the virtual clock on. */
  look(): bigint;
  /** The time for stamps on files; moves nothing. */
  peek(): bigint;
  /** Passes `durationNs`; a request of zero passes one microsecond. */
  sleep(durationNs: bigint): void;
  /** Step of the clock, in nanoseconds. */
  readonly resolutionNs: bigint;
  /** Time of the host, granted by the manifest: such a session is not deterministic. */
  readonly isReal: boolean;
}

/** What one look at the virtual clock costs. */
export const TICK_NS = 1000n;

/** Largest time that preview1 can express. */
const TIME_NS_MAX = 2n ** 64n - 1n;

/** @param aheadNs how far it has moved already */
export function virtualClock(startSeconds: number, aheadNs = 0n): Clock {
  let nowNs = BigInt(startSeconds) * 1_000_000_000n;
  const advance = (byNs: bigint): void => {
    nowNs = nowNs + byNs > TIME_NS_MAX ? TIME_NS_MAX : nowNs + byNs;
  };
  advance(aheadNs);
  return {
    resolutionNs: TICK_NS,
    isReal: false,
    peek: () => nowNs,
    look: () => {
      const seen = nowNs;
      advance(TICK_NS);
      return seen;
    },
    // The original counts whole microseconds, and at least one.
    sleep: (durationNs) => {
      const whole = (durationNs / TICK_NS) * TICK_NS;
      advance(whole > 0n ? whole : TICK_NS);
    },
  };
}
