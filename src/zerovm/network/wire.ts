import type { WireKeys } from "./greeting-codec.ts";

/** A connection to another host that was greeted: its cells may talk. */
export interface Wire {
  /** A connected stream socket that does not block; whoever has the wire closes it. */
  readonly fd: number;
  /** What the two cells seal with; absent where no key was given. */
  readonly keys?: WireKeys;
  /** Address and port of the other end. */
  readonly peer: string;
}

/** Why there is no wire, where trying again is of no use. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** How long a side may take to greet. */
export const GREETING_MS = 10_000;

/** An address and a port in one word. */
export function endText(address: string | undefined, port: number | undefined): string {
  const plain = (address ?? "").replace(/^::ffff:(?=\d+\.)/, "");
  return `${plain.includes(":") ? `[${plain}]` : plain}:${port ?? 0}`;
}
