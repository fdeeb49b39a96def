import { printable } from "../base/index.ts";

const WORDS = {
  gets: "reads",
  "get-bytes": "bytes that are read",
  puts: "writes",
  "put-bytes": "bytes that are written",
} as const;

export function isChannelLimit(limit: unknown): limit is keyof typeof WORDS {
  return typeof limit === "string" && Object.hasOwn(WORDS, limit);
}

/** A limit of a channel that answered the guest with an errno, which says little. */
export function channelLimitText(channel: string, limit: keyof typeof WORDS): string {
  return `${printable(channel)} met its limit of ${WORDS[limit]}`;
}
