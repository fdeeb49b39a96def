import { isFolder, type Listed, type ListedContainer, type ListedObject } from "../store/index.ts";
import { listingDate } from "./header-text.ts";
import type { ListingFormat } from "./listing-format.ts";

/** A line of a listing with its fields in the order of Swift. */
export interface ListingRow {
  readonly name: string;
  /** Element of XML. */
  readonly element: "container" | "object" | "subdir";
  readonly fields: Readonly<Record<string, string | number>>;
}

function folderRow(subdir: string): ListingRow {
  return { name: subdir, element: "subdir", fields: { subdir } };
}

export function containerRow(listed: Listed<ListedContainer>): ListingRow {
  if (isFolder(listed)) return folderRow(listed.subdir);
  const { name, objectCount, sizeBytes, modifiedAt } = listed;
  const last_modified = listingDate(modifiedAt);
  const fields = { name, count: objectCount, bytes: sizeBytes, last_modified };
  return { name, element: "container", fields };
}

export function objectRow(listed: Listed<ListedObject>): ListingRow {
  if (isFolder(listed)) return folderRow(listed.subdir);
  const { name, etag, sizeBytes, contentType, modifiedAt, largeEtag } = listed;
  const line = {
    name,
    hash: etag,
    bytes: sizeBytes,
    content_type: contentType,
    last_modified: listingDate(modifiedAt),
  };
  const fields = largeEtag === undefined ? line : { ...line, slo_etag: `"${largeEtag}"` };
  return { name, element: "object", fields };
}

/** How a listing is written around and between its rows. */
export interface ListingText {
  readonly head: string;
  readonly between: string;
  readonly tail: string;
  row(row: ListingRow): string;
}

/** @param root element of XML, and the name that it has */
export function textFor(format: ListingFormat, root: string, name: string): ListingText {
  if (format === "plain") return { head: "", between: "", tail: "", row: (row) => `${row.name}\n` };
  if (format === "json") {
    return { head: "[", between: ", ", tail: "]", row: ({ fields }) => JSON.stringify(fields) };
  }
  return {
    head: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} name="${xmlText(name)}">`,
    between: "",
    tail: `</${root}>`,
    row: xmlRow,
  };
}

function xmlRow({ name, element, fields }: ListingRow): string {
  if (element === "subdir") {
    return `<subdir name="${xmlText(name)}"><name>${xmlText(name)}</name></subdir>`;
  }
  const inner = Object.entries(fields).map(
    ([field, value]) => `<${field}>${xmlText(String(value))}</${field}>`,
  );
  return `<${element}>${inner.join("")}</${element}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Characters that XML has no way to write, not even escaped. */
const NEVER_IN_XML = /(?![\t\n\r\u007f-\u009f])\p{Cc}|[\uFFFE\uFFFF]/gu;

function xmlText(text: string): string {
  return text
    .replace(NEVER_IN_XML, "\uFFFD")
    .replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign)
    .replace(/[\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
