/** Makes images out of files and folders of the host, adds to them, and lists them. */

import { type ByteString, judgeValue, NAME } from "../../base/index.ts";
import type { Member } from "../../tar/index.ts";
import type { BuildOptions } from "./build-options.ts";
import { sourcePart } from "./descriptor.ts";
import type { Entry } from "./entry.ts";
import { BUILD_OPTIONS, LIST_OPTIONS, PARTS } from "./forms.ts";
import { isGzipName } from "./gzip.ts";
import { shownPath } from "./host-failure.ts";
import { type Target, targetOf, writeImageFile } from "./image-file.ts";
import { type ImagePart, type PartEntries, partEntries } from "./image-part.ts";
import { MergedEntries } from "./merge-entries.ts";
import { openImage } from "./open-image.ts";
import { type ImageLimits, imageBytesMax, membersMax, type OpenedImage } from "./opened-image.ts";

export interface BuiltImage {
  /** Of the file, compressed if it is. */
  readonly sizeBytes: number;
  readonly members: number;
  readonly warnings: readonly string[];
}

/**
 * Writes a new image: the contents of folders at its root, files by their own names, unless a
 * part has a name. The same inputs give the same archive; its gzip form may differ between
 * versions of Node.
 * @throws ZvmError ZVM_FILE for what cannot be read or written, ZVM_USAGE when two parts clash.
 */
export async function buildImage(
  parts: readonly ImagePart[],
  outFile: string,
  options: BuildOptions = {},
): Promise<BuiltImage> {
  judgeBuild("buildImage", parts, outFile, options);
  const gzip = options.gzip ?? isGzipName(outFile);
  return build(parts, targetOf(outFile), [], { ...options, gzip, unnamedFolder: "root" });
}

/**
 * Puts files and folders into an image that is there, each under its own name unless it has
 * another; a file takes the place of one that has the same path. The form stays as it was.
 * @throws ZvmError as `openImage` and `buildImage` do.
 */
export async function addToImage(
  imagePath: string,
  parts: readonly ImagePart[],
  options: BuildOptions = {},
): Promise<BuiltImage> {
  judgeBuild("addToImage", parts, imagePath, options);
  const image = await openImage(imagePath, { ...options, links: "kept" });
  try {
    const gzip = options.gzip ?? image.compressed;
    const old = entriesOf(image, imagePath);
    return await build(parts, targetOf(imagePath), old, {
      ...options,
      gzip,
      unnamedFolder: "name",
    });
  } finally {
    image.close();
  }
}

function judgeBuild(call: string, parts: unknown, file: unknown, options: unknown): void {
  judgeValue(call, parts, PARTS);
  judgeValue(call, file, NAME);
  judgeValue(call, options, BUILD_OPTIONS);
}

export interface ListedImage {
  readonly sizeBytes: number;
  readonly compressed: boolean;
  readonly members: readonly Member[];
}

/** Lists what an image holds, in its own order. */
export async function listImage(path: string, options: ImageLimits = {}): Promise<ListedImage> {
  judgeValue("listImage", path, NAME);
  judgeValue("listImage", options, LIST_OPTIONS);
  const image = await openImage(path, { ...options, links: "kept" });
  image.close();
  const { sizeBytes, compressed, members } = image;
  return { sizeBytes, compressed, members };
}

interface BuildPlan extends BuildOptions {
  readonly gzip: boolean;
  readonly unnamedFolder: "root" | "name";
}

async function build(
  parts: readonly ImagePart[],
  target: Target,
  old: readonly Entry[],
  plan: BuildPlan,
): Promise<BuiltImage> {
  const { unnamedFolder, gzip, mtimeSeconds, signal, onProgress } = plan;
  const merged = new MergedEntries();
  for (const entry of old) merged.addOld(entry);
  const limits = { unnamedFolder, membersMax: membersMax(plan), except: target.identity };
  const opened: PartEntries[] = [];
  try {
    for (const part of parts) {
      const found = partEntries(part, limits);
      opened.push(found);
      for (const entry of found.entries) merged.add(entry);
    }
    const entries = merged.finish();
    const limitBytes = imageBytesMax(plan);
    const options = { gzip, limitBytes, mtimeSeconds, signal, onProgress };
    const sizeBytes = await writeImageFile(target, entries, options);
    return { sizeBytes, members: entries.length, warnings: opened.flatMap((one) => one.warnings) };
  } finally {
    for (const one of opened) one.close();
  }
}

/** The members of an image as entries; names of one file share an identity. */
function entriesOf(image: OpenedImage, imagePath: string): Entry[] {
  const files = new Map<ByteString, Member>();
  return image.members.map((member) => {
    const { path, kind, mode, mtimeSeconds, link } = member;
    const origin = `${shownPath(imagePath)} itself`;
    const facts = { path, mode, mtimeSeconds, origin, sizeBytes: 0 };
    if (kind === "symlink" && link !== undefined) return { ...facts, kind, link };
    if (kind === "directory") return { ...facts, kind };
    const file = kind === "hardlink" ? (files.get(link ?? "") ?? member) : member;
    files.set(path, file);
    const { dataOffset, sizeBytes } = file;
    return {
      ...facts,
      kind: "file",
      sizeBytes,
      identity: `image:${dataOffset}`,
      open: () => ({
        source: sourcePart(image.source, dataOffset, sizeBytes),
        close: () => {},
      }),
    };
  });
}
