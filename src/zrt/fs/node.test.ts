import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TreeWorld } from "../../../test/support/tree-world.ts";
import type { DirectoryNode } from "./node.ts";

function directoryOf(world: TreeWorld, path: string): DirectoryNode {
  const node = world.node(path);
  if (typeof node === "number" || node.kind !== "directory") throw new Error("no directory");
  return node;
}

describe("DirectoryNode", () => {
  test("lists in the order of making, 200 entries too", () => {
    const world = new TreeWorld();
    const names = Array.from({ length: 200 }, (_, index) => `n${(index * 37) % 200}`);
    for (const [index, name] of names.entries()) {
      world.do(index % 2 === 0 ? `mkdir ${name}` : `create ${name}`);
    }
    expect(world.list("/")).toEqual(names);
    expect(world.do("stat / nlink")).toBe(102);
  });

  test("a listing that pauses repeats nothing and loses nothing that stays", () => {
    const change = fc.record({ name: fc.integer({ min: 0, max: 60 }), make: fc.boolean() });
    const rounds = fc.array(fc.tuple(fc.array(change, { maxLength: 60 }), fc.nat(7)), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(rounds, (steps) => {
        const world = new TreeWorld();
        const root = directoryOf(world, "/");
        for (let index = 0; index < 30; index += 3) world.do(`create n${index}`);
        const stayed = new Set(world.list("/"));
        const seen: string[] = [];
        let cookie = 0;
        const read = (count: number): void => {
          let left = count;
          for (const entry of root.entriesAfter(cookie)) {
            if (left === 0) return;
            left -= 1;
            seen.push(entry.name);
            cookie = entry.serial;
          }
        };
        for (const [changes, count] of steps) {
          for (const { name, make } of changes) {
            world.do(`${make ? "create" : "unlink"} n${name}`);
            if (!make) stayed.delete(`n${name}`);
          }
          read(count);
        }
        read(Number.POSITIVE_INFINITY);
        for (const name of stayed) expect(seen.filter((each) => each === name)).toEqual([name]);
      }),
      { numRuns: 300 },
    );
  });

  test("entries that come and go leave nothing behind", () => {
    const world = new TreeWorld();
    world.run("create kept");
    for (let round = 0; round < 20_000; round++) world.run(`create f${round}; unlink f${round}`);
    expect(world.run("ls / = kept; stat / nlink = 2; bytes = 0")).toEqual([]);
    const root = directoryOf(world, "/");
    root.remove("never there");
    expect(root.size).toBe(1);
  });

  test("the link to the directory above follows a move", () => {
    const world = new TreeWorld();
    expect(world.run("mkdir a; mkdir a/x; mkdir b; rename a/x b/y; stat b/y/.. ino = 4")).toEqual(
      [],
    );
    expect(directoryOf(world, "b/y").parent).toBe(directoryOf(world, "b"));
  });
});
