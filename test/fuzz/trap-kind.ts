/**
 * Words of the engine for its traps; where versions of Node differ, one stands here that all of
 * them have.
 */
const KINDS: readonly (readonly [word: string, kind: string])[] = [
  ["unreachable", "unreachable"],
  ["signature mismatch", "signature"],
  ["memory access out of bounds", "memory"],
  ["data segment", "memory"],
  ["element segment", "table"],
  ["table", "table"],
  ["divide by zero", "division"],
  ["remainder by zero", "division"],
  ["unrepresentable", "number"],
  ["null", "null"],
];

/** What ended a call, in words that are the same on every version of Node. */
export function trapKind(error: unknown): string {
  if (error instanceof RangeError) return "stack";
  if (error instanceof TypeError) return "no value for it";
  if (!(error instanceof Error)) return "exception";
  const { message } = error;
  return KINDS.find(([word]) => message.includes(word))?.[1] ?? message;
}
