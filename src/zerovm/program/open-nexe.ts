import { closeSync, existsSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { assert } from "../../base/index.ts";
import type { Nexe, NexePolicy } from "../../nacl/elf/index.ts";
import { recognise } from "../../wasm/index.ts";
import type { Finding } from "../manifest/index.ts";
import { sha256OfFile } from "./content-hash.ts";
import { fileSource } from "./file-source.ts";
import { cacheFolder } from "./host-folders.ts";
import { readKept, writeKept } from "./kept-file.ts";

export type NexeTools = typeof import("./nexe-tools.ts");

/** What a program is judged by, and how it is translated. */
export interface NexeRules {
  readonly policy: NexePolicy;
  /** Whether each store is checked. */
  readonly strictMemory: boolean;
}

/** A Native Client program as it was judged, and the module that it became. */
export interface NexeProgram extends NexeRules {
  readonly nexe: Nexe;
  readonly module: Uint8Array;
  /** Of the translation. */
  readonly version: number;
}

/** What becomes of a file: a module, or findings. */
export type OpenedNexe =
  | { readonly kind: "accepted"; readonly nexe: Nexe; readonly module: Uint8Array }
  | { readonly kind: "refused"; readonly findings: readonly Finding[] };

const HEAD_BYTES = 20;
/** The number of x86-64 in an ELF file. */
const MACHINE_X86_64 = 62;
/** Larger modules are not kept. */
const MODULE_BYTES_MAX = 2 ** 28;
const DIGEST_BYTES = 32;

/** Whether the file behind a path begins like a program for x86-64. */
export function isNexe(path: string): boolean {
  try {
    const fd = openSync(path, "r");
    try {
      const head = new Uint8Array(HEAD_BYTES);
      fileSource(fd, HEAD_BYTES, path).read(0, head);
      // Programs of the original have their numbers in little-endian order, whatever they say.
      const machine = (head[18] ?? 0) + 256 * (head[19] ?? 0);
      return recognise(head).kind === "elf" && machine === MACHINE_X86_64;
    } finally {
      closeSync(fd);
    }
  } catch {
    // Whoever opens it next says why it cannot be.
    return false;
  }
}

/** What judges and translates, where the program needs it: it is as large as all the rest. */
export async function loadNexeTools(path: string): Promise<NexeTools | undefined> {
  return isNexe(path) ? await import("./nexe-tools.ts") : undefined;
}

/**
 * Opens the built script of these tools, for a cell in which more has to be translated.
 * @returns undefined where it was not built: then the cell was not, either
 */
export function openTranslator(): { readonly fd: number; readonly sizeBytes: number } | undefined {
  const beside = join(import.meta.dirname, "nexe.cjs");
  const path = existsSync(beside) ? beside : join(import.meta.dirname, "../../../dist/nexe.cjs");
  if (!existsSync(path)) return undefined;
  const fd = openSync(path, "r");
  return { fd, sizeBytes: fstatSync(fd).size };
}

/**
 * Judges and translates a program file. What was translated is kept by the contents of the file,
 * the rules and our version, with a digest; nothing is kept of files that were refused.
 */
export function openNexe(
  tools: NexeTools,
  file: { readonly fd: number; readonly path: string; readonly bytes: Uint8Array },
  rules: NexeRules,
): OpenedNexe {
  const { bytes, path } = file;
  const { policy, strictMemory } = rules;
  const place = placeOf(tools, file, rules);
  const kept = place === undefined ? undefined : readModule(place);
  if (kept !== undefined) {
    const known = tools.readStructure(bytes, path, policy);
    assert(known.kind === "accepted", "only what was accepted is kept");
    return { ...known, module: kept };
  }
  const judged = tools.judgeNexe(bytes, path, policy);
  if (judged.kind === "refused") return judged;
  const module = tools.translateNexe(bytes, judged.nexe, path, strictMemory);
  if (!(module instanceof Uint8Array)) return { kind: "refused", findings: module };
  if (place !== undefined) writeKept(place, [digestOf(module), module]);
  return { ...judged, module };
}

function placeOf(
  { NEXE_VERSION }: NexeTools,
  { fd, path }: { readonly fd: number; readonly path: string },
  { policy, strictMemory }: NexeRules,
): string | undefined {
  const folder = cacheFolder();
  if (folder === undefined) return undefined;
  const hash = sha256OfFile(fd, path, { cacheFolder: folder });
  const kind = strictMemory ? `${policy}-strict` : policy;
  return join(folder, "translated", `${hash}-${kind}-${NEXE_VERSION}`);
}

/** What is damaged is made again. */
function readModule(place: string): Uint8Array | undefined {
  const bytes = readKept(place, MODULE_BYTES_MAX);
  const module = bytes?.subarray(DIGEST_BYTES);
  if (bytes === undefined || module === undefined || module.length === 0) return undefined;
  const isWhole = Buffer.compare(digestOf(module), bytes.subarray(0, DIGEST_BYTES)) === 0;
  return isWhole ? module : undefined;
}

function digestOf(module: Uint8Array): Uint8Array {
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(module).digest();
}
