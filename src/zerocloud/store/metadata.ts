import { ZvmError } from "../../base/index.ts";
import { isText } from "./names.ts";

/** Headers that are kept with an item, by their names in lower case. */
export type Metadata = Readonly<Record<string, string>>;

/** Swift's limits on the `x-…-meta-` headers of one item; names without that part. */
export const METADATA_LIMITS = {
  items: 90,
  nameBytes: 128,
  valueBytes: 256,
  allBytes: 4096,
  /** Any other header that is kept with an item. */
  headerBytes: 8192,
} as const;

const OWN = /^x-(?:account|container|object)-meta-(.*)$/s;

/** Characters of a header's name. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/**
 * Metadata with names in lower case, judged by Swift's limits.
 * @throws ZvmError ZVM_STORE_METADATA naming the item
 */
export function parseMetadata(headers: Metadata): Metadata {
  const kept: Record<string, string> = Object.create(null);
  let items = 0;
  let bytes = 0;
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase();
    const own = OWN.exec(name)?.[1];
    judgeItem(name, own, value);
    if (own !== undefined && value !== "") {
      items += 1;
      bytes += Buffer.byteLength(own) + Buffer.byteLength(value);
    }
    kept[name] = value;
  }
  if (items > METADATA_LIMITS.items) {
    refuse(`There are ${items} items of metadata; there may be ${METADATA_LIMITS.items}`);
  }
  if (bytes > METADATA_LIMITS.allBytes) {
    refuse(`Metadata has ${bytes} bytes; it may have ${METADATA_LIMITS.allBytes}`);
  }
  return { ...kept };
}

function judgeItem(name: string, own: string | undefined, value: string): void {
  if (!TOKEN.test(name)) refuse(`${JSON.stringify(name)} is no name of a header`);
  if (!isText(value) || /[\r\n]/.test(value)) refuse(`The value of ${name} is no header text`);
  const valueBytes = Buffer.byteLength(value);
  if (own === undefined) {
    if (valueBytes > METADATA_LIMITS.headerBytes) {
      refuse(`The value of ${name} has more than ${METADATA_LIMITS.headerBytes} bytes`);
    }
    return;
  }
  if (own === "") refuse(`${name} names no item`);
  if (Buffer.byteLength(own) > METADATA_LIMITS.nameBytes) {
    refuse(`The name ${name} is longer than ${METADATA_LIMITS.nameBytes} bytes`);
  }
  if (valueBytes > METADATA_LIMITS.valueBytes) {
    refuse(`The value of ${name} has more than ${METADATA_LIMITS.valueBytes} bytes`);
  }
}

function refuse(message: string): never {
  throw new ZvmError("ZVM_STORE_METADATA", message);
}

/** What `changes` make of `old`; an empty value removes its item. */
export function mergeMetadata(old: Metadata, changes: Metadata): Metadata {
  const merged = Object.entries({ ...old, ...parseMetadata(changes) }).filter(
    ([, value]) => value !== "",
  );
  return parseMetadata(Object.fromEntries(merged));
}
