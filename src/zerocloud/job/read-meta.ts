import { article, type JobReader, membersAt, type Spot, textAt } from "./reader.ts";
import { bytesOfText, hasControls } from "./url.ts";

/** Swift's own limits on the metadata of an object, in bytes of UTF-8. */
export const META = {
  itemsMax: 90,
  nameBytesMax: 128,
  valueBytesMax: 256,
  totalBytesMax: 4096,
} as const;

/** What the name of a header can hold. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The metadata of an output, in the bounds that a PUT would be refused for. */
export function readMeta(
  reader: JobReader,
  spot: Spot | undefined,
): Readonly<Record<string, string>> {
  const meta: [string, string][] = [];
  for (const [key, member] of membersAt(spot)) {
    const text = textAt(member);
    if (text === undefined) {
      reader.misfit(member, `meta ${JSON.stringify(key)}`, article("string"));
      continue;
    }
    const what = metaItemFault(key, text);
    if (what !== undefined) reader.report("meta", member, { what });
    meta.push([key, text]);
  }
  if (spot !== undefined)
    for (const what of metaFaults(meta)) reader.report("meta", spot, { what });
  return Object.fromEntries(meta);
}

/** What is wrong with metadata as a whole, in Swift's words. */
export function metaFaults(meta: readonly (readonly [name: string, value: string])[]): string[] {
  const faults: string[] = [];
  const sizes = meta.map(([key, text]) => bytesOfText(key) + bytesOfText(text));
  const totalBytes = sizes.reduce((total, size) => total + size, 0);
  if (meta.length > META.itemsMax) faults.push(`Too many metadata items; max ${META.itemsMax}`);
  if (totalBytes > META.totalBytesMax) {
    faults.push(`Total metadata too large; max ${META.totalBytesMax}`);
  }
  return faults;
}

/** What is wrong with one item of metadata, in Swift's words; undefined where nothing is. */
export function metaItemFault(key: string, text: string): string | undefined {
  if (key === "") return "Metadata name cannot be empty";
  if (bytesOfText(key) > META.nameBytesMax) return `Metadata name too long: ${key}`;
  if (!TOKEN.test(key)) return `Metadata name cannot be in a header: ${key}`;
  if (bytesOfText(text) > META.valueBytesMax) {
    return `Metadata value longer than ${META.valueBytesMax}: ${key}`;
  }
  return hasControls(text) ? `Metadata value cannot be in a header: ${key}` : undefined;
}
