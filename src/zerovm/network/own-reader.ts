/** Whether an address leads back to a reader of the same session. */
import { networkInterfaces } from "node:os";
import { printable, textOf } from "../../base/index.ts";
import { canonicalAddress } from "../manifest/index.ts";
import type { SourcePlace } from "./network-failure.ts";

interface Reader extends SourcePlace {
  /** Where it listens; absent for what is written. */
  readonly door?: { readonly port: number } | undefined;
}

/**
 * The channel of this session that listens at the address. A reader without an address is at all
 * those of its host, and which these are only the host knows.
 */
export function ownReaderAt(
  sources: readonly Reader[],
  address: string,
  port: number,
): string | undefined {
  const aim = canonicalAddress(address);
  const own = sources.find(({ door, source: { host } }) => {
    if (door?.port !== port) return false;
    return host.kind === "address" ? canonicalAddress(host.address) === aim : isOfThisHost(aim);
  });
  return own === undefined ? undefined : printable(textOf(own.channel.alias));
}

function isOfThisHost(address: string): boolean {
  if (address.startsWith("127.")) return true;
  const own = Object.values(networkInterfaces()).flatMap((them) => them ?? []);
  return own.some((it) => canonicalAddress(it.address) === address);
}
