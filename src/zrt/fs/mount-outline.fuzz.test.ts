import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TreeWorld } from "../../../test/support/tree-world.ts";
import { bytesOf, memorySource } from "../../base/index.ts";
import { type Member, MemberTable, tableOf } from "../../tar/index.ts";
import { type DirectoryNode, type Image, mountImage, type Node, statNode } from "./index.ts";

const source = memorySource(bytesOf("0123456789abcdefghijklmnopqrstuvwxyz"));

const part = fc.constantFrom("a", "b", "c", "tmp");
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const facts = fc.record({
  path,
  mode: fc.nat(0o7777),
  mtimeSeconds: fc.integer(),
  mtimeNanos: fc.nat(999_999_999),
});
const none = { sizeBytes: 0, dataOffset: 0 };
const member: fc.Arbitrary<Member> = fc.oneof(
  {
    weight: 6,
    arbitrary: facts.map((it): Member => ({ ...it, kind: "file", sizeBytes: 9, dataOffset: 3 })),
  },
  { weight: 3, arbitrary: facts.map((it): Member => ({ ...it, ...none, kind: "directory" })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(facts, path)
      .map(([it, link]): Member => ({ ...it, ...none, kind: "symlink", link })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(facts, path)
      .map(([it, link]): Member => ({ ...it, ...none, kind: "hardlink", link })),
  },
);
/** Trees as archives mostly have them, and any others. */
const members = fc.oneof(
  fc
    .uniqueArray(member, { selector: (it) => it.path, maxLength: 12 })
    .map((list) => list.filter(({ kind }) => kind !== "hardlink"))
    .map((list) => list.filter((it) => !list.some((one) => isBelowOther(it, one)))),
  fc.array(member, { maxLength: 12 }),
);

function isBelowOther(it: Member, one: Member): boolean {
  return one.kind !== "directory" && it.path.startsWith(`${one.path}/`);
}

const image = fc.record({
  members,
  mountpoint: fc.constantFrom("/", "/m", "/m/a", "/a/b"),
  readonly: fc.boolean(),
  meta: fc.constantFrom("archive", "classic"),
  isFolder: fc.boolean(),
});
const at = path.chain((below) => fc.constantFrom(below, `m/${below}`, "m", ""));
const step = fc.oneof(
  at.map((place) => `ls /${place}`),
  at.map((place) => `stat /${place} nlink`),
  at.map((place) => `lstat /${place} ino`),
  at.map((place) => `cat /${place}`),
  at.map((place) => `create /${place} text`),
  at.map((place) => `mkdir /${place}`),
  at.map((place) => `unlink /${place}`),
  at.map((place) => `rmdir /${place}`),
  fc.tuple(at, at).map(([from, to]) => `rename /${from} /${to}`),
  fc.tuple(at, at).map(([from, to]) => `link /${from} /${to}`),
  fc.tuple(path, at).map(([target, place]) => `symlink ${target} /${place}`),
);

type Described = Omit<Image, "source" | "members"> & { readonly members: readonly Member[] };

/** Mounts all images, each by its outline or member by member, and tells how that ended. */
function mounted(world: TreeWorld, images: readonly Described[], byOutline: boolean): unknown {
  return images.map(({ members: list, ...rest }, index) => {
    const table = tableOf(list);
    const { numbers, paths, links } = table;
    const used = byOutline ? table : new MemberTable(numbers, paths, links, undefined);
    return mountImage(world.tree, { ...rest, source, members: used }, index);
  });
}

function everything(world: TreeWorld): unknown {
  const { tree, budget } = world;
  return { root: shape(tree.root), bytes: budget.bytes, hits: budget.hits(), next: tree.newIno() };
}

function shape(node: Node): unknown {
  const stat = statNode(node);
  if (node.kind === "symlink") return { stat, target: node.target };
  return node.kind === "directory" ? { stat, entries: entriesOf(node) } : { stat };
}

function entriesOf(directory: DirectoryNode): unknown {
  return [...directory.entries()].map(({ name, serial, chargedBytes, node }) => {
    return { name, serial, chargedBytes, node: shape(node) };
  });
}

describe("a mount by outline", () => {
  test("cannot be told from one member by member, whatever the guest does", () => {
    const limits = fc.constantFrom({}, { "fs-nodes": 6 }, { "fs-bytes": 4 });
    const images = fc.array(image, { minLength: 1, maxLength: 3 });
    const steps = fc.array(step, { maxLength: 12 });
    fc.assert(
      fc.property(images, steps, limits, (list, commands, limit) => {
        const one = new TreeWorld(limit);
        const other = new TreeWorld(limit);
        expect(mounted(one, list as Described[], true)).toEqual(
          mounted(other, list as Described[], false),
        );
        for (const command of commands) {
          expect([command, one.do(command)]).toEqual([command, other.do(command)]);
        }
        expect(everything(one)).toEqual(everything(other));
      }),
      { numRuns: 1500 },
    );
  });

  test("makes what is looked into, and nothing else", () => {
    const world = new TreeWorld();
    const file = { kind: "file", mode: 0o644, mtimeSeconds: 5, mtimeNanos: 0, ...none } as const;
    const table = tableOf(["a/x", "a/y", "b/x"].map((each) => ({ ...file, path: each })));
    // The row of `b/x` says nonsense, which only who comes there can find.
    table.numbers[2 * 5 + 1] = -1;
    const rest = { readonly: true, meta: "archive", isFolder: false } as const;
    mountImage(world.tree, { source, members: table, mountpoint: "/", ...rest }, 0);
    expect(world.run("ls / = a b; ls a = x y; stat b nlink = 2; stat a/y ino = 4")).toEqual([]);
    expect(() => world.do("ls b")).toThrow("there is no member in row 2");
  });
});
