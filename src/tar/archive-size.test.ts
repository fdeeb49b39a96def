import fc from "fast-check";
import { expect, test } from "vitest";
import { memorySource } from "../base/index.ts";
import { ArchiveSize } from "./archive-size.ts";
import { TarWriter, type WriteMember } from "./tar-writer.ts";

const facts = { mode: 0o644, uid: 0, gid: 0, mtimeSeconds: 0 };
const length = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(98, 99, 100, 101, 511));
const name = length.map((size) => "n".repeat(size));
const member: fc.Arbitrary<WriteMember> = fc.oneof(
  name.map((path): WriteMember => ({ ...facts, path, kind: "directory" })),
  fc
    .tuple(name, name)
    .map(([path, link]): WriteMember => ({ ...facts, path, link, kind: "symlink" })),
  fc.tuple(name, fc.constantFrom(0, 1, 511, 512, 513, 9000)).map(
    ([path, size]): WriteMember => ({
      ...facts,
      path,
      kind: "file",
      contents: memorySource(new Uint8Array(size)),
    }),
  ),
);

test.each(["rooted", "plain"] as const)("what the writer writes, %s names", (longNames) => {
  fc.assert(
    fc.property(fc.array(member, { maxLength: 20 }), (members) => {
      const size = new ArchiveSize({ longNames });
      const writer = new TarWriter({ write: () => undefined }, { longNames });
      for (const each of members) {
        size.add(each);
        writer.add(each);
      }
      writer.finish();
      expect(size.sizeBytes).toBe(writer.sizeBytes);
    }),
    { numRuns: 200 },
  );
});
