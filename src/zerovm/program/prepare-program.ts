import { closeSync, openSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Limits } from "../../base/index.ts";
import { type ModuleShape, readModule } from "../../wasm/index.ts";
import { GUARD_EXPORTS, type PrepareOptions, prepareModule } from "../../wasm/meter/index.ts";
import { chooseFunctions, type OutlineOptions, outlineLoops } from "../../wasm/outline/index.ts";
import { boundKept } from "./bound-kept.ts";
import { sha256OfFile } from "./content-hash.ts";
import { cacheFolder } from "./host-folders.ts";
import { memoryPagesOf } from "./judge-program.ts";
import { writeKept } from "./kept-file.ts";
import { keepNexe, readKeptNexe } from "./kept-nexe.ts";
import { type Program, readProgram } from "./load-program.ts";

/** Raised whenever the passes make other bytes: what was kept of an older one is not used. */
const PASSES = 5;

/** Fuel that a module is written with: what a session has of it is set when it starts. */
export const FUEL_UNITS_MAX = 2n ** 63n - 1n;

/** Modules above this size are kept after their passes, for the sessions that follow. */
const KEPT_BYTES_MIN = 16_384;

/**
 * Functions that are taken for a loop: what was translated takes some times the bytes, and the
 * loop of an interpreter has calls in some of its cases.
 */
const TRANSLATED_BOUNDS: OutlineOptions = {
  codeBytesMax: 65_536,
  smallBytesMax: 16_384,
  longLoopMin: 200,
};

/** Where the cell optimises loops, which takes it a millisecond or more for each. */
const HEATED: OutlineOptions = { heats: true, inPlace: 10_000 };

/** What a session asks of the passes. */
export interface Preparation {
  readonly limits: Pick<Limits, "memory" | "table" | "stack">;
  /** Fuel is counted. */
  readonly isMetered: boolean;
  /** The guest looks at the clock itself, as it uses up fuel: nobody has to watch it. */
  readonly asksForFuel?: boolean;
  /** The module was a Native Client program: its memory and its NaNs are as they were there. */
  readonly isNexe?: boolean;
  /** The cell can have loops optimised while the guest runs. */
  readonly tiersUp?: boolean;
  /** Loops of functions that are entered once are moved to where the engine optimises them. */
  readonly isOutlined: boolean;
}

/** A module as a cell compiles it. */
export type Prepared =
  /** Open for reading, to be closed by whoever has it. */
  | { readonly kind: "file"; readonly fd: number; readonly sizeBytes: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

/** Modules that this process prepared last, by their state and what was asked. */
const remembered = new Map<string, Uint8Array>();
const REMEMBERED_BYTES_MAX = 64 * 2 ** 20;

/**
 * The module after all passes: bit-exact, limited, endable, and counted where that is asked.
 * @throws ZvmError ZVM_PROGRAM_REFUSED when it was changed since it was judged, or its code is not
 *   what the passes can take
 */
export function prepareProgram(program: Program, preparation: Preparation): Prepared {
  const key = keyOf(program, preparation);
  const place = program.sizeBytes < KEPT_BYTES_MIN ? undefined : placeOf(program, key);
  const kept = place === undefined ? undefined : findKept(program, place);
  if (kept !== undefined) return kept;
  const name = preparedName(program, preparation);
  const known = remembered.get(name);
  if (known !== undefined) return { kind: "bytes", bytes: known };
  const isNexe = program.nexe !== undefined;
  const bytes = rewriteForRun(readProgram(program), program.shape, { ...preparation, isNexe });
  remember(name, bytes);
  if (place !== undefined && isNexe) keepNexe({ place, module: bytes });
  else if (place !== undefined && writeKept(place, [bytes])) boundKept(dirname(place));
  return { kind: "bytes", bytes };
}

/** The same text for the same state of a program file, prepared in the same way. */
export function preparedName(
  program: Pick<Program, "state" | "nexe">,
  preparation: Preparation,
): string {
  return `${Object.values(program.state).join(" ")} ${keyOf(program, preparation)}`;
}

function optionsOf(preparation: Preparation): PrepareOptions {
  const { limits, isMetered, asksForFuel = false, isNexe = false } = preparation;
  return {
    ...(isMetered || asksForFuel ? { fuel: asksForFuel ? 0n : FUEL_UNITS_MAX, asksForFuel } : {}),
    stackBytes: limits.stack,
    ...(!isNexe && {
      limits: { memoryPages: memoryPagesOf(limits.memory), tableElements: limits.table },
    }),
    slices: true,
    canonicalNans: !isNexe,
    exportsStart: true,
  };
}

/** All passes over a module in memory. */
export function rewriteForRun(
  bytes: Uint8Array,
  shape: ModuleShape,
  preparation: Preparation,
): Uint8Array {
  // Chosen before the other passes make code longer; they keep the numbers of functions.
  const bounds = preparation.isNexe === true ? TRANSLATED_BOUNDS : {};
  const chosen = preparation.isOutlined ? chooseFunctions(bytes, shape, bounds) : [];
  // Beside ours a table that a module has not would be there for it: the engine is to refuse it.
  const isRight = preparation.asksForFuel !== true || WebAssembly.validate(bytes);
  const asked = isRight ? preparation : { ...preparation, asksForFuel: false };
  const prepared = prepareModule(bytes, optionsOf(asked), shape);
  if (chosen.length === 0) return prepared;
  const after = readModule(prepared);
  const fuel = after.exports.find(({ name }) => name === GUARD_EXPORTS.FUEL);
  const { tiersUp = false, isNexe = false } = preparation;
  return outlineLoops(prepared, after, {
    functions: chosen,
    ...(tiersUp && isNexe && HEATED),
    ...(fuel && { fuelGlobal: fuel.index }),
  });
}

function keyOf({ nexe }: Pick<Program, "nexe">, preparation: Preparation): string {
  const { isMetered, asksForFuel, isOutlined, limits, tiersUp = false } = preparation;
  const source =
    nexe === undefined
      ? []
      : [
          "nexe",
          nexe.policy,
          nexe.version,
          tiersUp ? "hot" : "cold",
          ...(nexe.strictMemory ? ["strict"] : []),
        ];
  const counting = isMetered ? "fuel" : "plain";
  const kinds = [asksForFuel === true ? "asking" : counting, ...(isOutlined ? [] : ["whole"])];
  const { memory, table, stack } = limits;
  return [PASSES, ...source, ...kinds, stack, memoryPagesOf(memory), table].join("-");
}

function remember(name: string, bytes: Uint8Array): void {
  if (bytes.length > REMEMBERED_BYTES_MAX / 2) return;
  remembered.set(name, bytes);
  let total = 0;
  for (const { length } of remembered.values()) total += length;
  for (const [oldest, { length }] of remembered) {
    if (total <= REMEMBERED_BYTES_MAX) break;
    remembered.delete(oldest);
    total -= length;
  }
}

/** Where what the passes made of this program is kept, if there is a place for such things. */
function placeOf(program: Program, key: string): string | undefined {
  const folder = cacheFolder();
  if (folder === undefined) return undefined;
  const hash = sha256OfFile(program.fd, program.path, { cacheFolder: folder });
  return join(folder, "prepared", `${hash}-${key}.wasm`);
}

/** What a Native Client program became is looked at whole, as it is small; others are opened. */
function findKept({ nexe }: Program, place: string): Prepared | undefined {
  if (nexe === undefined) return openKept(place);
  const bytes = readKeptNexe(place);
  return bytes && { kind: "bytes", bytes };
}

/** A file that somebody else could have written is none of ours. */
function openKept(place: string): Prepared | undefined {
  let fd: number | undefined;
  try {
    const folder = statSync(dirname(place));
    if (folder.uid !== process.getuid?.() || (folder.mode & 0o077) !== 0) return undefined;
    fd = openSync(place, "r");
    const { size, uid } = statSync(place);
    if (size === 0 || uid !== process.getuid()) throw new Error("It is not ours");
    return { kind: "file", fd, sizeBytes: size };
  } catch {
    if (fd !== undefined) closeSync(fd);
    return undefined;
  }
}
