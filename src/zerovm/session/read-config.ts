import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type ByteString, formatDiagnostic, printable, textOf } from "../../base/index.ts";
import { NVRAM_BYTES_MAX, parseNvram, type ZrtConfig } from "../../zrt/nvram/index.ts";
import { type ChannelDeclaration, type Finding, makeFinding } from "../manifest/index.ts";
import type { RefusalFinding } from "../report/index.ts";
import { reasonOf, standardFd } from "./host-file.ts";
import { withErrorCodes } from "./judge-session.ts";
import type { Substitute } from "./request.ts";

/** The state of ZRT as the channel `/dev/nvram` configures it. */
export interface ReadConfig {
  /** Absent when there is no such channel, or it cannot be used. */
  readonly config?: ZrtConfig;
  readonly findings: readonly RefusalFinding[];
  /** Lines that were ignored. */
  readonly warnings: readonly string[];
}

export const NVRAM_ALIAS: ByteString = "/dev/nvram";

const CODE_FAULT = 14;

/** Reads the configuration on the host, before the cell starts; opens it for reading only. */
export function readConfig(
  channels: readonly ChannelDeclaration[],
  substitutes: ReadonlyMap<ByteString, Substitute>,
): ReadConfig {
  const channel = channels.find(({ alias }) => alias === NVRAM_ALIAS);
  if (channel === undefined) return { findings: [], warnings: [] };
  const substitute = substitutes.get(NVRAM_ALIAS);
  const bytes = substitute === undefined ? readSource(channel) : contentsOf(substitute);
  if (typeof bytes === "string") return refusal(channel, bytes);
  const { config, diagnostics } = parseNvram(bytes);
  const error = diagnostics.find(({ severity }) => severity === "error");
  if (error !== undefined) {
    const expected = error.expected === undefined ? "" : `; expected ${error.expected}`;
    return refusal(channel, `${error.message}${expected}`);
  }
  const warnings = diagnostics.map((found) => formatDiagnostic(NVRAM_ALIAS, found));
  return { config, findings: [], warnings };
}

function contentsOf(substitute: Substitute): Uint8Array | string {
  return substitute.kind === "contents" ? substitute.bytes : "It is a stream, and must be a file";
}

/** The text, or why there is none. One byte more than allowed shows that it is too long. */
function readSource({ sources }: ChannelDeclaration): Uint8Array | string {
  const [source] = sources;
  if (source?.kind !== "path" || sources.length > 1) return "It must have one file as its source";
  if (standardFd(source.path) !== undefined) return "It is a stream, and must be a file";
  const name = printable(source.path);
  try {
    const fd = openSync(source.path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!fstatSync(fd).isFile()) return `${name} is no regular file`;
      return readUpTo(fd, NVRAM_BYTES_MAX + 1);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return `Cannot open ${name}: ${reasonOf(error)}`;
  }
}

function readUpTo(fd: number, sizeMax: number): Uint8Array {
  const bytes = new Uint8Array(sizeMax);
  let done = 0;
  for (let got = -1; got !== 0 && done < sizeMax; done += got) {
    got = readSync(fd, bytes, done, sizeMax - done, done);
  }
  return bytes.subarray(0, done);
}

function refusal(channel: ChannelDeclaration, message: string): ReadConfig {
  const finding: Finding = makeFinding({
    stage: "mount",
    code: CODE_FAULT,
    state: `cannot read ${textOf(NVRAM_ALIAS)}`,
    message: `Cannot use ${textOf(NVRAM_ALIAS)}: ${message}`,
    line: channel.line,
    column: channel.columns?.[0],
  });
  return { findings: withErrorCodes([finding], "ZVM_NVRAM"), warnings: [] };
}
