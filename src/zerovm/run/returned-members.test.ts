import { describe, expect, test } from "vitest";
import type { Member } from "../../tar/index.ts";
import { refuseImagesInside, returnedMembers } from "./returned-members.ts";

const FACTS = { mode: 0o755, mtimeSeconds: 0, mtimeNanos: 0, sizeBytes: 0, dataOffset: 0 };

/** `d/` is a directory, `a=b` a hard link, `a->b` a symbolic one, everything else a file. */
function members(text: string): Member[] {
  return text.split(" ").map((name) => {
    const [path = "", link = ""] = name.split(/->|=/);
    if (name.includes("->")) return { ...FACTS, path, link, kind: "symlink" };
    if (name.includes("=")) return { ...FACTS, path, link, kind: "hardlink" };
    if (!name.endsWith("/")) return { ...FACTS, path, kind: "file" };
    return { ...FACTS, path: path.slice(0, -1), kind: "directory" };
  });
}

describe("returnedMembers()", () => {
  test.each([
    ["/tmp and its contents stay behind", "/", "", "a", "a tmp/ tmp/x/ tmp/x/y", "a"],
    ["but not the folder's own", "/", "", "tmp/", "tmp/ tmp/x", "tmp tmp/x"],
    ["names that only begin so", "/", "", "a", "tmp/ tmpfile", "tmpfile"],
    ["/tmp is not in other folders", "/w", "", "a", "w/ w/tmp/ w/tmp/x", "w w/tmp w/tmp/x"],
    ["an empty home, and the way to it", "/", "/house/me", "a", "a house/ house/me/", "a"],
    ["a home that holds something", "/", "/h/me", "a", "h/ h/me/ h/me/f", "h h/me h/me/f"],
    ["a home beside something", "/", "/h/me", "a", "h/ h/f h/me/", "h h/f"],
    ["a home that was there", "/", "/h", "h/", "h/", "h"],
    ["a home in a folder", "/w", "/w/h", "a", "w/ w/a w/h/", "w w/a"],
    ["the folder itself as home", "/w", "/w", "a", "w/", "w"],
    ["everything was deleted", "/", "", "a", "tmp/", ""],
    ["a file that has a name outside", "/", "", "a", "tmp/ tmp/x z=tmp/x", "tmp tmp/x z"],
  ])("%s", (_what, guest, home, before, exported, expected) => {
    const folder = { guest, home, before: members(before) };
    const kept = returnedMembers(members(exported), folder);
    expect(kept.map(({ path }) => path).join(" ")).toBe(expected);
    expect(kept.length).toBeGreaterThan(0);
  });
});

describe("refuseImagesInside()", () => {
  const refusal = (guest: string, mode: "rw" | "cow", mountpoint: string, text: string) => {
    const folders = [{ host: "h", guest, preopen: guest, mode }] as const;
    const images = [{ path: "i.tar", mountpoint, members: members(text) }];
    return () => refuseImagesInside(folders, images);
  };

  test.each([
    ["/", "/", "a", "holds 'a' there"],
    ["/", "/m", "a", "is mounted there"],
    ["/w", "/w/", "a", "holds 'a' there"],
    ["/w", "/", "v w/ w/a", "holds 'w/a' there"],
    ["/w/x", "/", "w->v", "holds 'w' there"],
    ["/w", "/", "w->v", "holds 'w' there"],
  ])("%s with an image on %s that holds %s", (guest, mountpoint, text, reason) => {
    expect(refusal(guest, "rw", mountpoint, text)).toThrow(
      `Cannot grant the folder h as ${guest}: the image i.tar ${reason}, which would be written`,
    );
    expect(refusal(guest, "cow", mountpoint, text)).not.toThrow();
  });

  test.each([
    ["/w", "/", "v w/ wx"],
    ["/w", "/w", "/"],
    ["/w/x", "/w", "x/ y"],
  ])("%s beside an image on %s that holds %s", (guest, mountpoint, text) => {
    expect(refusal(guest, "rw", mountpoint, text)).not.toThrow();
  });
});
