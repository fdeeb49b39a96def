import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joined } from "../../../test/support/crafted-tar.ts";
import { TreeWorld } from "../../../test/support/tree-world.ts";
import { byteStringOf, memorySource } from "../../base/index.ts";
import { indexTar, type Member, tableOf } from "../../tar/index.ts";
import { DirectoryNode, ExportFailure, exportTree, mountImage } from "./index.ts";

interface Exported {
  readonly bytes: Uint8Array;
  readonly found: boolean;
  readonly members: readonly Member[];
}

function exported(world: TreeWorld, mountpoint: string): Exported {
  const pieces: Uint8Array[] = [];
  const sink = { write: (piece: Uint8Array) => void pieces.push(piece.slice()) };
  const found = exportTree(world.tree, mountpoint, sink);
  const bytes = joined(pieces);
  expect(bytes.length % 10_240).toBe(0);
  const options = { name: "export", membersMax: 100_000, links: "kept" } as const;
  return { bytes, found, members: indexTar(memorySource(bytes), options) };
}

function withDev(): TreeWorld {
  const world = new TreeWorld();
  const dev = { device: 2049, listsDots: true, readonly: true, isDevices: true };
  world.tree.root.add("dev", new DirectoryNode(99, dev, 0o500, 0n, world.tree.root));
  world.run("mkdir tmp 0777");
  return world;
}

/** The names as they stand in the headers. */
function storedNames({ members }: Exported): string[] {
  return members.map(({ path, kind }) => (kind === "directory" ? `${path}/` : path));
}

describe("exportTree", () => {
  test("members are named from the root and sorted bytewise, /dev is left out", () => {
    const world = withDev();
    world.run(
      "mkdir b; create b/x; mkdir a; create a.txt; create a/z; create a-b; create B; mkdir a/y; create a/y/1",
    );
    const names = storedNames(exported(world, "/"));
    expect(names).toEqual(["B", "a-b", "a.txt", "a/", "a/y/", "a/y/1", "a/z", "b/", "b/x", "tmp/"]);
    expect(names).toEqual([...names].sort());
  });

  test.each([
    ["/results", ["results/", "results/a.txt"]],
    ["results/", ["results/", "results/a.txt"]],
    ["//./results/../results", ["results/", "results/a.txt"]],
    ["/link", ["link/", "link/a.txt"]],
    ["", ["link", "results/", "results/a.txt", "tmp/"]],
  ])("mountpoint %s", (mountpoint, names) => {
    const world = withDev();
    world.run("mkdir results; create results/a.txt hello; symlink results link");
    const result = exported(world, mountpoint);
    expect(result.found).toBe(true);
    expect(storedNames(result)).toEqual(names);
  });

  test.each(["/missing", "/file", "/dev", "/file/x", `/${"n".repeat(300)}`])(
    "mountpoint %s: 10240 zero bytes",
    (mountpoint) => {
      const world = withDev();
      world.run("create file abc");
      const { bytes, found } = exported(world, mountpoint);
      expect([found, bytes.length, bytes.every((byte) => byte === 0)]).toEqual([
        false,
        10_240,
        true,
      ]);
    },
  );

  test("the header: type in the mode, owner 1001 and 1002, no names, the time of the node", () => {
    const world = new TreeWorld();
    world.run("mkdir d 0755; create d/f hello 0644; symlink f d/l; sleep 11; write d/f hello");
    const { bytes, members } = exported(world, "/d");
    const field = (index: number, at: number, size: number): string =>
      byteStringOf(bytes, index * 512 + at, index * 512 + at + size).replaceAll("\0", "");
    // d/ at block 0, d/f at 1 with its contents at 2, d/l at 3.
    expect([0, 1, 3].map((at) => field(at, 0, 100))).toEqual(["d/", "d/f", "d/l"]);
    expect([0, 1, 3].map((at) => field(at, 100, 8))).toEqual(["0040755", "0100644", "0120777"]);
    expect([field(1, 108, 8), field(1, 116, 8)]).toEqual(["0001751", "0001752"]);
    expect([field(1, 257, 8), field(1, 265, 64)]).toEqual(["ustar  ", ""]);
    expect(members.map(({ mtimeSeconds }) => mtimeSeconds)).toEqual([100, 111, 100]);
  });

  test("hard links: the first name has the contents, also where another is outside", () => {
    const world = new TreeWorld();
    world.run(
      "mkdir d; create d/b hello; link d/b d/a; link d/b d/c; link d/b outside; create single",
    );
    const { members } = exported(world, "/d");
    const shown = members.map(({ path, kind, link }) => `${kind} ${path} ${link ?? ""}`.trim());
    expect(shown).toEqual(["directory d", "file d/a", "hardlink d/b d/a", "hardlink d/c d/a"]);
  });

  test("holes are written as zeros, contents of images from the image", () => {
    const world = new TreeWorld();
    world.run("open f rwc; seek 0 200000 set; put 0 end");
    const source = memorySource(new Uint8Array([65, 66, 67]));
    const rest = { mode: 0o644, mtimeSeconds: -1, mtimeNanos: 5, dataOffset: 0, sizeBytes: 3 };
    const members: Member[] = [{ path: "g", kind: "file", ...rest }];
    const image = {
      source,
      members: tableOf(members),
      mountpoint: "/",
      readonly: false,
      isFolder: false,
    };
    mountImage(world.tree, { ...image, meta: "archive" }, 0);
    const result = exported(world, "/");
    const [f, g] = result.members;
    expect([f?.sizeBytes, g?.sizeBytes, g?.mtimeSeconds]).toEqual([200_003, 3, -1]);
    const contents = result.bytes.subarray(f?.dataOffset, (f?.dataOffset ?? 0) + 200_003);
    expect(contents.findIndex((byte) => byte !== 0)).toBe(200_000);
    expect(byteStringOf(result.bytes, g?.dataOffset, (g?.dataOffset ?? 0) + 3)).toBe("ABC");
  });

  test("a file that was unlinked is not exported, one in /dev neither", () => {
    const world = withDev();
    world.run("create f; open f r; unlink f; rmdir tmp");
    expect(exported(world, "/").members).toEqual([]);
  });

  test("an archive over its limit is an error before the first byte, whatever is in it", () => {
    const world = new TreeWorld();
    world.run(`mkdir d; create d/f hello; link d/f d/${"n".repeat(150)}; symlink x d/l`);
    world.run("open d/f rwc; seek 0 1000000000000 set; put 0 end");
    const pieces: number[] = [];
    const sink = { write: (piece: Uint8Array) => void pieces.push(piece.length) };
    expect(() => exportTree(world.tree, "/d", sink, 2 ** 34)).toThrow(ExportFailure);
    expect(() => exportTree(world.tree, "/d", sink, 2 ** 34)).toThrow(
      /^Cannot export \/d: the archive would have 1000000010240 bytes, its channel takes 17179869184; /,
    );
    expect(pieces).toEqual([]);
    world.run("unlink d/f; create d/f hello");
    const { bytes } = exported(new TreeWorld(), "/");
    expect(exportTree(new TreeWorld().tree, "/", sink, bytes.length)).toBe(true);
    expect(() => exportTree(new TreeWorld().tree, "/", sink, bytes.length - 1)).toThrow(
      ExportFailure,
    );
  });

  test("a path that no archive can hold is an error, however deep", () => {
    const world = new TreeWorld();
    let start = world.tree.root;
    for (let depth = 0; depth < 30_000; depth++) {
      const made = world.tree.newDirectory(world.tree.memoryVolume, 0o755, start);
      if (typeof made === "number") throw new Error("no room");
      world.tree.attach(start, "d", made);
      start = made;
    }
    const sink = { write: () => undefined };
    expect(() => exportTree(world.tree, "/", sink)).toThrow(ExportFailure);
    expect(() => exportTree(world.tree, "/", sink)).toThrow(
      /^Cannot export a path of 4097 bytes, an archive takes 4095: it begins with d\/d\//,
    );
  });

  test("export, index and mount give the same tree", () => {
    const name = fc.constantFrom("a", "b", "a.b", "\xff", "n".repeat(120));
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
    const text = fc.constantFrom("x", "hello", "t".repeat(600));
    const step = fc.oneof(
      path.map((at) => `mkdir ${at} 0751`),
      fc.tuple(path, text).map(([at, data]) => `create ${at} ${data} 0604`),
      fc.tuple(path, path).map(([from, to]) => `link ${from} ${to}`),
      fc.tuple(path, path).map(([to, at]) => `symlink ${to} ${at}`),
      fc.constant("sleep 3"),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: "max" }), (steps) => {
        const world = new TreeWorld();
        for (const each of steps) world.do(each);
        const { bytes, members } = exported(world, "/");
        const again = new TreeWorld();
        const image = { source: memorySource(bytes), members: tableOf(members), mountpoint: "/" };
        const rest = { readonly: false, meta: "archive", isFolder: false } as const;
        expect(mountImage(again.tree, { ...image, ...rest }, 0)).toEqual({ leftOutCount: 0 });
        expect(shape(again, "/")).toEqual(shape(world, "/"));
        expect(Buffer.compare(exported(again, "/").bytes, bytes)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});

function shape(world: TreeWorld, at: string): unknown {
  const node = world.node(at, false);
  if (typeof node === "number") return node;
  const common = { mode: node.mode, nlink: node.kind === "symlink" ? 1 : node.nlink };
  if (node.kind === "symlink") return { ...common, target: node.target };
  if (node.kind === "file") return { ...common, text: world.readFile(at), at: node.modifiedNs };
  const names = [...(world.list(at) as string[])].sort();
  return { ...common, names: names.map((each) => [each, shape(world, `${at}/${each}`)]) };
}
