import { fstatSync } from "node:fs";
import { byteStringOfText } from "../../base/index.ts";
import { isReadable, isWritable } from "../../channels/index.ts";
import {
  type ChannelDeclaration,
  EXIT,
  type Finding,
  makeFinding,
  shown,
  stated,
} from "../manifest/index.ts";
import { kindOfPath, standardFd } from "./host-file.ts";
import { identityOf, identityOfStats } from "./host-identity.ts";

/** A file that a session needs as it is, beside its channels. */
export interface NeededFile {
  /** What it is, for a message: `the program`. */
  readonly role: string;
  readonly path: string;
}

/** A regular file behind a channel, or one that the channel would make. */
interface ChannelFile {
  readonly channel: ChannelDeclaration;
  readonly path: string;
  readonly identity: string;
  /** An inherited stream: it is not opened again, and never emptied. */
  readonly isStandard: boolean;
}

type ByIdentity = ReadonlyMap<string, readonly ChannelFile[]>;

const NVRAM_ALIAS = "/dev/nvram";

/**
 * Written channels whose file is something else to the same session: what it needs as it is, what
 * another channel reads and this one empties, or what another channel writes, so that the one
 * would overwrite what the other wrote.
 *
 * @param channels those whose sources are of the host.
 */
export function writeClashes(
  channels: readonly ChannelDeclaration[],
  needed: readonly NeededFile[],
): Finding[] {
  if (!channels.some(opensToWrite)) return [];
  const files = channels.flatMap(filesOf);
  const written = files.filter(({ channel }) => isWritable(channel.limits));
  const readers = grouped(files.filter(({ channel }) => isReadable(channel.limits)));
  const writers = grouped(written);
  const roles = new Map(needed.map(({ path, role }) => [identityOf(path), role]));
  const told = new Set<ChannelDeclaration>();
  return written.flatMap((file) => {
    const use = roles.get(file.identity) ?? useByChannel(file, readers, writers);
    if (use === undefined || file.isStandard || told.has(file.channel)) return [];
    told.add(file.channel);
    return [clash(file, use)];
  });
}

function opensToWrite({ limits, sources }: ChannelDeclaration): boolean {
  const isOpened = sources.some((it) => it.kind === "path" && standardFd(it.path) === undefined);
  return isOpened && isWritable(limits);
}

function filesOf(channel: ChannelDeclaration): ChannelFile[] {
  return channel.sources.flatMap((source): ChannelFile[] => {
    if (source.kind !== "path") return [];
    const { path } = source;
    const fd = standardFd(path);
    if (fd !== undefined) {
      const stats = fstatSync(fd);
      const identity = identityOfStats(stats);
      return stats.isFile() ? [{ channel, path, identity, isStandard: true }] : [];
    }
    const kind = kindOfPath(path, channel);
    if (kind !== "regular" && kind !== "missing") return [];
    return [{ channel, path, identity: identityOf(path), isStandard: false }];
  });
}

function grouped(files: readonly ChannelFile[]): ByIdentity {
  const groups = new Map<string, ChannelFile[]>();
  for (const file of files) {
    const group = groups.get(file.identity);
    if (group === undefined) groups.set(file.identity, [file]);
    else group.push(file);
  }
  return groups;
}

/** What another channel does with the file that this one would destroy. */
function useByChannel(
  file: ChannelFile,
  readers: ByIdentity,
  writers: ByIdentity,
): string | undefined {
  const writer = otherOf(file, writers);
  if (writer !== undefined) return `also written by ${shown(writer.channel.alias)}`;
  const reader = otherOf(file, readers);
  if (reader === undefined) return undefined;
  const empties = !isReadable(file.channel.limits);
  // What the guest is configured by is no output of it, even where it is not emptied.
  if (!empties && reader.channel.alias !== NVRAM_ALIAS) return undefined;
  return `read by ${shown(reader.channel.alias)}`;
}

function otherOf({ channel, identity }: ChannelFile, files: ByIdentity): ChannelFile | undefined {
  const others = files.get(identity) ?? [];
  return others.find((other) => other.channel !== channel);
}

function clash({ channel, path }: ChannelFile, use: string): Finding {
  const { alias, limits, line, columns } = channel;
  const name = byteStringOfText(path);
  const effect = isReadable(limits) ? "writes" : "empties";
  return makeFinding({
    stage: "mount",
    code: EXIT.FAULT,
    state: `cannot open ${stated(name)}`,
    message: `Channel ${shown(alias)} ${effect} ${shown(name)}, which is ${use}`,
    expected: "a file of its own for what is written",
    line,
    column: columns?.[0],
  });
}
