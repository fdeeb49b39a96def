/** What a guest left in its world that nobody stores when its memory is. */
import type { ByteString } from "../base/index.ts";
import { isFork } from "./forks.ts";
import type { DescriptorTable, DirectoryNode, OpenFile, Tree } from "./fs/index.ts";
import { shown } from "./shown.ts";

/** The world as it was before the guest began. */
export interface Beginning {
  readonly lastIno: number;
  readonly open: ReadonlyMap<number, OpenFile>;
  readonly umask: number;
}

/** More of a kind are not named. */
const NAMED_MAX = 10;

export function beginningOf(tree: Tree, descriptors: DescriptorTable): Beginning {
  return { lastIno: tree.lastIno, open: descriptors.open(), umask: tree.umask };
}

/** Sentences for people, one for each thing that would be lost. */
export function leftoversOf(
  beginning: Beginning,
  tree: Tree,
  descriptors: DescriptorTable,
): string[] {
  const names = changedNames(beginning, tree.root);
  const files = names.slice(0, NAMED_MAX).map((name) => `${shown(name)} was made or written`);
  if (names.length > NAMED_MAX) files.push("and further files");
  const umask = tree.umask === beginning.umask ? [] : ["The umask was changed"];
  return [...changedDescriptors(beginning.open, descriptors.open()), ...files, ...umask];
}

function changedDescriptors(
  before: ReadonlyMap<number, OpenFile>,
  after: ReadonlyMap<number, OpenFile>,
): string[] {
  const opened = [...after].filter(([fd, file]) => before.get(fd) !== file && !isFork(file));
  const closed = [...before].filter(([fd]) => !after.has(fd));
  return [
    ...opened.slice(0, NAMED_MAX).map(([fd]) => `The descriptor ${fd} is still open`),
    ...closed.slice(0, NAMED_MAX).map(([fd]) => `The descriptor ${fd} was closed`),
  ];
}

/** Paths of nodes that were not there before, or whose contents are others. */
function changedNames({ lastIno }: Beginning, root: DirectoryNode): ByteString[] {
  const found: ByteString[] = [];
  const open: { readonly node: DirectoryNode; readonly path: ByteString }[] = [
    { node: root, path: "" },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { name, node } of next.node.entries()) {
      const path = `${next.path}/${name}`;
      // What is there are channels, and no guest makes others.
      if (path === "/dev") continue;
      const isWritten = node.kind === "file" && node.data.isChanged;
      if (node.ino > lastIno || isWritten) found.push(path);
      else if (node.kind === "directory") open.push({ node, path });
      if (found.length > NAMED_MAX) return found;
    }
  }
  return found;
}
