import { createHash } from "node:crypto";
import type { Observation } from "./observe.ts";

/** A module of the corpus, as text: lines of base64 behind lines that begin with `#`. */
export interface CaseFile {
  /** What it was that it showed, for people. */
  readonly about: string;
  /** No operation of it makes a NaN. */
  readonly isNanFree: boolean;
  /** What all its forms come to, by `hashOf`, on every engine; absent as long as they differ. */
  readonly comesTo?: string;
  readonly module: Uint8Array;
}

const NAN_FREE = "no NaNs";
const COMES_TO = "comes to ";
const LINE = 96;

export function formatCase({ about, isNanFree, comesTo, module }: CaseFile): string {
  const notes = [
    about,
    ...(isNanFree ? [NAN_FREE] : []),
    ...(comesTo === undefined ? [] : [COMES_TO + comesTo]),
  ];
  const text = Buffer.from(module).toString("base64");
  const lines = text.match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  return `${[...notes.map((note) => `# ${note}`), ...lines].join("\n")}\n`;
}

export function parseCase(text: string): CaseFile {
  const lines = text.split("\n");
  const notes = lines.filter((line) => line.startsWith("# ")).map((line) => line.slice(2));
  const comesTo = notes.find((note) => note.startsWith(COMES_TO))?.slice(COMES_TO.length);
  return {
    about: notes[0] ?? "",
    isNanFree: notes.includes(NAN_FREE),
    ...(comesTo !== undefined && { comesTo }),
    module: Buffer.from(lines.filter((line) => !line.startsWith("#")).join(""), "base64"),
  };
}

/** All that was seen of a module, but of its raw form, which has NaNs of the engine's choice. */
export function hashOf(observation: Observation): string {
  const seen = "forms" in observation ? { ...observation.forms, raw: undefined } : observation;
  return createHash("sha256").update(JSON.stringify(seen)).digest("hex");
}
