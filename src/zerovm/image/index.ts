/** Tar images and folders of the host: opened, packed, built, listed, and unpacked again. */
export {
  addToImage,
  type BuiltImage,
  buildImage,
  type ListedImage,
  listImage,
} from "./build-image.ts";
export type { BuildOptions } from "./build-options.ts";
export { descriptorSource, writeFully } from "./descriptor.ts";
export type { Progress } from "./entry.ts";
export { gzipTo, isGzipName } from "./gzip.ts";
export { attempt, shownPath } from "./host-failure.ts";
export { DEPTH_MAX, HostFolder } from "./host-tree.ts";
export { type ImagePart, parsePart } from "./image-part.ts";
export type { IndexCacheOptions } from "./index-cache.ts";
export {
  type IndexImageOptions,
  indexImage,
  type OpenImageOptions,
  openImage,
} from "./open-image.ts";
export type { ImageLimits, OpenedImage } from "./opened-image.ts";
export { packFolder } from "./pack-folder.ts";
export { type Snapshot, type UnpackOptions, unpackExport } from "./unpack-export.ts";
export type { Unpacked } from "./unpacked-folder.ts";
