/** Which versions, tiers and disturbances meet in one run. */

export const TIERS = ["dynamic", "optimise"] as const;

type Tier = (typeof TIERS)[number];

/** One run of all programs. */
export interface Arranged<Version, Disturbance> {
  readonly version: Version;
  readonly tier: Tier;
  /** All of them at once. */
  readonly disturbances: readonly Disturbance[];
}

/**
 * A few runs in which each disturbance meets each version in each tier: all at once where that
 * takes long, and where it does not, one half and then the other, so that none hides another.
 * The first run has no disturbance.
 */
export function covering<V, D>(
  versions: readonly V[],
  disturbances: readonly D[],
): Arranged<V, D>[] {
  const halves = [0, 1].map((half) => disturbances.filter((_, index) => index % 2 === half));
  const runs = versions.flatMap((version): Arranged<V, D>[] => [
    ...halves.map((half) => ({ version, tier: "dynamic", disturbances: half }) as const),
    { version, tier: "optimise", disturbances },
  ]);
  return [...plainRuns<V, D>(versions.slice(0, 1), ["dynamic"]), ...runs];
}

/** Every disturbance alone, with each version in each tier, and none. */
export function product<V, D>(
  versions: readonly V[],
  disturbances: readonly D[],
): Arranged<V, D>[] {
  const plain = plainRuns<V, D>(versions, TIERS);
  const each = plain.flatMap((run) =>
    disturbances.map((disturbance) => ({ ...run, disturbances: [disturbance] })),
  );
  return [...plain, ...each];
}

function plainRuns<V, D>(versions: readonly V[], tiers: readonly Tier[]): Arranged<V, D>[] {
  return versions.flatMap((version) => tiers.map((tier) => ({ version, tier, disturbances: [] })));
}
