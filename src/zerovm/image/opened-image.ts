import { closeSync } from "node:fs";
import { type ByteSource, LIMIT_TABLE } from "../../base/index.ts";
import type { Member, MemberTable } from "../../tar/index.ts";
import { descriptorSource } from "./descriptor.ts";

/** A tar archive behind a descriptor, and what it holds. */
export interface OpenedImage {
  /** Reads the plain archive, whatever the file was compressed with. */
  readonly fd: number;
  readonly sizeBytes: number;
  readonly table: MemberTable;
  /** The rows of the table as objects, made when they are asked for. */
  readonly members: readonly Member[];
  /** The same bytes as behind `fd`. */
  readonly source: ByteSource;
  /** The file was compressed with gzip. */
  readonly compressed: boolean;
  /** What was left out, in words for the user. */
  readonly warnings: readonly string[];
  /** Closes `fd`; call it once. */
  close(): void;
}

/** Limits that hold for every image. */
export interface ImageLimits {
  /** Bytes of the plain archive. */
  readonly imageBytes?: number;
  /** Files, directories and links in it. */
  readonly membersMax?: number;
  /** Where temporary files live; the system's folder for them unless given. */
  readonly temporaryFolder?: string;
}

export function imageBytesMax(limits: ImageLimits): number {
  return limits.imageBytes ?? LIMIT_TABLE["image-bytes"].standard;
}

export function membersMax(limits: ImageLimits): number {
  return limits.membersMax ?? LIMIT_TABLE["fs-nodes"].standard;
}

export function openedImage(
  fd: number,
  sizeBytes: number,
  index: (source: ByteSource) => MemberTable,
  facts: { readonly compressed: boolean; readonly warnings: readonly string[] },
): OpenedImage {
  const source = descriptorSource(fd, sizeBytes);
  const close = (): void => closeSync(fd);
  const table = index(source);
  let members: readonly Member[] | undefined;
  return {
    fd,
    sizeBytes,
    table,
    get members() {
      members ??= table.list();
      return members;
    },
    source,
    ...facts,
    close,
  };
}
