import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ROOT } from "./command-line.ts";

const RESOURCES = join(ROOT, "node_modules/@yowasp/yosys/gen/resources-yosys.js");

/** Texts, addresses of files in the package, and folders of these. */
interface Folder {
  readonly [name: string]: string | Uint8Array | URL | Folder;
}

/** Writes the cell libraries that the package of yosys holds in a module of JavaScript. */
export async function writeYosysShare(folder: string): Promise<void> {
  const module: unknown = await import(pathToFileURL(RESOURCES).href);
  const { filesystem } = module as { readonly filesystem: { readonly share: Folder } };
  writeFolder(filesystem.share, folder);
}

function writeFolder(folder: Folder, place: string): void {
  mkdirSync(place, { recursive: true });
  for (const [name, entry] of Object.entries(folder)) {
    const path = join(place, name);
    if (entry instanceof URL) writeFileSync(path, readFileSync(fileURLToPath(entry)));
    else if (typeof entry === "string" || entry instanceof Uint8Array) writeFileSync(path, entry);
    else writeFolder(entry, path);
  }
}
