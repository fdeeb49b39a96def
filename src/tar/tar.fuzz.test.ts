import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { craftedLongName, craftedPax, craftedTar, joined } from "../../test/support/crafted-tar.ts";
import { type ByteString, bytesOf, memorySource, ZvmError } from "../base/index.ts";
import { type IndexOptions, indexTar, type Member, TarWriter, type WriteMember } from "./index.ts";

const OPTIONS: IndexOptions = { name: "fuzz.tar", membersMax: 100, links: "kept" };

const part = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((bytes) =>
    String.fromCharCode(...bytes.map((byte) => (byte === 0 || byte === 47 ? 97 : byte))),
  )
  .filter((name) => name !== "." && name !== "..");
const path: fc.Arbitrary<ByteString> = fc
  .array(part, { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join("/"));
const common = {
  path,
  mode: fc.nat(0o7777),
  mtimeSeconds: fc.oneof(fc.integer(), fc.maxSafeInteger()),
  uid: fc.nat(),
  gid: fc.nat(),
};
const anyMember: fc.Arbitrary<WriteMember> = fc.oneof(
  fc.record({
    ...common,
    kind: fc.constant("file" as const),
    contents: fc.uint8Array({ maxLength: 1500 }).map(memorySource),
  }),
  fc.record({ ...common, kind: fc.constant("directory" as const) }),
  fc.record({ ...common, kind: fc.constant("symlink" as const), link: path }),
);
/** Any members, and hard links to some of the files before them. */
const archive = fc
  .array(fc.tuple(anyMember, fc.option(path)), { maxLength: 20 })
  .map((pairs) => pairs.flatMap(([member, name]) => withHardLink(member, name)));

function withHardLink(member: WriteMember, name: ByteString | null): WriteMember[] {
  if (name === null || member.kind !== "file" || name === member.path) return [member];
  const { contents: _, ...rest } = member;
  return [member, { ...rest, kind: "hardlink", path: name, link: member.path }];
}

function written(members: readonly WriteMember[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  const writer = new TarWriter({ write: (bytes) => void pieces.push(bytes.slice()) });
  for (const member of members) writer.add(member);
  writer.finish();
  return joined(pieces);
}

/** What the index of a written member must say. */
function expected(member: WriteMember): Partial<Member> {
  const { path: name, kind, mode, mtimeSeconds, link } = member;
  const sizeBytes = member.contents?.sizeBytes ?? 0;
  const facts = { path: name, kind, mode, mtimeSeconds, mtimeNanos: 0, sizeBytes };
  return link === undefined ? facts : { ...facts, link };
}

/** Whether what may be anything is refused in the one way, or gives members within the source. */
function survives(bytes: Uint8Array): boolean {
  let members: Member[];
  try {
    members = indexTar(memorySource(bytes), OPTIONS);
  } catch (error) {
    if (error instanceof ZvmError && error.code === "ZVM_TAR") return true;
    throw error;
  }
  return members.every(
    ({ path: name, sizeBytes, dataOffset, mode, mtimeSeconds }) =>
      !/^\/|\0|\/$|\/\/|(^|\/)\.\.?(\/|$)/.test(name) &&
      sizeBytes >= 0 &&
      dataOffset + sizeBytes <= bytes.length &&
      mode >= 0 &&
      mode <= 0o7777 &&
      Number.isSafeInteger(mtimeSeconds),
  );
}

describe("tar archives", () => {
  test("the index of what was written is what was written", () => {
    fc.assert(
      fc.property(archive, (members) => {
        const bytes = written(members);
        expect(bytes.length % 10_240).toBe(0);
        const found = indexTar(memorySource(bytes), OPTIONS);
        expect(found).toMatchObject(members.map(expected));
        for (const [index, { contents }] of members.entries()) {
          const { dataOffset = 0, sizeBytes = 0 } = found[index] ?? {};
          const original = new Uint8Array(sizeBytes);
          contents?.read(0, original);
          if (contents) expect(bytes.slice(dataOffset, dataOffset + sizeBytes)).toEqual(original);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("random bytes are refused in one way", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 4096 }), survives), { numRuns: 500 });
  });

  const field = fc.oneof(
    fc.string({ unit: "binary-ascii", maxLength: 12 }),
    fc.constantFrom("77777777777\0", `\x80${"\xff".repeat(11)}`, "\xff".repeat(12), "8\0"),
  );
  const crafted = fc.record(
    {
      name: fc.oneof(field, fc.constantFrom("a", "a/b", "../x", "/", "a/", "./././")),
      type: fc.constantFrom("0", "\0", "1", "2", "5", "x", "g", "L", "K", "S", "V", "7"),
      link: fc.oneof(field, fc.constantFrom("a", "a/b", "../../x", "/x")),
      size: fc.oneof({ weight: 3, arbitrary: fc.constant("00000000000\0") }, field),
      mode: fc.oneof(
        { weight: 3, arbitrary: fc.constant("0000644\0") },
        field.map((text) => text.slice(0, 8)),
      ),
      contents: fc.oneof(
        fc.string({ unit: "binary-ascii", maxLength: 600 }),
        fc.constantFrom("10 path=b\n", "11 path=a/b\n", "6 size=\n", "10 size=99\n", "a\0"),
      ),
    },
    { requiredKeys: [] },
  );

  test("headers with any fields and right checksums are refused or harmless", () => {
    fc.assert(
      fc.property(fc.array(crafted, { maxLength: 6 }), fc.boolean(), (members, end) =>
        survives(craftedTar(members, end)),
      ),
      { numRuns: 1000 },
    );
  });

  test("any change of a good archive is refused or harmless", () => {
    const good = craftedTar([
      { name: "d/", type: "5" },
      craftedPax({ path: "d/pax", mtime: "1.5", size: "600" }),
      { name: "f", contents: "c".repeat(600) },
      craftedLongName("d/long"),
      { name: "g", contents: "hello" },
      { name: "h", type: "1", link: "d/pax" },
      { name: "s", type: "2", link: "d" },
    ]);
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.nat(good.length),
        (changes, size) => {
          const bytes = good.slice();
          for (const [at, byte] of changes) bytes[at] = byte;
          return survives(bytes) && survives(bytes.subarray(0, size));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("time is linear in the number of headers", () => {
    const one = bytesOf(
      String.fromCharCode(...craftedTar([{ name: "member", contents: "x" }], false)),
    );
    const many = joined(Array.from({ length: 20_000 }, () => one));
    const members = indexTar(memorySource(many), { ...OPTIONS, membersMax: 20_000 });
    expect(members).toHaveLength(20_000);
    expect(members[19_999]?.dataOffset).toBe(many.length - 512);
  });
});
