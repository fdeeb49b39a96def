import { readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { craftedTar } from "../../../test/support/crafted-tar.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { JobImage } from "./job-image.ts";

const newFolder = temporaryFolders();

const MEMBERS = [
  { name: "bin/tool-3", contents: "the tool" },
  { name: "bin/tool", type: "2", link: "tool-3" },
  { name: "tool", type: "2", link: "./usr/../bin/tool" },
  { name: "absolute", type: "2", link: "/bin/tool" },
  { name: "hard", type: "1", link: "bin/tool-3" },
  { name: "loop", type: "2", link: "loop" },
  { name: "twice", contents: "old" },
  { name: "twice", contents: "new" },
];

async function contentsOf(path: string): Promise<string | undefined> {
  const file = join(newFolder(), "i.tar");
  writeFileSync(file, craftedTar(MEMBERS));
  const image = await JobImage.open(file);
  try {
    const found = image.file(path);
    if (found === undefined) return undefined;
    const bytes = Buffer.alloc(found.sizeBytes);
    readSync(found.fd, bytes, 0, found.sizeBytes, found.startBytes);
    return bytes.toString();
  } finally {
    image.close();
  }
}

test.each([
  ["bin/tool-3", "the tool"],
  ["/bin/tool", "the tool"],
  ["tool", "the tool"],
  ["absolute", "the tool"],
  ["hard", "the tool"],
  ["twice", "new"],
  ["loop", undefined],
  ["bin", undefined],
  ["none", undefined],
  ["../bin/tool", undefined],
])("%s is %s", async (path, contents) => {
  expect(await contentsOf(path)).toBe(contents);
});

test("what unpacks to more than it may, or for nobody any more, is no image", async () => {
  const file = join(newFolder(), "i.tar.gz");
  const members = [{ name: "zeros", contents: "\0".repeat(2 ** 20) }];
  writeFileSync(file, gzipSync(craftedTar(members)));
  (await JobImage.open(file, { imageBytes: 2 ** 21 })).close();
  const tooLarge = JobImage.open(file, { imageBytes: 2 ** 16 });
  await expect(tooLarge).rejects.toMatchObject({ code: "ZVM_TAR" });
  const unwanted = JobImage.open(file, { signal: AbortSignal.abort() });
  await expect(unwanted).rejects.toMatchObject({ code: "ZVM_FILE" });
});
