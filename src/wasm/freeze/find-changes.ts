import { ByteReader, type ModuleShape } from "../index.ts";
import { BodyCursor, BodyLocals, BULK, BULK_OP } from "../rewrite/index.ts";

const CODE_SECTION = 10;
const TABLE_SET = 0x26;

/** Instructions that change what a module cannot say of itself, by what they change. */
const CHANGES: Readonly<Record<number, keyof CodeChanges>> = {
  [BULK + 9]: "drops",
  [BULK + 13]: "drops",
  [TABLE_SET]: "tables",
  [BULK_OP.TABLE_INIT]: "tables",
  [BULK_OP.TABLE_COPY]: "tables",
  [BULK_OP.TABLE_GROW]: "tables",
  [BULK_OP.TABLE_FILL]: "tables",
};

/** What the code of a module could change besides memory and globals. */
export interface CodeChanges {
  /** It drops segments: `data.drop`, `elem.drop`. */
  readonly drops: boolean;
  /** It changes tables. */
  readonly tables: boolean;
}

/** Walks over all code. @throws ZvmError for code that is malformed */
export function findChanges(bytes: Uint8Array, shape: ModuleShape): CodeChanges {
  const found = { drops: false, tables: false };
  const section = shape.sections.find(({ id }) => id === CODE_SECTION);
  if (section === undefined) return found;
  const reader = new ByteReader(bytes.subarray(section.start, section.end), section.start);
  const count = reader.count("function bodies", 3);
  const cursor = new BodyCursor(bytes);
  const locals = new BodyLocals();
  for (let body = 0; body < count; body += 1) {
    const size = reader.u32("the size of a body");
    const start = reader.offset;
    reader.skip(size, "a function body");
    cursor.open(start, start + size);
    locals.read(cursor, []);
    while (cursor.advance()) {
      const change = CHANGES[cursor.opcode];
      if (change !== undefined) found[change] = true;
    }
  }
  return found;
}
