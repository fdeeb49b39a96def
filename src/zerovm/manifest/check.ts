import {
  byteStringOf,
  type Diagnostic,
  type Form,
  judgeValue,
  optional,
  wordOf,
} from "../../base/index.ts";
import { parseNvram } from "../../zrt/nvram/index.ts";
import { readDraft } from "./draft.ts";
import { type Finding, sortFindings } from "./finding.ts";
import { BYTES } from "./forms.ts";
import { judgeChannels, judgeDraft } from "./judge.ts";
import { parseManifest } from "./parse.ts";

export type TextKind = "manifest" | "nvram" | "job";

export interface CheckedText {
  readonly kind: TextKind;
  readonly diagnostics: readonly Diagnostic[];
}

const HEADER_LINE = /^\[[^\]\n]*\]/m;
/** A JSON array, whole or broken: an opening bracket and something that no name begins with. */
const ARRAY_START = /^[ \t\r\n]*\[[ \t\r\n]*(?:[[{"\]]|-?[0-9])/;

/** No text of any kind is longer and valid. */
const LOOK_BYTES = 2 ** 20;

/** A JSON array is a job, a line that begins with `[NAME]` means nvram, all else a manifest. */
export function textKindOf(bytes: Uint8Array): TextKind {
  const text = byteStringOf(bytes, 0, Math.min(bytes.length, LOOK_BYTES));
  if (ARRAY_START.test(text)) return "job";
  return HEADER_LINE.test(text) ? "nvram" : "manifest";
}

/**
 * All findings about a text that can be made without the host, for `zerovm check`.
 * @param kind what the text is; found out where it is not given.
 * @throws ZvmError ZVM_USAGE when they are not bytes, or there is no such kind
 */
export function checkText(bytes: Uint8Array, kind?: TextKind): CheckedText {
  judgeValue("checkText", bytes, BYTES);
  judgeValue("checkText", kind, KIND);
  return checkAs(bytes, kind ?? textKindOf(bytes));
}

const KIND: Form = optional(wordOf(["manifest", "nvram", "job"]));

function checkAs(bytes: Uint8Array, kind: TextKind): CheckedText {
  if (kind === "nvram") return { kind, diagnostics: parseNvram(bytes).diagnostics };
  if (kind === "manifest") return { kind, diagnostics: checkManifest(bytes) };
  const message = "This is a job, and jobs come with a later version of zerovm";
  const expected = "a manifest or an nvram text";
  return { kind, diagnostics: [{ severity: "error", message, line: 1, column: 1, expected }] };
}

function checkManifest(bytes: Uint8Array): Finding[] {
  const { manifest, findings } = parseManifest(bytes);
  // A text with errors is judged as far as it can be read, so that one run shows all there is.
  const judged =
    manifest === undefined ? judgeDraft(readDraft(bytes).draft) : judgeChannels(manifest);
  return sortFindings([...findings, ...judged]);
}
