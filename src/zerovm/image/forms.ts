/** What callers of the library say of images. */
import {
  BYTE_STRING,
  CALLBACK,
  countOf,
  type Fields,
  type Form,
  LIMIT_TABLE,
  listOf,
  NAME,
  optional,
  recordOf,
  SIGNAL,
  SWITCH,
} from "../../base/index.ts";
import type { BuildOptions } from "./build-options.ts";
import type { ImagePart } from "./image-part.ts";
import type { ImageLimits } from "./opened-image.ts";

/** A year beyond which no file is: a tar holds larger ones, and no reader of it. */
const SECONDS_MAX = 2 ** 43;

const LIMIT_FIELDS: Fields<ImageLimits> = {
  imageBytes: optional(countOf("bytes", 0, LIMIT_TABLE["image-bytes"].maximum, "ZVM_LIMIT")),
  membersMax: optional(countOf("files", 0, LIMIT_TABLE["fs-nodes"].maximum, "ZVM_LIMIT")),
  temporaryFolder: optional(NAME),
};

/** How an image is listed. */
export const LIST_OPTIONS: Form = recordOf<ImageLimits>(LIMIT_FIELDS);

/** How an image is built. */
export const BUILD_OPTIONS: Form = recordOf<BuildOptions>({
  ...LIMIT_FIELDS,
  mtimeSeconds: optional(countOf("seconds", -SECONDS_MAX, SECONDS_MAX)),
  gzip: optional(SWITCH),
  onProgress: optional(CALLBACK),
  signal: optional(SIGNAL),
});

/** What an image is built of. */
export const PARTS: Form = listOf(
  recordOf<ImagePart>({ hostPath: NAME, name: optional(BYTE_STRING) }),
  "a list of { hostPath, name? }",
);
