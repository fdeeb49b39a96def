import { memorySource } from "../../src/base/index.ts";
import { TarWriter } from "../../src/tar/index.ts";

/** For tests: an archive of files in this order; a number is so many zero bytes. */
export function archive(
  files: readonly (readonly [path: string, contents: string | number | Uint8Array])[],
): Buffer {
  const pieces: Uint8Array[] = [];
  const writer = new TarWriter({ write: (piece) => void pieces.push(piece.slice()) }, {});
  for (const [path, contents] of files) {
    const data = typeof contents === "number" ? new Uint8Array(contents) : Buffer.from(contents);
    const owner = { uid: 0, gid: 0, mtimeSeconds: 0, mode: 0o644 };
    writer.add({ path, kind: "file", ...owner, contents: memorySource(data) });
  }
  writer.finish();
  return Buffer.concat(pieces);
}
