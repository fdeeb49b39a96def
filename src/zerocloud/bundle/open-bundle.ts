import { textOf, ZvmError } from "../../base/index.ts";
import type { Member } from "../../tar/index.ts";
import { type OpenedImage, openImage, shownPath } from "../../zerovm/image/index.ts";
import { MAP_MEMBER, parseZapp, pathPattern, ZAPP_FILE, type Zapp } from "../zapp/index.ts";

/** A bundle of the host that is open for reading, also one that is compressed with gzip. */
export interface OpenedBundle {
  readonly jobText: Uint8Array;
  /** What `zapp.yaml` says, where the bundle has one that is well-formed. */
  readonly zapp?: Zapp;
  /** The plain archive. */
  readonly image: OpenedImage;
  /** Files that are published as objects of their own. */
  readonly published: readonly Member[];
  close(): void;
}

/** No job is longer, whatever the limits of a server. */
const MAP_BYTES_MAX = 2 ** 24;

/** @throws ZvmError ZVM_FILE, ZVM_TAR, or ZVM_ZAPP where it is no bundle */
export async function openBundle(path: string): Promise<OpenedBundle> {
  const image = await openImage(path, { links: "kept" });
  try {
    const jobText = memberBytes(image, MAP_MEMBER);
    if (jobText === undefined) {
      const message = `${shownPath(path)} is no zapp: it has no ${MAP_MEMBER}`;
      throw new ZvmError("ZVM_ZAPP", message);
    }
    const description = memberBytes(image, ZAPP_FILE);
    const { zapp } = description === undefined ? {} : parseZapp(description);
    const published = publishedOf(image, zapp);
    const known = zapp === undefined ? {} : { zapp };
    return { jobText, ...known, image, published, close: () => image.close() };
  } catch (error) {
    image.close();
    throw error;
  }
}

function memberBytes({ members, source }: OpenedImage, path: string): Uint8Array | undefined {
  const member = members.find((one) => one.path === path && one.kind === "file");
  if (member === undefined) return undefined;
  if (member.sizeBytes > MAP_BYTES_MAX) {
    throw new ZvmError("ZVM_ZAPP", `${path} of the bundle has more than ${MAP_BYTES_MAX} bytes`);
  }
  const bytes = new Uint8Array(member.sizeBytes);
  source.read(member.dataOffset, bytes);
  return bytes;
}

/** What `ui` names by the same patterns as when it was packed: nothing else is published. */
function publishedOf({ members }: OpenedImage, zapp: Zapp | undefined): Member[] {
  const patterns = (zapp?.ui ?? []).flatMap(({ text }) => {
    const compiled = pathPattern(text);
    return "fault" in compiled ? [] : [compiled];
  });
  return members.filter(({ path, kind }) => {
    const parts = textOf(path).split("/");
    // A folder that is named takes in all that it holds.
    const isNamed = (end: number) => patterns.some((one) => one.matches(parts.slice(0, end + 1)));
    return kind === "file" && parts.some((_, end) => isNamed(end));
  });
}
