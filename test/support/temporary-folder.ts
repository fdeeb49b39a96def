import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** Gives each test folders of its own, and removes them after it. */
export function temporaryFolders(): () => string {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), "zerovm-test-"));
    made.push(folder);
    return folder;
  };
}

/** Lets each test work in a folder of its own, told to `begin`, as a person does at a shell. */
export function workInOwnFolder(begin: (folder: string) => void): void {
  const newFolder = temporaryFolders();
  const home = process.cwd();
  beforeEach(() => {
    const folder = newFolder();
    process.chdir(folder);
    begin(folder);
  });
  afterEach(() => {
    process.chdir(home);
  });
}

/** Paths to texts; a path that ends in `/` is a folder, a text that begins with `-> ` a link. */
export type Tree = Readonly<Record<string, string>>;

export function makeTree(folder: string, tree: Tree): void {
  for (const [path, text] of Object.entries(tree)) {
    const place = join(folder, path);
    mkdirSync(path.endsWith("/") ? place : dirname(place), { recursive: true });
    if (path.endsWith("/")) continue;
    if (text.startsWith("-> ")) symlinkSync(text.slice(3), place);
    else writeFileSync(place, text);
  }
}

/** What a folder holds, in the form that `makeTree` takes. */
export function readTree(folder: string, prefix = ""): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(join(folder, prefix)).sort()) {
    const path = prefix + name;
    const stat = lstatSync(join(folder, path));
    if (stat.isSymbolicLink()) tree[path] = `-> ${readlinkSync(join(folder, path))}`;
    else if (stat.isDirectory())
      Object.assign(tree, { [`${path}/`]: "" }, readTree(folder, `${path}/`));
    else tree[path] = stat.isFile() ? readFileSync(join(folder, path), "utf8") : "special";
  }
  return tree;
}
