/** Options that have the form of a line of a manifest. */
import { printable, ZvmError } from "../../base/index.ts";
import {
  type ChannelDeclaration,
  type Finding,
  type Manifest,
  PORT_RANGE,
  parseManifest,
} from "../manifest/index.ts";

const OTHERS = "Version = 20130611\nProgram = /p\nMemory = 1, 0\nTimeout = 1\n";

/**
 * Reads the eight fields of a channel.
 * @throws ZvmError ZVM_CHANNEL
 */
export function parseChannel(text: string): ChannelDeclaration {
  const { channels } = parseLine("Channel", "the channel", text);
  const [channel] = channels;
  if (channel === undefined) throw unreadable("the channel", text, "it is no channel");
  const { line: _line, columns: _columns, ...declaration } = channel;
  return declaration;
}

/**
 * Reads the place of a name server, `udp:HOST:PORT`.
 * @throws ZvmError ZVM_CHANNEL
 */
export function parseNameServer(text: string): NonNullable<Manifest["nameServer"]> {
  const { nameServer } = parseLine("NameServer", "the name server", text);
  if (nameServer?.kind === "network" && nameServer.protocol === "udp") {
    if (nameServer.port !== 0) return nameServer;
    throw unreadable("the name server", text, "it has no port, 1 to 65535");
  }
  throw unreadable("the name server", text, "it is not udp:HOST:PORT");
}

function parseLine(keyword: string, what: string, text: string): Manifest {
  const { manifest, findings } = parseManifest(`${keyword} = ${text}\n${OTHERS}`);
  // A port that a manifest had cut is no port that somebody wants who types it.
  const errors = findings.filter((it) => it.severity === "error" || it.expected === PORT_RANGE);
  const isOneLine = !/[\n\0=]/.test(text);
  if (manifest !== undefined && errors.length === 0 && isOneLine) return manifest;
  const isPort = errors[0]?.severity === "warning";
  const reason = isPort ? `a port is ${PORT_RANGE}` : reasonOf(errors[0]);
  throw unreadable(what, text, reason, errors);
}

/** The lines of a ZvmError leave out what the first one says: so it says what would be right. */
function reasonOf(error: Finding | undefined): string {
  if (error === undefined) return NO_LINE;
  const { message, expected } = error;
  return expected === undefined ? message : `${message}; expected ${expected}`;
}

const NO_LINE = "it holds '=' or a line break, which a manifest cannot";

function unreadable(
  what: string,
  text: string,
  reason: string,
  errors: ReturnType<typeof parseManifest>["findings"] = [],
): ZvmError {
  const message = `Cannot read ${what} '${printable(text)}': ${reason}`;
  return new ZvmError("ZVM_CHANNEL", message, {
    diagnostics: errors.map(({ message, expected }) => ({
      severity: "error",
      message,
      ...(expected !== undefined && { expected }),
    })),
  });
}
