import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  readdirSync,
  readSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { craftedTar, joined } from "../../../test/support/crafted-tar.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { type OpenImageOptions, openImage } from "./index.ts";

const newFolder = temporaryFolders();
const TAR = craftedTar([
  { name: "a", contents: "hello" },
  { name: "s", type: "2", link: "/x/y" },
]);

function fileWith(bytes: Uint8Array, name = "image.tar"): string {
  const path = join(newFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

async function refusal(path: string, options: OpenImageOptions = {}): Promise<string> {
  const result = openImage(path, options).then(
    (image) => image.close(),
    (error) => `${error.code}: ${error.message}`,
  );
  return (await result) ?? "accepted";
}

describe("openImage()", () => {
  // The file is one of Linux's own.
  test.runIf(existsSync("/proc/self/mem"))(
    "a file that the host does not give is named",
    async () => {
      const before = readdirSync("/proc/self/fd").length;
      expect(await refusal("/proc/self/mem")).toMatch(
        /^ZVM_FILE: Cannot read the image \/proc\/self\/mem: /,
      );
      expect(readdirSync("/proc/self/fd").length).toBe(before);
    },
  );

  test("indexes a plain archive where it is", async () => {
    const image = await openImage(fileWith(TAR));
    expect(image).toMatchObject({ sizeBytes: TAR.length, compressed: false, warnings: [] });
    expect(image.members.map(({ path }) => path)).toEqual(["a", "s"]);
    const bytes = Buffer.alloc(5);
    readSync(image.fd, bytes, 0, 5, image.members[0]?.dataOffset ?? 0);
    expect(bytes.toString()).toBe("hello");
    image.close();
    expect(() => closeSync(image.fd)).toThrow("EBADF");
  });

  test("unpacks gzip, known by its first bytes, to a file without a name", async () => {
    const temporaryFolder = newFolder();
    const parts = [TAR.subarray(0, 700), TAR.subarray(700)].map((part) => gzipSync(part));
    const image = await openImage(fileWith(joined(parts), "image"), { temporaryFolder });
    expect(image).toMatchObject({ sizeBytes: TAR.length, compressed: true });
    expect(image.members.map(({ path }) => path)).toEqual(["a", "s"]);
    expect(fstatSync(image.fd)).toMatchObject({ nlink: 0, size: TAR.length });
    expect(readdirSync(temporaryFolder)).toEqual([]);
    const copy = new Uint8Array(TAR.length);
    expect(image.source.read(0, copy)).toBe(TAR.length);
    expect(copy).toEqual(TAR);
    image.close();
  });

  test("a gzip bomb is one error, and leaves nothing behind", async () => {
    const temporaryFolder = newFolder();
    const bomb = fileWith(gzipSync(Buffer.alloc(20_000_000)));
    const limits = { imageBytes: 1_000_000, temporaryFolder };
    const before = openDescriptors();
    expect(await refusal(bomb, limits)).toBe(
      `ZVM_TAR: Cannot read the tar archive ${bomb}: it unpacks to more than 1000000 bytes; ` +
        "raise the limit image-bytes if that is meant",
    );
    expect(readdirSync(temporaryFolder)).toEqual([]);
    expect(openDescriptors()).toBe(before);
    expect(await refusal(fileWith(TAR), { imageBytes: 1000 })).toMatch(/^ZVM_TAR: .* it has more/);
  });

  test.each([
    ["cut", gzipSync(TAR).subarray(0, 60)],
    ["changed", gzipSync(TAR).fill(0x55, 20, 40)],
    ["nothing but its first bytes", Uint8Array.of(0x1f, 0x8b)],
  ])("gzip that is %s", async (_, bytes) => {
    const before = openDescriptors();
    expect(await refusal(fileWith(bytes))).toMatch(
      /^ZVM_TAR: Cannot read the tar archive .*: its gzip compression is damaged \(/,
    );
    expect(openDescriptors()).toBe(before);
  });

  test("refused archives close what was opened", async () => {
    const before = openDescriptors();
    expect(await refusal(fileWith(Buffer.from("no tar")))).toContain("it is no tar archive");
    expect(await refusal(fileWith(gzipSync(gzipSync(TAR))))).toContain("compressed with gzip");
    expect(await refusal(fileWith(TAR), { membersMax: 1 })).toContain("more than 1 members");
    expect(await refusal(fileWith(TAR), { mountpoint: "/z" })).toContain("outside of the image's");
    expect(await refusal(fileWith(TAR), { mountpoint: "/z", links: "kept" })).toBe("accepted");
    expect(openDescriptors()).toBe(before);
  });

  test("what is no file of the host is named", async () => {
    const folder = newFolder();
    const missing = join(folder, "missing\x1b.tar");
    expect(await refusal(missing)).toBe(
      `ZVM_FILE: Cannot open the image ${folder}/missing\\x1b.tar: no such file or directory`,
    );
    expect(await refusal(folder)).toContain(
      "it is a folder: make a tar archive of it, or grant it to zerovm run with --dir",
    );
    execFileSync("mkfifo", [join(folder, "pipe")]);
    expect(await refusal(join(folder, "pipe"))).toContain("it is no regular file");
    expect(await refusal("/dev/null")).toContain("it is no regular file");
    mkdirSync(join(folder, "d"));
    const temporaryFolder = join(folder, "d", "none");
    expect(await refusal(fileWith(gzipSync(TAR)), { temporaryFolder })).toContain(
      `ZVM_FILE: Cannot write a temporary file in ${temporaryFolder}: no such file`,
    );
  });
});

function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
