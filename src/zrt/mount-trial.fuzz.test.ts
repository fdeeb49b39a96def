import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TestGuest } from "../../test/support/guest-harness.ts";
import { memorySource, STANDARD_LIMITS } from "../base/index.ts";
import { type Member, tableOf } from "../tar/index.ts";
import { type TrialImage, tryMounts } from "./index.ts";

const FACTS = { mode: 0o755, mtimeSeconds: 0, mtimeNanos: 0, sizeBytes: 0, dataOffset: 0 };
const part = fc.constantFrom("a", "b", "c", "dev", "tmp", "stdin");
const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const kind = fc.constantFrom<Member["kind"]>("file", "file", "directory", "symlink", "hardlink");

/** What `indexTar` lets through: a hard link names an earlier file. */
function consistent(members: readonly Member[]): Member[] {
  const files = new Map<string, boolean>();
  return members.filter((member) => {
    const isLink = member.kind === "hardlink";
    if (isLink && (files.get(member.link ?? "") !== true || member.link === member.path)) {
      return false;
    }
    files.set(member.path, isLink || member.kind === "file");
    return true;
  });
}

const member = fc.record({ path, kind, link: path }).map((it): Member => ({ ...FACTS, ...it }));
const image: fc.Arbitrary<TrialImage> = fc.record({
  members: fc.array(member, { maxLength: 5 }).map((members) => tableOf(consistent(members))),
  mountpoint: fc.oneof(
    { weight: 3, arbitrary: fc.constant("/") },
    path.map((text) => `/${text}`),
    fc.constantFrom("/a/../dev", "//b/./c/"),
  ),
  readonly: fc.boolean(),
  meta: fc.constant("archive"),
  isFolder: fc.boolean(),
});

/** The warnings of a world with these images, but for the directory `/dev` itself. */
function warningsOf(images: readonly TrialImage[]): readonly string[] {
  const source = memorySource(new Uint8Array());
  const mounted = images.map((it) => ({
    ...it,
    source,
    members: tableOf(it.members.list().filter((one) => !isDev(it, one))),
  }));
  return new TestGuest({ images: mounted }).zrt.warnings;
}

function isDev({ mountpoint }: TrialImage, one: Member): boolean {
  return mountpoint === "/" && one.kind === "directory" && one.path === "dev";
}

describe("tryMounts", () => {
  test("finds trouble exactly where a world would mount in part", () => {
    let troubles = 0;
    fc.assert(
      fc.property(fc.array(image, { minLength: 1, maxLength: 3 }), (images) => {
        const trouble = tryMounts(images, STANDARD_LIMITS);
        expect(trouble === undefined).toBe(warningsOf(images).length === 0);
        if (trouble !== undefined) troubles += 1;
      }),
      { numRuns: 1000 },
    );
    expect(troubles).toBeGreaterThan(50);
  });

  test.each([
    ["a file behind a file", "a a/b", { path: "a/b", reason: "file" }],
    ["a file in place of a directory", "a/b a", { path: "a", reason: "directory" }],
    ["a device", "a dev/null", { path: "dev/null", reason: "devices" }],
    ["a file called dev", "dev", { path: "dev", reason: "devices" }],
  ])("says what is wrong: %s", (_, names, expected) => {
    const members = names.split(" ").map((name): Member => {
      return { ...FACTS, path: name, kind: "file" };
    });
    const one = {
      members: tableOf(members),
      mountpoint: "/",
      readonly: false,
      meta: "archive",
    } as const;
    const images = [{ ...one, isFolder: false }];
    expect(tryMounts(images, STANDARD_LIMITS)).toEqual({ index: 0, ...expected });
    const small = { ...STANDARD_LIMITS, "fs-nodes": 1 };
    expect(tryMounts(images, small)?.reason).toMatch(/limit|devices/);
  });
});

test("an archive links from the temporary directory to the rest of itself", () => {
  const members: Member[] = [
    { ...FACTS, path: "stdin/stdin", kind: "file" },
    { ...FACTS, path: "tmp/a", kind: "hardlink", link: "stdin/stdin" },
  ];
  const common = { mountpoint: "/", readonly: false, meta: "archive", isFolder: true } as const;
  const images = [{ ...common, members: tableOf(members) }];
  expect(tryMounts(images, STANDARD_LIMITS)).toBeUndefined();
  expect(warningsOf(images)).toEqual([]);
});
