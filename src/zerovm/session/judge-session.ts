import type { ByteString, ErrorCode } from "../../base/index.ts";
import {
  type ChannelDeclaration,
  type Finding,
  judgeManifest,
  type Manifest,
  openFailure,
  type Source,
  type SourceKind,
  sortFindings,
} from "../manifest/index.ts";
import type { ProgramVerdict } from "../program/index.ts";
import type { RefusalFinding } from "../report/index.ts";
import { accessProblem, kindOfPath, standardFd } from "./host-file.ts";
import { readKey } from "./key-file.ts";
import { isStream, type Substitute } from "./request.ts";
import { type NeededFile, writeClashes } from "./write-clash.ts";

/** Everything that is known before anything is opened. */
export interface Judged {
  readonly manifest: Manifest;
  readonly substitutes: ReadonlyMap<ByteString, Substitute>;
  readonly program: ProgramVerdict;
  /** What was found before. */
  readonly earlier: readonly Finding[];
  /** Files that must stay as they are, besides the program. */
  readonly needed: readonly NeededFile[];
}

/** All findings of all stages; the first error decides what the session ends with. */
export function judgeSession(judged: Judged): RefusalFinding[] {
  const { manifest, substitutes, program } = judged;
  const kindOf = (path: string, channel: ChannelDeclaration): SourceKind =>
    substituteKind(substitutes.get(channel.alias)) ?? kindOfPath(path, channel);
  const found = judgeManifest(manifest, kindOf, ({ alias }) => substitutes.has(alias));
  const isSound = found.every(({ severity }) => severity === "warning");
  const findings = [
    ...withErrorCodes(judged.earlier),
    ...(program.kind === "refused" ? withErrorCodes(program.findings, program.code) : []),
    ...withErrorCodes(found),
    ...withErrorCodes(checkKey(manifest), "ZVM_CHANNEL_NETWORK"),
    ...(isSound ? judgeAccess(manifest, substitutes) : []),
    ...(isSound ? judgeWrites(judged) : []),
  ];
  return sortFindings(findings);
}

function substituteKind(substitute: Substitute | undefined): SourceKind | undefined {
  if (substitute === undefined) return undefined;
  return isStream(substitute) ? "fifo" : "regular";
}

/** Names the error that stands for a finding, by its stage where the finder did not say. */
export function withErrorCodes(findings: readonly Finding[], code?: ErrorCode): RefusalFinding[] {
  return findings.map((found) => ({ ...found, errorCode: code ?? ERROR_OF_STAGE[found.stage] }));
}

const ERROR_OF_STAGE: Readonly<Record<Finding["stage"], ErrorCode>> = {
  parse: "ZVM_MANIFEST",
  program: "ZVM_PROGRAM_NOT_FOUND",
  module: "ZVM_PROGRAM_REFUSED",
  mount: "ZVM_CHANNEL",
  memory: "ZVM_MANIFEST",
  defence: "ZVM_MANIFEST",
};

/** What is wrong with the key of the wires, for `zerovm check` as well. */
export function checkKey(manifest: Manifest): readonly Finding[] {
  return readKey(manifest).findings;
}

/** Whether what is written destroys something of the same session; asked before any of it is. */
function judgeWrites({ manifest, substitutes, needed }: Judged): RefusalFinding[] {
  const channels = manifest.channels.filter(({ alias }) => !substitutes.has(alias));
  return withErrorCodes(writeClashes(channels, [...filesOf(manifest), ...needed]));
}

/** What a session needs as it is, whatever its channels are. */
function filesOf({ program, key }: Manifest): NeededFile[] {
  const own = [{ role: "the program", path: program }];
  return key === undefined ? own : [...own, { role: "the key of its wires", path: key }];
}

/**
 * What written channels of a manifest would destroy, for `zerovm check`: by what the files are on
 * this host, without the standard streams, which another process has.
 */
export function checkWrites(manifest: Manifest, needed: readonly NeededFile[]): Finding[] {
  const channels = manifest.channels.map((channel) => {
    const isOwn = (it: Source): boolean => it.kind === "path" && standardFd(it.path) === undefined;
    return { ...channel, sources: channel.sources.filter(isOwn) };
  });
  return writeClashes(channels, [...filesOf(manifest), ...needed]);
}

/** Whether the host would let us open everything; asked before anything is created. */
function judgeAccess(manifest: Manifest, substitutes: Judged["substitutes"]): RefusalFinding[] {
  const findings: Finding[] = [];
  for (const channel of manifest.channels) {
    if (substitutes.has(channel.alias)) continue;
    for (const source of channel.sources) {
      if (source.kind === "network") continue;
      const kind = kindOfPath(source.path, channel);
      const problem = accessProblem(source.path, kind, channel);
      if (problem !== undefined) findings.push(openFailure(channel, source, kind, problem));
    }
  }
  return withErrorCodes(findings);
}
