/** A program that is kept, as far as it matters which one goes. */
export interface PlacedProgram {
  readonly account: string;
  /** Somebody ran it; else it was judged only. */
  readonly isRun: boolean;
  readonly sizeBytes: number;
}

/** What is kept of programs at most, of all accounts together. */
export interface PlaceLimits {
  readonly programs: number;
  readonly bytes: number;
}

/**
 * Which program goes next, if one has to: of those that were only judged, else of all, the oldest
 * of the account that has most. So nobody loses programs to somebody who keeps more than he does.
 * @param placed by their keys, in the order in which they were used
 */
export function programToDrop(
  placed: ReadonlyMap<string, PlacedProgram>,
  { programs, bytes }: PlaceLimits,
): string | undefined {
  const all = [...placed];
  const sumBytes = all.reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, 0);
  const isOverCount = all.length > programs;
  // One alone stays, however large it is: somebody uses it now.
  if (!isOverCount && (sumBytes <= bytes || all.length === 1)) return undefined;
  const judged = all.filter(([, { isRun }]) => !isRun);
  const among = isOverCount && judged.length > 0 ? judged : all;
  const most = new Map<string, number>();
  for (const [, { account, sizeBytes }] of among) {
    most.set(account, (most.get(account) ?? 0) + (isOverCount ? 1 : sizeBytes));
  }
  const largest = Math.max(...most.values());
  return among.find(([, { account }]) => most.get(account) === largest)?.[0];
}
