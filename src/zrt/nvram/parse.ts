import { type ByteString, byteStringOf, type Diagnostic } from "../../base/index.ts";
import { splitArguments } from "./arguments.ts";
import {
  DEFAULT_CONFIG,
  type MappingRecord,
  type MountRecord,
  NVRAM_BYTES_MAX,
  SECONDS_MAX,
  type ZrtConfig,
} from "./config.ts";
import { unescapeText } from "./escape.ts";
import { Fields } from "./fields.ts";
import { type RecordLine, type Section, scanSections, shown, type Warn, warnInto } from "./scan.ts";

export interface ParsedNvram {
  readonly config: ZrtConfig;
  /** Sorted by line. Warnings tell what is ignored; only the size of the text is an error. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What is gathered while the records are read. */
interface Gathered {
  readonly args: { readonly line: RecordLine; readonly offset: number; readonly value: string }[];
  readonly env: (readonly [ByteString, ByteString])[];
  readonly mounts: MountRecord[];
  readonly mapping: Map<ByteString, MappingRecord>;
  seconds?: number;
  verbosity: number;
  precache: boolean;
}

type ReadRecord = (gathered: Gathered, line: RecordLine, warn: Warn) => void;

const READERS: Readonly<Record<string, ReadRecord>> = {
  args: readArgs,
  env: readEnv,
  fstab: readMount,
  mapping: readMapping,
  time: readTime,
  debug: readDebug,
  precache: readPrecache,
};

const SECTION_NAMES = Object.keys(READERS);

/**
 * Reads the text on `/dev/nvram`. Never throws: a record that cannot be used is ignored with a
 * warning and all others hold, as the original did without a word. A text of more than 10240
 * bytes is not read at all, and gives an error and the default configuration.
 */
export function parseNvram(bytes: Uint8Array): ParsedNvram {
  if (bytes.length > NVRAM_BYTES_MAX) {
    const message = `The nvram text has ${bytes.length} bytes`;
    const expected = `at most ${NVRAM_BYTES_MAX} bytes`;
    const diagnostics = [{ severity: "error", message, expected } as const];
    return { config: DEFAULT_CONFIG, diagnostics };
  }
  const diagnostics: Diagnostic[] = [];
  const warn = warnInto(diagnostics);
  const sections = scanSections(textBeforeNul(bytes, warn), warn);
  const gathered: Gathered = {
    args: [],
    env: [],
    mounts: [],
    mapping: new Map(),
    verbosity: DEFAULT_CONFIG.verbosity,
    precache: DEFAULT_CONFIG.precache,
  };
  for (const section of sections) readSection(gathered, section, warn);
  const config = configOf(gathered, warn);
  diagnostics.sort((one, other) => placeOf(one) - placeOf(other));
  return { config, diagnostics };
}

/** No line is as long as the whole text may be, so one number orders lines and columns. */
function placeOf({ line = 0, column = 0 }: Diagnostic): number {
  return line * 2 * NVRAM_BYTES_MAX + column;
}

function textBeforeNul(bytes: Uint8Array, warn: Warn): ByteString {
  const nul = bytes.indexOf(0);
  if (nul < 0) return byteStringOf(bytes);
  const text = byteStringOf(bytes, 0, nul);
  const lines = text.split("\n");
  const last = lines.at(-1) ?? "";
  const message = "The text ends at this NUL byte: what follows is ignored";
  warn({ number: lines.length, text: last }, last.length, message);
  return text;
}

function readSection(gathered: Gathered, section: Section, warn: Warn): void {
  const { name, records } = section;
  if (SECTION_NAMES.includes(name)) {
    for (const line of records) READERS[name]?.(gathered, line, warn);
    return;
  }
  const meant = SECTION_NAMES.find((known) => name !== "" && known.startsWith(name.toLowerCase()));
  warn(section, 0, `Unknown section is ignored: [${shown(name)}]`, {
    expected: SECTION_NAMES.map((known) => `[${known}]`).join(" "),
    ...(meant === undefined ? {} : { hint: `Section names are exact: write [${meant}]` }),
  });
}

function configOf(gathered: Gathered, warn: Warn): ZrtConfig {
  const { seconds, mapping, args, ...fields } = gathered;
  const split = splitArguments(args.map(({ value }) => value).join(" "));
  const last = args.at(-1);
  if (last !== undefined && split.isUnfinished) {
    warn(last.line, last.offset, "A quote has no end: the last argument holds all the rest");
  }
  if (last !== undefined && split.isCut) {
    warn(last.line, last.offset, "An argument ends at its \\x00");
  }
  return {
    ...fields,
    args: split.args.length === 0 ? DEFAULT_CONFIG.args : split.args,
    mapping: [...mapping.values()],
    ...(seconds === undefined ? {} : { seconds }),
  };
}

function readArgs(gathered: Gathered, line: RecordLine, warn: Warn): void {
  const field = new Fields(line, ["args"], warn).need("args");
  if (field !== undefined) gathered.args.push({ line, ...field });
}

function readEnv(gathered: Gathered, line: RecordLine, warn: Warn): void {
  const fields = new Fields(line, ["name", "value"], warn);
  const name = fields.needName("name");
  const value = fields.need("value");
  if (name === undefined || value === undefined) return;
  const decoded = unescapeText(value.value);
  if (decoded.isCut) fields.warn(value.offset, "The value ends at its \\x00");
  gathered.env.push([name, decoded.text]);
}

const MOUNT_KEYS = [
  "channel",
  "mountpoint",
  "access",
  "removable",
  "fsname",
  "readonly",
  "meta",
] as const;

const NO_YES = ["no", "yes"] as const;

function readMount(gathered: Gathered, line: RecordLine, warn: Warn): void {
  const fields = new Fields(line, MOUNT_KEYS, warn);
  const channel = fields.needName("channel");
  const mountpoint = fields.needName("mountpoint");
  const access = fields.word("access", ["ro", "wo"]);
  const removable = fields.word("removable", NO_YES, "no");
  const readonly = fields.word("readonly", NO_YES, "no");
  const meta = fields.word("meta", ["archive", "classic"], "archive");
  const fsname = readFsname(fields);
  if (channel === undefined || mountpoint === undefined || access === undefined) return;
  if (removable === undefined || readonly === undefined || meta === undefined) return;
  if (fsname === undefined) return;
  const field = fields.get("readonly");
  if (access === "wo" && readonly === "yes" && field !== undefined) {
    fields.warn(field.offset, "With access=wo, readonly has no meaning");
  }
  gathered.mounts.push({
    channel,
    mountpoint: mountpoint.startsWith("/") ? mountpoint : `/${mountpoint}`,
    access,
    readonly: readonly === "yes",
    meta,
    removable: removable === "yes",
    fsname,
  });
}

function readFsname(fields: Fields): ByteString | undefined {
  const field = fields.get("fsname");
  if (field === undefined || field.value.toLowerCase() === "tar") return "tar";
  const message = `Record is ignored: there is no file system ${shown(field.value) || "(empty)"}`;
  return fields.warn(field.offset, message, "tar");
}

function readMapping(gathered: Gathered, line: RecordLine, warn: Warn): void {
  const fields = new Fields(line, ["channel", "mode", "truncate"], warn);
  const channel = fields.needName("channel");
  const mode = fields.word("mode", ["pipe", "char", "file"]);
  const truncate = fields.word("truncate", NO_YES, "no");
  if (channel === undefined || mode === undefined || truncate === undefined) return;
  const offset = fields.get("channel")?.offset ?? 0;
  if (gathered.mapping.has(channel)) {
    fields.warn(offset, `Channel ${shown(channel)} has a mapping above: this one holds`);
  }
  if (truncate === "yes" && mode !== "file") {
    fields.warn(fields.get("truncate")?.offset ?? 0, "truncate=yes needs mode=file");
  }
  gathered.mapping.set(channel, { channel, mode, truncate: truncate === "yes" });
}

/** Digits are collected and everything else is passed over, as the original did. */
function readTime(gathered: Gathered, line: RecordLine, warn: Warn): void {
  const fields = new Fields(line, ["seconds"], warn);
  const field = fields.need("seconds");
  if (field === undefined) return;
  const digits = field.value.replace(/[^0-9]/g, "");
  const number = Number(digits);
  gathered.seconds = number > SECONDS_MAX ? 0 : number;
  if (digits === field.value && digits !== "" && number <= SECONDS_MAX) return;
  const message = `This is no time, and ${gathered.seconds} is taken: ${shown(field.value)}`;
  fields.warn(field.offset, message, `seconds since 1970, 0 to ${SECONDS_MAX}`);
}

function readDebug(gathered: Gathered, line: RecordLine, warn: Warn): void {
  const fields = new Fields(line, ["verbosity"], warn);
  const field = fields.need("verbosity");
  if (field === undefined) return;
  const isDigit = /^[0-9]/.test(field.value);
  if (isDigit) gathered.verbosity = Number(field.value.charAt(0));
  if (isDigit && field.value.length === 1) return;
  const message = isDigit ? "Only the first digit counts" : "Record is ignored: no digit";
  fields.warn(field.offset, message, "a digit, 0 silent to 4 everything");
}

function readPrecache(gathered: Gathered, line: RecordLine, warn: Warn): void {
  const fields = new Fields(line, ["precache"], warn);
  const field = fields.need("precache");
  if (field === undefined) return;
  gathered.precache = field.value === "yes";
  if (!gathered.precache && field.value !== "no") {
    fields.warn(field.offset, "Anything but yes means no", "yes or no");
  }
}
