import { accountingLine } from "./accounting.ts";
import { type Header, headerValue, listEntry, NO_ENTRY } from "./header-text.ts";
import type { InstanceResult } from "./result.ts";

/**
 * The headers that tell what became of the instances: lists with one entry for each of them, at
 * the same place in every list.
 */
export function nexeHeaders(seconds: number, instances: readonly InstanceResult[]): Header[] {
  const list = (name: string, entry: (instance: InstanceResult) => string): Header => {
    return [name, instances.map(entry).join(",")];
  };
  const headers = [
    list("X-Nexe-System", ({ name }) => listEntry(name)),
    list("X-Nexe-Status", ({ statusText }) => listEntry(statusText)),
    list("X-Nexe-Retcode", ({ exitCode }) => String(exitCode)),
    list("X-Nexe-Etag", ({ etags }) => etagEntry(etags)),
    list("X-Nexe-Validation", ({ validation }) => String(validation)),
    ["X-Nexe-Cdr-Line", accountingLine(seconds, instances)] as const,
    list("X-Nexe-Policy", ({ policy }) => listEntry(policy)),
    list("X-Nexe-Colocated", ({ colocated }) => listEntry(colocated)),
  ];
  if (instances.some(({ error }) => error !== undefined)) {
    headers.push(list("X-Nexe-Error", ({ error }) => listEntry(error ?? "")));
  }
  if (instances.some(({ isCached }) => isCached)) headers.push(["X-Nexe-Cached", "true"]);
  const device = instances.flatMap(({ responses }) => responses).at(-1)?.device;
  if (device !== undefined && device !== "") headers.push(["X-Zerovm-Device", headerValue(device)]);
  return headers;
}

/** `/dev/NAME DIGEST` for each channel that has one; blanks in names are in percent form. */
function etagEntry(etags: InstanceResult["etags"]): string {
  if (etags.length === 0) return NO_ENTRY;
  return etags
    .map(({ device, hex }) => `/dev/${listEntry(device).replaceAll(" ", "%20")} ${hex}`)
    .join(" ");
}
