import { byteStringOf, type Diagnostic } from "../../base/index.ts";
import { parseNvram } from "../../zrt/nvram/index.ts";
import { readDraft } from "./draft.ts";
import { type Finding, sortFindings } from "./finding.ts";
import { judgeChannels, judgeDraft } from "./judge.ts";
import { parseManifest } from "./parse.ts";

export type TextKind = "manifest" | "nvram" | "job";

const HEADER_LINE = /^\[[^\]\n]*\]/m;
/**
 * A JSON array, whole or broken: an opening bracket, and nothing more or something that no name
 * begins with; or an object, which somebody forgot to put into one.
 */
const JSON_START = /^[ \t\r\n]*(?:\{|\[[ \t\r\n]*(?:[[{"\]]|-?[0-9]|$))/;

/** No text of any kind is longer and valid. */
const LOOK_BYTES = 2 ** 20;

/** JSON is a job, a line that begins with `[NAME]` means nvram, all else a manifest. */
export function textKindOf(bytes: Uint8Array): TextKind {
  const text = byteStringOf(bytes, 0, Math.min(bytes.length, LOOK_BYTES));
  if (JSON_START.test(text)) return "job";
  return HEADER_LINE.test(text) ? "nvram" : "manifest";
}

/** All findings about a text of a session that can be made without the host. */
export function checkSessionText(
  bytes: Uint8Array,
  kind: "manifest" | "nvram",
): readonly Diagnostic[] {
  return kind === "nvram" ? parseNvram(bytes).diagnostics : checkManifest(bytes);
}

function checkManifest(bytes: Uint8Array): Finding[] {
  const { manifest, findings } = parseManifest(bytes);
  // A text with errors is judged as far as it can be read, so that one run shows all there is.
  const judged =
    manifest === undefined ? judgeDraft(readDraft(bytes).draft) : judgeChannels(manifest);
  return sortFindings([...findings, ...judged]);
}
