import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import { printable, ZvmError } from "../base/index.ts";
import { openImage, reasonOf } from "../zerovm/index.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";

/** The options that say which images a job may name. */
export const IMAGE_OPTIONS: readonly OptionSpec[] = [
  {
    name: "image",
    value: "NAME=TAR",
    repeat: true,
    isPath: true,
    help: "The system image of that name; plan: with one, others are errors",
  },
  {
    name: "posted-image",
    value: "TAR",
    isPath: true,
    help: "The image that comes with the job",
  },
];

/** Images of a job, as paths that can be read. */
export interface JobImages {
  readonly systemImages: ReadonlyMap<string, string>;
  readonly postedImage?: string;
}

/** @throws ZvmError ZVM_USAGE, or ZVM_FILE naming an image that cannot be read */
export function imagesOf(parsed: ParsedOptions): JobImages {
  const posted = parsed.last("posted-image");
  const systemImages = new Map(parsed.all("image").map(readImage));
  for (const path of [...systemImages.values(), ...parsed.all("posted-image")]) judgeImage(path);
  return { systemImages, ...(posted !== undefined && { postedImage: resolve(posted) }) };
}

/**
 * Opens each image and closes it: whoever runs nothing learns of one that is none.
 * @throws ZvmError as `openImage`
 */
export async function openEach({ systemImages, postedImage }: JobImages): Promise<void> {
  const paths = [...systemImages.values(), ...(postedImage === undefined ? [] : [postedImage])];
  for (const path of paths) (await openImage(path)).close();
}

/** `NAME=TAR`. @throws ZvmError ZVM_USAGE */
export function readImage(text: string): [name: string, path: string] {
  const equals = text.indexOf("=");
  if (equals > 0 && equals < text.length - 1) {
    return [text.slice(0, equals), resolve(text.slice(equals + 1))];
  }
  throw new ZvmError("ZVM_USAGE", `--image is NAME=TAR, not '${text}'`);
}

/** What is wrong with the name of a file is said of it, and not of the job. */
function judgeImage(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    const message = `Cannot read the image ${printable(path)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}
