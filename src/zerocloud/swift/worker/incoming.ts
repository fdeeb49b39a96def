import { closeSync } from "node:fs";
import type { Hold } from "../orders/index.ts";

/** A connection to another host that was greeted. */
export interface SetWire {
  readonly fd: number;
  readonly keys?: { readonly writer: Uint8Array; readonly reader: Uint8Array };
}

/** Where writers of other hosts come. */
export interface SetDoor {
  readonly port: number;
  /** @throws the reason of the signal */
  expect(
    name: string,
    expecting: { readonly key: Uint8Array; readonly signal: AbortSignal },
  ): Promise<SetWire>;
}

/** A wire that is waited for. */
interface Awaited {
  readonly ending: AbortController;
  readonly wire: Promise<SetWire>;
}

/** The wires that one node of a set reads, waited for from the moment its place is held. */
export class Incoming {
  readonly #awaited = new Map<string, Awaited>();

  constructor(door: SetDoor, { key, reads }: Pick<Hold, "key" | "reads">) {
    const bytes = Buffer.from(key, "hex");
    for (const name of new Set(reads)) {
      const ending = new AbortController();
      const wire = door.expect(name, { key: bytes, signal: ending.signal });
      // Whoever takes it is told; until then nobody is there to tell.
      wire.catch(() => undefined);
      this.#awaited.set(name, { ending, wire });
    }
  }

  /** @returns undefined where it is not waited for */
  async take(name: string): Promise<SetWire | undefined> {
    const awaited = this.#awaited.get(name);
    const wire = await awaited?.wire;
    // It may have been closed while it was waited for.
    if (wire !== undefined && !this.#awaited.delete(name)) return undefined;
    return wire;
  }

  /** Waits for one no longer: its writer is here. */
  forget(name: string): void {
    const awaited = this.#awaited.get(name);
    this.#awaited.delete(name);
    if (awaited !== undefined) drop(awaited);
  }

  /** Waits for nothing any more, and closes what came and was not taken. */
  close(): void {
    for (const name of [...this.#awaited.keys()]) this.forget(name);
  }
}

function drop({ ending, wire }: Awaited): void {
  wire.then(
    ({ fd }) => closeSync(fd),
    () => undefined,
  );
  ending.abort();
}
