import { assert, judgeValue, type LimitName } from "../../base/index.ts";
import { readDraft } from "./draft.ts";
import type { Finding } from "./finding.ts";
import { MANIFEST_TEXT } from "./forms.ts";
import type { Draft } from "./keywords.ts";
import type { Keyword, Manifest, Place } from "./manifest.ts";

export interface ParsedManifest {
  /** Present when no finding is an error. */
  readonly manifest?: Manifest;
  /** The first error decides exit code and state, as in the original; warnings come last. */
  readonly findings: readonly Finding[];
}

/**
 * Reads the text form of a manifest. Every error, and every line that is ignored although it looks
 * meant, is a finding. What needs the whole manifest or the host (channels, program, memory, time)
 * is judged by `judgeManifest`.
 * @param text bytes of the file; a string stands for its UTF-8 form.
 * @throws ZvmError ZVM_USAGE when it is neither
 */
export function parseManifest(text: Uint8Array | string): ParsedManifest {
  judgeValue("parseManifest", text, MANIFEST_TEXT);
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const { draft, findings } = readDraft(bytes);
  const isRefused = findings.some((found) => found.severity === "error");
  return isRefused ? { findings } : { manifest: manifestOf(draft), findings };
}

function manifestOf(draft: Draft): Manifest {
  const { program, memory, timeoutSeconds } = draft;
  const isWhole = program !== undefined && memory !== undefined && timeoutSeconds !== undefined;
  assert(isWhole, "an obligatory keyword that is missing or unreadable has a finding");
  return freezeManifest(
    foldLimits({
      program,
      memory,
      timeoutSeconds,
      channels: draft.channels.map((channel) => channel.declaration),
      ...(draft.node === undefined ? {} : { node: draft.node }),
      ...(draft.nameServer === undefined ? {} : { nameServer: draft.nameServer }),
      ...(draft.job === undefined ? {} : { job: draft.job }),
      ...(draft.etag === undefined ? {} : { etag: draft.etag }),
      ...(draft.fuel === undefined ? {} : { fuel: draft.fuel }),
      ...(draft.key === undefined ? {} : { key: draft.key }),
      clock: draft.clock ?? 0,
      seed: draft.seed ?? 0n,
      limits: draft.limits,
      places: placesOf(draft),
    }),
  );
}

export function placesOf(draft: Draft): Partial<Record<Keyword, Place>> {
  const places: Partial<Record<Keyword, Place>> = {};
  for (const [keyword, [first]] of draft.seen) {
    if (first !== undefined) places[keyword] = first;
  }
  return places;
}

/**
 * Moves the limits `time` and `memory` to the fields that already say them, where the smaller
 * one holds: so that nobody has to look in two places.
 */
export function foldLimits(manifest: Manifest): Manifest {
  const { time, memory, ...others } = manifest.limits;
  const limits: Partial<Record<LimitName, number>> = others;
  const sizeBytes = Math.min(manifest.memory.sizeBytes, memory ?? Number.POSITIVE_INFINITY);
  return {
    ...manifest,
    timeoutSeconds: Math.min(manifest.timeoutSeconds, time ?? Number.POSITIVE_INFINITY),
    memory: { ...manifest.memory, sizeBytes },
    limits,
  };
}

/** Freezes a manifest and all in it. */
export function freezeManifest(manifest: Manifest): Manifest {
  freezeAll(manifest);
  return manifest;
}

function freezeAll(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freezeAll(part);
}
