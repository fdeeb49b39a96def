/** Programs that go on where others were frozen: what their files say, and whether it holds. */
import { ZvmError } from "../../base/index.ts";
import type { NexePolicy } from "../../nacl/elf/index.ts";
import { type NexeImage, readNexeImage } from "../../nacl/frozen/index.ts";
import {
  FROZEN_BYTES,
  FROZEN_NAME,
  type FrozenHead,
  hashedParts,
  readFrozenHead,
} from "../../wasm/freeze/index.ts";
import type { ModuleShape } from "../../wasm/index.ts";
import { sha256Of } from "./content-hash.ts";
import { fileSource } from "./file-source.ts";

/** What a frozen module says of itself; undefined for others; a text: why it is damaged. */
export function frozenOf(
  fd: number,
  sizeBytes: number,
  path: string,
  shape: ModuleShape,
): FrozenHead | string | undefined {
  if (!shape.customSections.some(({ name }) => name === FROZEN_NAME)) return undefined;
  const first = new Uint8Array(Math.min(FROZEN_BYTES, sizeBytes));
  fileSource(fd, sizeBytes, path).read(0, first);
  return orDamaged(path, () => readFrozenHead(first, shape));
}

/**
 * Whether the contents of a frozen module are those that it was written with.
 * @throws ZvmError ZVM_PROGRAM_REFUSED where they are not
 */
export function judgeFrozen(bytes: Uint8Array, path: string, frozen: FrozenHead | undefined): void {
  if (frozen === undefined || sha256Of(...hashedParts(bytes)) === frozen.hash) return;
  const message = `${path} is a damaged image: its contents have another hash than it says`;
  const hint = "Make it again with `zerovm freeze`";
  throw new ZvmError("ZVM_PROGRAM_REFUSED", message, {
    diagnostics: [{ severity: "error", message, hint }],
  });
}

/** The image of a Native Client program; a text: why no session goes on with it. */
export function openNexeImage(
  bytes: Uint8Array,
  path: string,
  policy: NexePolicy,
): NexeImage | string {
  const image = orDamaged(path, () => readNexeImage(bytes, sha256Of));
  if (typeof image === "string") return image;
  if (image.policy === policy) return image;
  const rules = `by the rules of ${image.policy}, not of ${policy}`;
  return `${path} was frozen ${rules}: run it with --policy ${image.policy}`;
}

/** @throws what is no judgement of the image */
function orDamaged<Read>(path: string, read: () => Read): Read | string {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    return `${path} is a damaged image: ${error.diagnostics[0]?.message ?? error.message}`;
  }
}
