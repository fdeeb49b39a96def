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
  let totalBytes = 0;
  for (const [key, member] of membersAt(spot)) {
    const text = textAt(member);
    if (text === undefined) {
      reader.misfit(member, `meta ${JSON.stringify(key)}`, article("string"));
      continue;
    }
    const what = faultOf(key, text);
    if (what !== undefined) reader.report("meta", member, { what });
    totalBytes += bytesOfText(key) + bytesOfText(text);
    meta.push([key, text]);
  }
  if (spot !== undefined && meta.length > META.itemsMax) {
    reader.report("meta", spot, { what: `Too many metadata items; max ${META.itemsMax}` });
  }
  if (spot !== undefined && totalBytes > META.totalBytesMax) {
    reader.report("meta", spot, { what: `Total metadata too large; max ${META.totalBytesMax}` });
  }
  return Object.fromEntries(meta);
}

function faultOf(key: string, text: string): string | undefined {
  if (key === "") return "Metadata name cannot be empty";
  if (bytesOfText(key) > META.nameBytesMax) return `Metadata name too long: ${key}`;
  if (!TOKEN.test(key)) return `Metadata name cannot be in a header: ${key}`;
  if (bytesOfText(text) > META.valueBytesMax) {
    return `Metadata value longer than ${META.valueBytesMax}: ${key}`;
  }
  return hasControls(text) ? `Metadata value cannot be in a header: ${key}` : undefined;
}
