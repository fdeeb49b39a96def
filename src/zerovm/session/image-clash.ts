import { statSync } from "node:fs";
import { type ByteString, printable, textOf } from "../../base/index.ts";
import { isWritable } from "../../channels/index.ts";
import type { ZrtConfig } from "../../zrt/nvram/index.ts";
import { type ChannelDeclaration, EXIT, makeFinding } from "../manifest/index.ts";
import type { RefusalFinding } from "../report/index.ts";
import { standardFd } from "./host-file.ts";

/**
 * Images that the same session writes: their contents are read while the guest runs, so that
 * writing, or emptying at the start, would destroy them under it.
 */
export function imageClashes(
  config: ZrtConfig,
  channels: readonly ChannelDeclaration[],
): RefusalFinding[] {
  const read = new Set(aliasesOf(config, "ro"));
  if (read.size === 0) return [];
  const exported = new Set(aliasesOf(config, "wo"));
  const images = new Map<string, ByteString>();
  for (const channel of channels) {
    if (!read.has(channel.alias)) continue;
    for (const file of filesOf(channel)) images.set(file, channel.alias);
  }
  return channels.flatMap((channel) => {
    const writes = isWritable(channel.limits);
    const isOwn = read.has(channel.alias) && !exported.has(channel.alias);
    if (!writes || isOwn) return [];
    const image = filesOf(channel)
      .map((file) => images.get(file))
      .find((it) => it !== undefined);
    return image === undefined ? [] : [clash(channel, image)];
  });
}

function aliasesOf(config: ZrtConfig, access: "ro" | "wo"): ByteString[] {
  return config.mounts.filter((record) => record.access === access).map(({ channel }) => channel);
}

/** Regular files behind a channel, each by what is the same under all of its names. */
function filesOf({ sources }: ChannelDeclaration): string[] {
  return sources.flatMap((source) => {
    if (source.kind !== "path" || standardFd(source.path) !== undefined) return [];
    try {
      const stats = statSync(source.path);
      return stats.isFile() ? [`${stats.dev}:${stats.ino}`] : [];
    } catch {
      // What is not there cannot be an image; others say so.
      return [];
    }
  });
}

function clash({ alias, line, columns }: ChannelDeclaration, image: ByteString): RefusalFinding {
  const name = printable(textOf(alias));
  const finding = makeFinding({
    stage: "mount",
    code: EXIT.FAULT,
    state: `cannot open ${name}`,
    message: `${name} writes the file of the image ${printable(textOf(image))}, which is read`,
    expected: "another file",
    line,
    column: columns?.[0],
  });
  return { ...finding, errorCode: "ZVM_CHANNEL" };
}
