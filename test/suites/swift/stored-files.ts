/** For tests: files of objects on the disks of nodes, which can be lost or spoiled. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { SwiftNode } from "../../../tools/swift/index.ts";

/** Paths of the files on a node that hold just these bytes, of the first policy. */
export function filesWith({ devices }: SwiftNode, bytes: string | Uint8Array): string[] {
  return dataFiles(join(devices, "d1", "objects")).filter((path) => {
    return readFileSync(path).equals(Buffer.from(bytes));
  });
}

/** Paths of all files of objects below a folder. */
export function dataFiles(top: string): string[] {
  return readdirSync(top, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".data"))
    .map((path) => join(top, path));
}

/** As if a disk had lost it. */
export function loseFiles(node: SwiftNode, bytes: string | Uint8Array): number {
  const files = filesWith(node, bytes);
  for (const file of files) rmSync(file);
  return files.length;
}
