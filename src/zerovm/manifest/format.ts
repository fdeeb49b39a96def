import {
  type ByteString,
  byteStringOfText,
  judgeValue,
  textOf,
  ZvmError,
} from "../../base/index.ts";
import { shown } from "./finding.ts";
import { MANIFEST_VALUE } from "./forms.ts";
import {
  type ChannelDeclaration,
  JOB_BYTES_MAX,
  MANIFEST_BYTES_MAX,
  MANIFEST_LINES_MAX,
  MANIFEST_VERSION,
  type Manifest,
  SOURCES_MAX,
} from "./manifest.ts";
import { foldLimits, parseManifest } from "./parse.ts";

/**
 * Writes a manifest as text that `parseManifest` reads back to the same value (without places).
 * @throws ZvmError `ZVM_MANIFEST_UNWRITABLE` that names what the text form cannot hold, ZVM_USAGE
 *   or ZVM_LIMIT for what is no manifest.
 */
export function formatManifest(given: Manifest): string {
  judgeValue("formatManifest", given, MANIFEST_VALUE);
  const manifest = foldLimits(given);
  const lines = [...settingLines(manifest), ...manifest.channels.map(channelLine)];
  const text = `${lines.join("\n")}\n`;
  const sizeBytes = byteStringOfText(text).length;
  if (sizeBytes > MANIFEST_BYTES_MAX) refuse(`${sizeBytes} bytes`, `${MANIFEST_BYTES_MAX} bytes`);
  // The line feed at the end starts one more line, which is empty and may be the joined one.
  if (lines.length > MANIFEST_LINES_MAX + 1) {
    refuse(`${lines.length} lines`, `${MANIFEST_LINES_MAX + 1} lines`);
  }
  checkBack(manifest, text);
  return text;
}

function settingLines(manifest: Manifest): string[] {
  const { memory, node, nameServer, job, etag, fuel, clock, seed, limits, key } = manifest;
  const lines = [
    `Version = ${MANIFEST_VERSION}`,
    `Program = ${plain("Path of the program", manifest.program, "=")}`,
    `Memory = ${whole("Memory", memory.sizeBytes)}, ${memory.etag ? 1 : 0}`,
    `Timeout = ${whole("Timeout", manifest.timeoutSeconds)}`,
  ];
  if (nameServer !== undefined) lines.push(`NameServer = ${sourceText("NameServer", nameServer)}`);
  if (node !== undefined) lines.push(`Node = ${whole("Node", node)}`);
  if (job !== undefined) lines.push(`Job =${jobText(job)}`);
  if (etag !== undefined) lines.push(`Etag = ${etag}`);
  if (fuel !== undefined) lines.push(`Fuel = ${fuel}`);
  if (clock !== 0) lines.push(`Clock = ${clock}`);
  if (seed !== 0n) lines.push(`Seed = ${seed}`);
  for (const [name, value] of Object.entries(limits)) {
    if (value !== undefined) lines.push(`Limit = ${name}, ${whole(`Limit ${name}`, value)}`);
  }
  if (key !== undefined) lines.push(`Key = ${plain("Path of Key", key, "=")}`);
  return lines;
}

function jobText(job: string): string {
  const text = plain("Path of Job", job, "=");
  const sizeBytes = byteStringOfText(text).length;
  if (sizeBytes > JOB_BYTES_MAX) refuse(`Path of Job of ${sizeBytes} bytes`, `${JOB_BYTES_MAX}`);
  return text;
}

function channelLine(channel: ChannelDeclaration): string {
  const { sources, limits, type, etag } = channel;
  const what = `of channel ${shown(channel.alias)}`;
  if (sources.length === 0) refuse(`Channel ${shown(channel.alias)} without a source`);
  if (sources.length > SOURCES_MAX) {
    refuse(`${sources.length} sources ${what}`, `${SOURCES_MAX} sources`);
  }
  const fields = [
    sources.map((source) => sourceText(`Source ${what}`, source)).join(";"),
    aliasText(channel.alias),
    whole(`Type ${what}`, type),
    etag ? 1 : 0,
    limits.gets,
    limits.getBytes,
    limits.puts,
    limits.putBytes,
  ];
  return `Channel = ${fields.join(", ")}`;
}

function aliasText(alias: ByteString): string {
  const text = textOf(alias);
  const what = `Alias ${shown(alias)}`;
  if (byteStringOfText(text) !== alias) refuse(`${what}: not UTF-8`);
  return plain(what, text, ",=");
}

function sourceText(what: string, source: ChannelDeclaration["sources"][number]): string {
  if (source.kind === "network") return plain(what, source.text, ",;=");
  const path = plain(what, source.path, ",;:=");
  if (!path.startsWith("/")) refuse(`${what} ${quoted(path)}: the path is not absolute`);
  return path;
}

/** Refuses text that would be cut, split or lost between a key and the end of its line. */
function plain(what: string, text: string, separators: string): string {
  const found = [...text].find((character) => separators.includes(character));
  if (found !== undefined) refuse(`${what} ${quoted(text)}: it has the character ${found}`);
  if (/[\0\n]/.test(text)) refuse(`${what} ${quoted(text)}: it has a line break or NUL`);
  if (/^[ \t\f\r]|[ \t\f\r]$/.test(text)) refuse(`${what} ${quoted(text)}: it has outer blanks`);
  if (/\p{Surrogate}/u.test(text)) refuse(`${what} ${quoted(text)}: it is not well-formed text`);
  return text;
}

function quoted(text: string): string {
  return `"${shown(byteStringOfText(text))}"`;
}

function whole(what: string, value: number): string {
  if (!Number.isSafeInteger(value)) refuse(`${what} ${value}: it is not a whole number`);
  return String(value);
}

/** What no single check foresaw is still found: the text must give the same value back. */
function checkBack(manifest: Manifest, text: string): void {
  const { manifest: back, findings } = parseManifest(text);
  if (back !== undefined && identity(back) === identity(manifest)) return;
  const [first] = findings;
  refuse(first === undefined ? "this session" : `this session: ${first.message}`);
}

const PLACE_KEYS = new Set(["places", "line", "columns"]);

/** A text that is the same for equal manifests; places are no part of the value. */
export function identity(manifest: Manifest): string {
  return JSON.stringify(manifest, (key, value: unknown) => {
    if (PLACE_KEYS.has(key)) return undefined;
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

function refuse(what: string, most?: string): never {
  const limit = most === undefined ? "" : ` (the form holds at most ${most})`;
  throw new ZvmError("ZVM_MANIFEST_UNWRITABLE", `A manifest cannot hold ${what}${limit}`);
}
