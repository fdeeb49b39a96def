import type { Group } from "../job/index.ts";
import { type Attachment, type PlannedChannel, pathOfItem, type StoredItem } from "./plan.ts";

/**
 * The object beside which a node runs. Without `attach` it is that of its first channel, where that
 * has one; a script is small, and only looked at where there is nothing else.
 */
export function attachmentOf(
  group: Group,
  channels: readonly PlannedChannel[],
): Attachment | undefined {
  const channel = candidateOf(group.attach, channels);
  if (channel?.kind === "input") {
    return { device: channel.device, item: channel.item, access: "read" };
  }
  if (channel?.kind === "stored" && group.replicate > 0) {
    return { device: channel.device, item: channel.item, access: "write" };
  }
  return undefined;
}

function candidateOf(
  attach: string | undefined,
  channels: readonly PlannedChannel[],
): PlannedChannel | undefined {
  if (attach !== undefined) return channels.find(({ device }) => device === attach);
  const [first, second] = channels;
  return first?.device === "script" ? (second ?? first) : first;
}

/** What a node reads and is not attached to: each item once, in the order of its channels. */
export function remoteItems(
  channels: readonly PlannedChannel[],
  attachment: Attachment | undefined,
): StoredItem[] {
  const local = attachment?.access === "read" ? pathOfItem(attachment.item) : undefined;
  const items = new Map<string, StoredItem>();
  for (const channel of channels) {
    if (channel.kind !== "input") continue;
    const path = pathOfItem(channel.item);
    if (path !== local) items.set(path, channel.item);
  }
  return [...items.values()];
}
