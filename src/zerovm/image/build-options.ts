import type { Progress } from "./entry.ts";
import type { ImageLimits } from "./opened-image.ts";

/** How an image is built. */
export interface BuildOptions extends ImageLimits {
  /** The time of every member; each keeps its own unless given. */
  readonly mtimeSeconds?: number;
  /** Compress with gzip; unless given, the ending of the file's name decides. */
  readonly gzip?: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** Stops the work; what was there before stays. */
  readonly signal?: AbortSignal;
}
