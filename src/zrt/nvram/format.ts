import { type ByteString, bytesOf, ZvmError } from "../../base/index.ts";
import {
  DEFAULT_CONFIG,
  type MappingRecord,
  type MountRecord,
  NVRAM_BYTES_MAX,
  SECONDS_MAX,
  type ZrtConfig,
} from "./config.ts";
import { escapeArgument, escapeValue } from "./escape.ts";
import { shown } from "./scan.ts";

/**
 * Writes a configuration as text that `parseNvram` reads back to the same value. Guests may look at
 * it: the sections stand as ZeroCloud wrote them, and then those that it did not have.
 * @throws ZvmError `ZVM_NVRAM` that names what the text cannot hold: NUL bytes, and in names
 * (which have no escapes) commas, `#`, line feeds and blanks at the ends.
 * @param bytesMax more than the standard only for a text that no session is configured by
 */
export function formatNvram(config: ZrtConfig, bytesMax = NVRAM_BYTES_MAX): Uint8Array {
  const { seconds, verbosity, precache, env, args, mapping, mounts } = config;
  const time = seconds === undefined ? [] : [`seconds=${number("seconds", seconds, SECONDS_MAX)}`];
  const isQuiet = verbosity === DEFAULT_CONFIG.verbosity;
  if (args.length === 0) refuse("no argument at all: the name of the program is the first");
  checkUnique(mapping);
  const text = [
    section("fstab", mounts.map(mountLine)),
    section("args", [
      `args=${args.map((arg) => escapeArgument(whole("argument", arg))).join(" ")}`,
    ]),
    section("env", env.map(envLine)),
    section("mapping", mapping.map(mappingLine)),
    section("time", time),
    section("debug", isQuiet ? [] : [`verbosity=${number("verbosity", verbosity, 9)}`]),
    section("precache", precache ? ["precache=yes"] : []),
  ].join("");
  if (text.length > bytesMax) {
    refuse(
      `the arguments, environment and mounts: they take ${text.length} bytes, and it has room ` +
        `for ${bytesMax}`,
    );
  }
  return bytesOf(text);
}

function section(name: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `[${name}]\n${lines.join("\n")}\n`;
}

function envLine([variable, value]: readonly [ByteString, ByteString]): string {
  const checked = whole(`value of ${shown(variable)}`, value);
  return `name=${name("name of a variable", variable)}, value=${escapeValue(checked)}`;
}

function mappingLine({ channel, mode, truncate }: MappingRecord): string {
  const flag = truncate ? ", truncate=yes" : "";
  return `channel=${name("channel", channel)}, mode=${mode}${flag}`;
}

function mountLine(mount: MountRecord): string {
  const { channel, mountpoint, access, readonly, meta, removable, fsname } = mount;
  if (fsname !== "tar") refuse(`the file system ${shown(fsname)}: there is only tar`);
  if (!mountpoint.startsWith("/")) refuse(`the relative mountpoint ${shown(mountpoint)}`);
  const pairs = [
    `channel=${name("channel", channel)}`,
    `mountpoint=${name("mountpoint", mountpoint)}`,
    `access=${access}`,
  ];
  if (readonly) pairs.push("readonly=yes");
  if (meta === "classic") pairs.push("meta=classic");
  if (removable) pairs.push("removable=yes");
  return pairs.join(", ");
}

function checkUnique(mapping: readonly MappingRecord[]): void {
  const seen = new Set<ByteString>();
  for (const { channel } of mapping) {
    if (seen.has(channel)) refuse(`two mappings of the channel ${shown(channel)}`);
    seen.add(channel);
  }
}

function number(what: string, value: number, maximum: number): number {
  const isRight = Number.isInteger(value) && value >= 0 && value <= maximum;
  return isRight ? value : refuse(`${what} ${value}: it is a whole number from 0 to ${maximum}`);
}

/** Text that is escaped can hold every byte but NUL. */
function whole(what: string, text: ByteString): ByteString {
  if (text.includes("\0")) refuse(`the ${what} ${shown(text)}: it has a NUL`);
  return bytesOnly(what, text);
}

/** Names are written as they are. */
function name(what: string, text: ByteString): ByteString {
  if (text === "") refuse(`an empty ${what}`);
  if (/[\0\n,#]/.test(text)) {
    refuse(`the ${what} ${shown(text)}: it has a comma, a # or a line break, or NUL`);
  }
  if (/^[ \t]|[ \t]$/.test(text)) refuse(`the ${what} ${shown(text)}: it has outer blanks`);
  return bytesOnly(what, text);
}

function bytesOnly(what: string, text: ByteString): ByteString {
  if (/[^\0-\xff]/.test(text)) refuse(`the ${what} ${shown(text)}: it is text, not bytes`);
  return text;
}

function refuse(what: string): never {
  throw new ZvmError("ZVM_NVRAM", `An nvram text cannot hold ${what}`);
}
