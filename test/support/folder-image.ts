import { type ByteString, bytesOf, memorySource } from "../../src/base/index.ts";
import { type Member, tableOf } from "../../src/tar/index.ts";
import type { Image } from "../../src/zrt/index.ts";

/** A host folder as `--dir` would give it: files by path, directories ending in a slash. */
export function folderImage(
  mountpoint: ByteString,
  files: Readonly<Record<ByteString, ByteString>>,
  options: Partial<Pick<Image, "readonly" | "isFolder" | "meta">> = {},
): Image {
  let contents = "";
  const members = Object.entries(files).map(([path, text]): Member => {
    const isDirectory = path.endsWith("/");
    const member: Member = {
      path: isDirectory ? path.slice(0, -1) : path,
      kind: isDirectory ? "directory" : "file",
      mode: isDirectory ? 0o755 : 0o644,
      mtimeSeconds: 1,
      mtimeNanos: 0,
      sizeBytes: text.length,
      dataOffset: contents.length,
    };
    contents += text;
    return member;
  });
  const source = memorySource(bytesOf(contents));
  return {
    source,
    members: tableOf(members),
    mountpoint,
    readonly: false,
    meta: "archive",
    isFolder: true,
    ...options,
  };
}
