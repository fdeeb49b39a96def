import { closeSync, existsSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { assert } from "../../base/index.ts";
import type { Nexe } from "../../nacl/elf/index.ts";
import type { NexeImage } from "../../nacl/frozen/index.ts";
import { recognise } from "../../wasm/index.ts";
import type { Finding } from "../manifest/index.ts";
import { fileSource } from "./file-source.ts";
import { findKeptNexe, type KeptNexe, keepNexe, keptPlace, type NexeRules } from "./kept-nexe.ts";
import { readStructure } from "./nexe-structure.ts";

export type NexeTools = typeof import("./nexe-tools.ts");

/** A Native Client program as it was judged, and the module that it became. */
export interface NexeProgram extends NexeRules {
  readonly nexe: Nexe;
  readonly module: Uint8Array;
  /** Of the translation. */
  readonly version: number;
  /** Where it goes on from, if it was frozen; its program is that which was judged. */
  readonly image?: NexeImage;
}

/** What becomes of a file: a module, or findings. */
export type OpenedNexe =
  | { readonly kind: "accepted"; readonly nexe: Nexe; readonly module: Uint8Array }
  | { readonly kind: "refused"; readonly findings: readonly Finding[] };

const HEAD_BYTES = 20;
/** The number of x86-64 in an ELF file. */
const MACHINE_X86_64 = 62;
/** Whether the file behind a path begins like a program for x86-64, or like an image of one. */
export function isNexe(path: string): boolean {
  try {
    const fd = openSync(path, "r");
    try {
      const head = new Uint8Array(HEAD_BYTES);
      fileSource(fd, HEAD_BYTES, path).read(0, head);
      // Programs of the original have their numbers in little-endian order, whatever they say.
      const machine = (head[18] ?? 0) + 256 * (head[19] ?? 0);
      const { kind } = recognise(head);
      return kind === "frozen" || (kind === "elf" && machine === MACHINE_X86_64);
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

/** What a program becomes, or became before; how it stands with its file is for the caller. */
export interface NexeMeans {
  /** What `loadNexeTools` gave. */
  readonly nexeTools?: NexeTools | undefined;
  /** What `findKeptNexe` gave, which takes no tools. */
  readonly keptNexe?: KeptNexe | undefined;
}

/**
 * Loads what it takes to open a program, if it is a nexe: what was translated before, and only
 * where there is none the tools, which take many times as long to load.
 */
export async function prepareNexe(path: string, rules: NexeRules): Promise<NexeMeans> {
  if (!isNexe(path)) return {};
  const keptNexe = findKeptNexe(path, rules);
  return keptNexe === undefined ? { nexeTools: await loadNexeTools(path) } : { keptNexe };
}

/**
 * Judges and translates a program: all of a file, or a part of it. What was translated is kept by
 * the contents of the file, the rules and our version, with a digest; nothing is kept of files that
 * were refused.
 * @returns undefined where the file is no longer the one that the means were prepared for
 */
export function openNexe(
  { nexeTools: tools, keptNexe }: NexeMeans,
  file: { readonly fd: number; readonly path: string; readonly bytes: Uint8Array },
  rules: NexeRules,
): OpenedNexe | undefined {
  const { bytes, path } = file;
  const { policy, strictMemory } = rules;
  const place = keptPlace(file, rules);
  if (keptNexe !== undefined && keptNexe.place === place) {
    const known = readStructure(bytes, path, policy);
    assert(known.kind === "accepted", "only what was accepted is kept");
    return { ...known, module: keptNexe.module };
  }
  if (tools === undefined) return undefined;
  const judged = tools.judgeNexe(bytes, path, policy);
  if (judged.kind === "refused") return judged;
  const module = tools.translateNexe(bytes, judged.nexe, path, strictMemory);
  if (!(module instanceof Uint8Array)) return { kind: "refused", findings: module };
  if (place !== undefined) keepNexe({ place, module });
  return { ...judged, module };
}
