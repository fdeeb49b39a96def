import type { ByteString } from "../../base/index.ts";
import { type ChannelLimits, isReadable, isWritable } from "../../channels/index.ts";
import type { Source } from "./manifest.ts";

/** The three channels that every session must have, in the order of their handles. */
export const STANDARD_ALIASES = ["/dev/stdin", "/dev/stdout", "/dev/stderr"] as const;

/** Handles are indexes in this order: the standard channels, then all others bytewise by alias. */
export function guestOrder<C extends { readonly alias: ByteString }>(channels: readonly C[]): C[] {
  const rank = (alias: ByteString): number => {
    const index = (STANDARD_ALIASES as readonly string[]).indexOf(alias);
    return index < 0 ? STANDARD_ALIASES.length : index;
  };
  return [...channels].sort((one, other) => {
    const byRank = rank(one.alias) - rank(other.alias);
    if (byRank !== 0 || one.alias === other.alias) return byRank;
    return one.alias < other.alias ? -1 : 1;
  });
}

interface Mounted {
  readonly limits: ChannelLimits;
  readonly sources: readonly Source[];
}

/**
 * The order in which channels are opened: first those with more network sources to read, then
 * those with more network sources to write, then the rest as declared.
 */
export function mountOrder<C extends Mounted>(channels: readonly C[]): C[] {
  const networkReaders = (channel: C): number =>
    isReadable(channel.limits) ? networkCount(channel) : 0;
  const networkWriters = (channel: C): number =>
    isWritable(channel.limits) ? networkCount(channel) : 0;
  return [...channels].sort(
    (one, other) =>
      networkReaders(other) - networkReaders(one) || networkWriters(other) - networkWriters(one),
  );
}

export function networkCount(channel: Mounted): number {
  return channel.sources.filter((source) => source.kind === "network").length;
}
