import { type ByteString, LIMIT_TABLE } from "../../base/index.ts";
import { isReadable, isWritable } from "../../channels/index.ts";
import { EXIT, type Finding, makeFinding, shown, sortFindings, stated } from "./finding.ts";
import { judgeSource, type SourceKind } from "./judge-source.ts";
import { judgeWires } from "./judge-wires.ts";
import type { Draft } from "./keywords.ts";
import {
  CHANNELS_MAX,
  type ChannelDeclaration,
  isChannelType,
  type Keyword,
  type Manifest,
  MEMORY_BYTES_MAX,
} from "./manifest.ts";
import { mountOrder, networkCount, STANDARD_ALIASES } from "./order.ts";
import { placesOf } from "./parse.ts";

/** Says what a path of the host is. */
export type KindOf = (path: string, channel: ChannelDeclaration) => SourceKind;

/**
 * All that the original checks after the program and before the guest starts, in its order:
 * channels with their sources, name server, memory size, time. Opens nothing.
 * @param kindOf is asked once for each path source; without it only network sources are judged.
 * @param isConnected whether the caller has connected a channel itself, whatever its sources say
 */
export function judgeManifest(
  manifest: Manifest,
  kindOf?: KindOf,
  isConnected: (channel: ChannelDeclaration) => boolean = () => false,
): Finding[] {
  const judged = mountOrder(manifest.channels);
  const end = judged.findIndex((channel) => !isReadOnly(channel));
  const leading = end < 0 ? judged.length : end;
  const sources = (channels: readonly ChannelDeclaration[]): Finding[] =>
    channels.flatMap((channel) => judgeSources(channel, kindOf));
  return sortFindings([
    ...judgeNames(manifest.channels),
    // The name server is asked when all leading channels that are only read are open.
    ...sources(judged.slice(0, leading)),
    ...judgeNameServer(manifest),
    ...sources(judged.slice(leading)),
    ...judgeWires({
      ...manifest,
      channels: manifest.channels.filter((channel) => !isConnected(channel)),
    }),
    ...judgeMemory(manifest),
    ...judgeTimeout(manifest),
  ]);
}

/** What can be judged of a manifest by itself, without looking at the host. */
export function judgeChannels(manifest: Manifest): Finding[] {
  return judgeManifest(manifest);
}

/**
 * Judges what could be read of a text with errors. Nothing is said about channels that are
 * missing where a line has no alias, nor about what stands on lines that have their own errors.
 */
export function judgeDraft(draft: Draft): Finding[] {
  const { memory, timeoutSeconds } = draft;
  const places = placesOf(draft);
  const named = draft.channels.flatMap(({ declaration, isBroken }) =>
    declaration.alias === "" && isBroken ? [] : declaration,
  );
  const isWhole = named.length === draft.channels.length;
  const sound = draft.channels.flatMap((channel) => (channel.isBroken ? [] : channel.declaration));
  return sortFindings([
    ...(isWhole ? judgeNames(named) : [...judgeAliases(named), ...judgeTypes(named)]),
    ...sound.flatMap((channel) => judgeSources(channel, undefined)),
    ...(memory === undefined ? [] : judgeMemory({ memory, places })),
    ...(timeoutSeconds === undefined ? [] : judgeTimeout({ timeoutSeconds, places })),
  ]);
}

function isReadOnly(channel: ChannelDeclaration): boolean {
  return isReadable(channel.limits) && !isWritable(channel.limits);
}

function judgeSources(channel: ChannelDeclaration, kindOf: KindOf | undefined): Finding[] {
  return channel.sources.flatMap((source) => {
    if (source.kind === "network") return judgeSource(channel, source, "missing");
    return kindOf === undefined ? [] : judgeSource(channel, source, kindOf(source.path, channel));
  });
}

/** Number, aliases, types, standard channels: what is known before anything is opened. */
export function judgeNames(channels: readonly ChannelDeclaration[]): Finding[] {
  return [
    ...judgeChannelCount(channels),
    ...judgeAliases(channels),
    ...judgeTypes(channels),
    ...judgeStandard(channels),
  ];
}

function judgeChannelCount(channels: readonly ChannelDeclaration[]): Finding[] {
  const count = channels.length;
  if (count > CHANNELS_MAX) {
    return [
      makeFinding({
        stage: "mount",
        code: EXIT.TOO_MANY,
        state: "channels number reached maximum",
        message: `There are ${count} channels`,
        expected: `at most ${CHANNELS_MAX}`,
      }),
    ];
  }
  if (count >= STANDARD_ALIASES.length) return [];
  return [
    makeFinding({
      stage: "mount",
      code: EXIT.FAULT,
      state: `not enough channels: ${count}`,
      message: `There are ${count} channels; missing: ${missingAliases(channels).join(", ")}`,
      expected: `at least ${STANDARD_ALIASES.join(", ")}`,
    }),
  ];
}

function judgeAliases(channels: readonly ChannelDeclaration[]): Finding[] {
  const first = new Map<ByteString, ChannelDeclaration>();
  return channels.flatMap((channel) => {
    const { alias, line, columns } = channel;
    const other = first.get(alias);
    if (other === undefined) {
      first.set(alias, channel);
      return [];
    }
    const where = other.line === undefined ? "" : ` on line ${other.line}`;
    return makeFinding({
      stage: "mount",
      code: EXIT.FAULT,
      state: `${stated(alias)} is already allocated`,
      message: `Another channel${where} has the alias ${shown(alias)}`,
      expected: "an alias of its own for each channel",
      line,
      column: columns?.[1],
    });
  });
}

function judgeTypes(channels: readonly ChannelDeclaration[]): Finding[] {
  return channels.flatMap(({ alias, type, line, columns }) => {
    if (isChannelType(type)) return [];
    return makeFinding({
      stage: "mount",
      code: EXIT.FAULT,
      state: `${stated(alias)} has invalid type ${type}`,
      message: `Channel ${shown(alias)} has no valid type: ${type}`,
      expected: "0 sequential, 1 random read, 2 random write, 3 both random",
      line,
      column: columns?.[2],
    });
  });
}

/**
 * The original looks only whether the third handle is standard error. With distinct aliases
 * that is the same as having all three.
 */
function judgeStandard(channels: readonly ChannelDeclaration[]): Finding[] {
  const missing = missingAliases(channels);
  if (channels.length < STANDARD_ALIASES.length || missing.length === 0) return [];
  return [
    makeFinding({
      stage: "mount",
      code: EXIT.FAULT,
      state: "missing standard channels in manifest",
      message: `Standard channels are missing: ${missing.join(", ")}`,
      expected: STANDARD_ALIASES.join(", "),
    }),
  ];
}

function missingAliases(channels: readonly ChannelDeclaration[]): string[] {
  return STANDARD_ALIASES.filter((alias) => !channels.some((channel) => channel.alias === alias));
}

type NetworkPart = Pick<Manifest, "channels" | "node" | "nameServer" | "places">;

function judgeNameServer(manifest: NetworkPart): Finding[] {
  const { nameServer, node = 0, channels } = manifest;
  if (nameServer === undefined || !channels.some((channel) => networkCount(channel) > 0)) return [];
  const findings: Finding[] = [];
  if (node < 1) {
    findings.push(
      atKeyword(manifest, "Node", {
        stage: "mount",
        code: EXIT.FAULT,
        state: `invalid node: ${node}`,
        message:
          manifest.node === undefined
            ? "Manifest has a NameServer and network channels, but no Node"
            : `Node is not valid: ${node}`,
        expected: "Node from 1 to 2147483647 (--node)",
      }),
    );
  }
  if (nameServer.kind === "network" && nameServer.protocol === "udp") return findings;
  findings.push(
    atKeyword(manifest, "NameServer", {
      stage: "mount",
      code: EXIT.FAULT,
      state: "name server only support udp protocol",
      message: "NameServer has another protocol than udp",
      expected: "udp:HOST:PORT",
    }),
  );
  return findings;
}

export function judgeMemory(manifest: Pick<Manifest, "memory" | "places">): Finding[] {
  const { sizeBytes } = manifest.memory;
  if (sizeBytes > 0 && sizeBytes <= MEMORY_BYTES_MAX) return [];
  return [
    atKeyword(manifest, "Memory", {
      stage: "memory",
      code: EXIT.MEMORY,
      state: "invalid memory size",
      message: `Memory is not valid: ${sizeBytes}`,
      expected: `bytes from 1 to ${MEMORY_BYTES_MAX}`,
    }),
  ];
}

export function judgeTimeout(manifest: Pick<Manifest, "timeoutSeconds" | "places">): Finding[] {
  const { timeoutSeconds } = manifest;
  // A text has whole seconds; an option may have a part of one.
  if (timeoutSeconds > 0 && timeoutSeconds <= LIMIT_TABLE.time.maximum) return [];
  return [
    atKeyword(manifest, "Timeout", {
      stage: "defence",
      code: EXIT.FAULT,
      state: `invalid timeout ${timeoutSeconds}`,
      message: `Timeout is not valid: ${timeoutSeconds}`,
      expected: "seconds from 1 to 2147483647",
    }),
  ];
}

function atKeyword(
  manifest: Pick<Manifest, "places">,
  keyword: Keyword,
  fields: Parameters<typeof makeFinding>[0],
): Finding {
  return makeFinding({ ...fields, ...manifest.places?.[keyword] });
}
