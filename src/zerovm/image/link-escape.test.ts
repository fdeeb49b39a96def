import { lstatSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { LinkFollower } from "./link-escape.ts";

const newFolder = temporaryFolders();

function leadsOut(links: Readonly<Record<string, string>>, path: string): boolean {
  const follower = new LinkFollower((at) => links[at]);
  return follower.leadsOut(path, links[path] ?? "");
}

describe("LinkFollower", () => {
  test.each([
    [{ a: "b" }, false],
    [{ a: "." }, false],
    [{ a: "b/.." }, false],
    [{ a: ".." }, true],
    [{ a: "b/../.." }, true],
    [{ a: "/" }, true],
    [{ a: "b", b: "c", c: ".." }, true],
    [{ a: "b/../..", b: "c/d" }, false],
    [{ a: "s/../..", s: "." }, true],
    [{ a: "x/y", x: "/etc" }, true],
    [{ a: "a" }, false],
    [{ a: "b", b: "a" }, false],
    [{ a: "a/../../.." }, false],
  ])("%j leads out: %s", (links: Record<string, string>, out) => {
    expect(leadsOut(links, "a")).toBe(out);
  });

  test("agrees with the host", () => {
    const part = fc.constantFrom("a", "b", "c", "d", "..", ".", "d/e");
    const target = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
    const place = fc.constantFrom("a", "b", "d/a", "d/b", "d/e/c", "c");
    fc.assert(
      fc.property(fc.dictionary(place, target), (links) => {
        const root = join(newFolder(), "root");
        mkdirSync(join(root, "d/e"), { recursive: true });
        for (const [path, to] of Object.entries(links)) {
          mkdirSync(dirname(join(root, path)), { recursive: true });
          symlinkSync(to, join(root, path));
        }
        for (const path of Object.keys(links)) {
          expect(lstatSync(join(root, path)).isSymbolicLink()).toBe(true);
          const real = realPath(join(root, path));
          // The host cannot tell where a link leads that ends nowhere.
          if (real === undefined) continue;
          const isOutside = real !== root && !real.startsWith(`${root}/`);
          if (isOutside) expect(leadsOut(links, path), JSON.stringify(links)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("many tangled links end in time", () => {
    const links: Record<string, string> = { end: "." };
    for (let index = 0; index < 39; index++) {
      links[`l${index}`] = `${"x/../".repeat(800)}l${index + 1}`;
    }
    links["l39"] = "end";
    const follower = new LinkFollower((at) => links[at]);
    let looked = 0;
    while (!follower.exhausted && looked < 10_000) {
      follower.leadsOut("l0", links["l0"] ?? "");
      looked += 1;
    }
    expect(follower.exhausted).toBe(true);
    expect(follower.leadsOut("end", ".")).toBe(true);
  });
});

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}
