import { type Diagnostic, printable } from "../../base/index.ts";

/** A finding about a configuration, and the key that it is about. */
export interface ConfigFinding extends Diagnostic {
  /** `limits.objectBytes`; empty for the file as a whole. */
  readonly path: string;
}

export const FINDINGS_MAX = 100;
const SHOWN_CHARACTERS = 80;

/** A value as messages show it. */
export function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  const letters = [...printable(text.slice(0, 4 * SHOWN_CHARACTERS))];
  const start = letters.slice(0, SHOWN_CHARACTERS).join("");
  return letters.length > SHOWN_CHARACTERS ? `${start}…` : start;
}
