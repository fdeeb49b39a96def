import { byteStringOfText } from "../../base/index.ts";
import { isReadable, isWritable } from "../../channels/index.ts";
import { EXIT, type Finding, makeFinding, shown, stated } from "./finding.ts";
import type { ChannelDeclaration, NetworkSource, PathSource, Source } from "./manifest.ts";

/** What a path of the host is, symbolic links followed. */
export type SourceKind =
  | "regular"
  | "missing"
  | "character"
  | "fifo"
  | "directory"
  | "block"
  | "socket";

interface Fault {
  readonly code: number;
  readonly state: string;
  readonly message: string;
  readonly expected?: string;
  readonly hint?: string;
}

/**
 * Judges one source by what it is on the host, before anything is opened.
 * @param kind what `stat` says of the path; not looked at for a network source.
 * @returns at most one finding.
 */
export function judgeSource(
  channel: ChannelDeclaration,
  source: Source,
  kind: SourceKind,
): Finding[] {
  const fault =
    source.kind === "network" ? networkFault(channel, source) : pathFault(channel, source, kind);
  if (fault === undefined) return [];
  return [sourceFinding(channel, fault)];
}

/** The finding for a path that passed `judgeSource` and still could not be opened. */
export function openFailure(
  channel: ChannelDeclaration,
  source: PathSource,
  kind: SourceKind,
  reason: string,
): Finding {
  const path = byteStringOfText(source.path);
  const message = `Cannot open ${shown(path)} for ${shown(channel.alias)}: ${reason}`;
  const isStream = kind === "character" || kind === "fifo";
  const isWriteOnly = !isReadable(channel.limits);
  const state =
    isStream || !isWriteOnly
      ? `cannot open ${stated(path)}`
      : `cannot preallocate ${stated(channel.alias)}`;
  const code = isStream || isWriteOnly ? EXIT.DESCRIPTOR : EXIT.FAULT;
  return sourceFinding(channel, { code, state, message });
}

function sourceFinding(channel: ChannelDeclaration, fault: Fault): Finding {
  const { line, columns } = channel;
  return makeFinding({ ...fault, stage: "mount", line, column: columns?.[0] });
}

function pathFault(
  channel: ChannelDeclaration,
  source: PathSource,
  kind: SourceKind,
): Fault | undefined {
  if (kind === "directory" || kind === "block" || kind === "socket") {
    return typeFault(channel, source, kind);
  }
  const reads = isReadable(channel.limits);
  const writes = isWritable(channel.limits);
  if (kind === "character" || kind === "fifo") {
    return reads === writes ? directionFault(channel, kind, reads) : undefined;
  }
  if (!reads && !writes) return directionFault(channel, kind, reads);
  if (reads && writes) return bothWaysFault(channel);
  return kind === "missing" && reads ? missingFault(channel, source) : undefined;
}

function typeFault(channel: ChannelDeclaration, source: PathSource, kind: string): Fault {
  const what = kind === "block" ? "block device" : kind;
  const stream = STANDARD_STREAMS.get(source.path);
  const path = shown(byteStringOfText(source.path));
  return {
    code: EXIT.SOURCE_TYPE,
    state: `invalid ${stated(channel.alias)} source type ${channel.type}`,
    message: `Source of ${shown(channel.alias)} is a ${what}: ${stream ?? path}`,
    expected: "a regular file, a character device or a named pipe",
    ...(kind === "directory" && { hint: FOLDER_HINT }),
  };
}

const STANDARD_STREAMS: ReadonlyMap<string, string> = new Map([
  ["/dev/stdin", "standard input was redirected from it"],
  ["/dev/stdout", "standard output was redirected to it"],
  ["/dev/stderr", "standard error was redirected to it"],
]);

const FOLDER_HINT = "Grant a folder with 'zerovm run --dir', or pack it with 'zerovm image build'";

function directionFault(channel: ChannelDeclaration, kind: SourceKind, isBothWays: boolean): Fault {
  const alias = shown(channel.alias);
  const what = kind === "character" ? "a character device" : "a named pipe";
  return {
    code: EXIT.INVALID,
    state: `${stated(channel.alias)} has invalid i/o type`,
    message: isBothWays
      ? `Channel ${alias} reads and writes, but its source is ${what}`
      : `Channel ${alias} can neither be read nor written`,
    expected: isBothWays
      ? "limits for one direction only, zeros for the other"
      : "calls and bytes other than 0 for reading or for writing",
  };
}

function bothWaysFault(channel: ChannelDeclaration): Fault | undefined {
  if (channel.type !== 0 && channel.type !== 2) return undefined;
  return {
    code: EXIT.FAULT,
    state:
      channel.type === 0
        ? "sequential channels cannot have r/w access"
        : "sequential read / random write channels not supported",
    message: `Channel ${shown(channel.alias)} of type ${channel.type} reads and writes a file`,
    expected: "type 1 (random read, appending write) or type 3 (both random)",
  };
}

function missingFault(channel: ChannelDeclaration, source: PathSource): Fault {
  const path = byteStringOfText(source.path);
  return {
    code: EXIT.FAULT,
    state: `cannot open ${stated(path)}`,
    message: `Source of ${shown(channel.alias)} does not exist: ${shown(path)}`,
    expected: "an existing file: the channel is only read",
  };
}

function networkFault(channel: ChannelDeclaration, source: NetworkSource): Fault | undefined {
  const alias = shown(channel.alias);
  if (isReadable(channel.limits) === isWritable(channel.limits)) {
    return {
      code: EXIT.FAULT,
      state: "invalid i/o type",
      message: `Network channel ${alias} must have exactly one direction`,
      expected: "limits for reading or for writing, zeros for the other",
    };
  }
  if (source.protocol === "tcp") return undefined;
  const index = channel.sources.indexOf(source);
  return {
    code: EXIT.FAULT,
    state: `cannot bind ${stated(channel.alias)};${index}: protocol ${source.protocol}`,
    message: `Protocol ${source.protocol} of channel ${alias} is not supported`,
    expected: "tcp:HOST:PORT",
  };
}
