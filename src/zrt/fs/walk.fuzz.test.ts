import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TreeWorld } from "../../../test/support/tree-world.ts";
import { ERRNO } from "../../base/index.ts";
import { walk } from "./walk.ts";

const part = fc.constantFrom("a", "b", "l", "m", "f", ".", "..", "", "x", "n".repeat(256));
const path = fc.array(part, { maxLength: 12 }).map((parts) => parts.join("/"));

const ANSWERS: ReadonlySet<number> = new Set([
  ERRNO.ENOENT,
  ERRNO.ENOTDIR,
  ERRNO.ELOOP,
  ERRNO.ENAMETOOLONG,
  ERRNO.EPERM,
]);

describe("walk", () => {
  test("ends for any links and any path, and gives a place that is in the tree", () => {
    const links = fc.array(fc.tuple(path, path), { maxLength: 8 });
    fc.assert(
      fc.property(links, path, fc.boolean(), (pairs, asked, followLast) => {
        const world = new TreeWorld();
        world.run("mkdir a; mkdir a/b; create a/f");
        for (const [target, at] of pairs) world.do(`symlink ${target || "''"} ${at || "''"}`);
        const place = world.place(asked, followLast);
        if (typeof place === "number") {
          expect(ANSWERS.has(place)).toBe(true);
          return;
        }
        expect(place.parent.kind).toBe("directory");
        if (place.name !== "") expect(place.parent.get(place.name)).toBe(place.node);
        else expect(place.node?.kind).toBe("directory");
        if (followLast) expect(place.node?.kind).not.toBe("symlink");
      }),
      { numRuns: 1000 },
    );
  });

  test("where links are closed nothing leads above the ceiling", () => {
    const relative = path.filter((text) => !text.startsWith("/"));
    const links = fc.array(fc.tuple(path, relative), { maxLength: 8 });
    fc.assert(
      fc.property(links, path, (pairs, asked) => {
        const world = new TreeWorld();
        world.run("mkdir top; mkdir top/a; mkdir top/a/b; create top/f; mkdir a; create f");
        const top = world.node("top");
        if (typeof top === "number" || top.kind !== "directory") throw new Error("no directory");
        for (const [target, at] of pairs) world.do(`symlink ${target || "''"} top/${at}`);
        const place = walk({
          root: world.tree.root,
          start: top,
          ceiling: top,
          linksAreClosed: true,
          path: asked,
          followLast: true,
        });
        if (typeof place === "number") return;
        let above = place.name === "" ? place.node : place.parent;
        while (above?.kind === "directory" && above !== top && above !== world.tree.root) {
          above = above.parent;
        }
        expect(above).toBe(top);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["..", ERRNO.EPERM],
    ["/", ERRNO.EPERM],
    ["/f", ERRNO.EPERM],
    ["a/../../f", ERRNO.EPERM],
    ["a/..", undefined],
    // Made by the guest or its image, and shown in the guest's own root.
    ["up/f", undefined],
    ["root/f", undefined],
  ])("below a ceiling: %s", (asked, answer) => {
    const world = new TreeWorld();
    world.run("create f; mkdir top; mkdir top/a; symlink .. top/up; symlink / top/root");
    const start = world.node("top");
    if (typeof start === "number" || start.kind !== "directory") throw new Error("no directory");
    const found = world.tree.find({ start, ceiling: start }, asked, true);
    expect(typeof found === "number" ? found : undefined).toBe(answer);
  });

  test("links that multiply parts end soon", () => {
    const world = new TreeWorld();
    world.run("mkdir d");
    // Each of the 40 targets is as long as a target can be and names the next one last.
    for (let hop = 0; hop < 40; hop++) {
      world.do(`symlink ${"./".repeat(2045)}l${hop + 1} l${hop}`);
    }
    world.run("mkdir l40");
    const long = "d/../".repeat(800);
    const start = process.cpuUsage();
    for (let round = 0; round < 10; round++) {
      expect(world.do("stat l0/..")).toBe("OK");
      expect(world.do(`stat ${long}l0`)).toBe("OK");
    }
    // A walk may take 41 * 2048 steps; measured at 3 ms.
    expect(process.cpuUsage(start).user / 1000 / 20).toBeLessThan(100);
  });

  test("links that name each other twice do not double", () => {
    const world = new TreeWorld();
    world.run("mkdir l0");
    for (let hop = 1; hop <= 30; hop++) {
      world.do(`symlink l${hop - 1}/../l${hop - 1} l${hop}`);
    }
    expect(world.do("stat l5")).toBe("OK");
    expect(world.do("stat l30")).toBe("ELOOP");
  });

  test("parts that wait to be walked have a bound", () => {
    const world = new TreeWorld();
    world.run("mkdir d");
    world.do(`symlink ${"./".repeat(2047)} l`);
    expect(world.do(`stat ${"l/".repeat(20)}`)).toBe("OK");
    expect(world.do(`stat ${"l/".repeat(2000)}`)).toBe("ELOOP");
  });
});
