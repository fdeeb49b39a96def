/** A broken invariant of our own: ends the process that finds it, never shown to a guest. */
export class Bug extends Error {
  override readonly name = "Bug";
}

export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Bug(invariant);
}

export function unreachable(value: never): never {
  throw new Bug(`unreachable: ${String(value)}`);
}
