import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunOptions } from "../../src/index.ts";
import type { Expected, Kind, Mode } from "./kind.ts";

export const IN_CELLS: readonly Mode[] = ["pool", "cold"];
export const EVERYWHERE: readonly Mode[] = ["pool", "cold", "none"];

/** Writes programs of kinds below one folder. */
export class KindMaker {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** A kind that comes as often as others and runs everywhere unless `rest` says otherwise. */
  kind(
    name: string,
    program: Uint8Array,
    expected: Expected,
    rest: Partial<Kind> & { readonly options?: Partial<RunOptions> } = {},
  ): Kind {
    const path = join(this.#folder, `${name.replaceAll(" ", "-")}.wasm`);
    writeFileSync(path, program);
    const { options = {}, ...kind } = rest;
    const own = () => ({ options });
    return { name, weight: 4, modes: EVERYWHERE, program: path, expected, own, ...kind };
  }
}

/** A session that exits, with the same account each time. */
export function exits(code: number, more: Partial<Expected> = {}): Expected {
  return { outcome: { kind: "exited", code }, exitStatus: code, isExact: true, ...more };
}

export function faults(fault: string, exitStatus: number): Expected {
  return { outcome: { kind: "faulted", fault }, exitStatus, isExact: true };
}

export function limited(limit: string, isExact: boolean): Expected {
  return { outcome: { kind: "limited", limit }, exitStatus: 124, isExact };
}

export function lost(cause: string): Expected {
  return { outcome: { kind: "lost", cause }, exitStatus: 125, isExact: false };
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
