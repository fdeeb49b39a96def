/** For tests: a store of folders with programs and data, and jobs over it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Puts files below a folder; a path is `container/object`. */
export function putFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): void {
  for (const [path, contents] of Object.entries(files)) {
    const place = join(folder, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, contents);
  }
}

/** A group of a job, with what most of them have in common. */
export interface GroupOptions {
  readonly name?: string;
  readonly program: string;
  readonly devices?: readonly Readonly<Record<string, unknown>>[];
  readonly args?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** @param program `bin/cat` for an object, or a URL */
export function group({ name = "n", program, devices, args, env, more }: GroupOptions) {
  const path = program.includes("://") ? program : `swift://~/${program}`;
  return { name, exec: { path, args, env }, devices: devices ?? [{ name: "stdout" }], ...more };
}

export function jobText(...groups: readonly unknown[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(groups));
}
