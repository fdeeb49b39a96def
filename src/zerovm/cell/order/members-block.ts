/**
 * The members of an image as one block of bytes, which follows the order: the rows of a table as
 * they stand in memory, and its texts. Host and cell are processes of one machine.
 */
import { type ByteString, ZvmError } from "../../../base/index.ts";
import { MemberTable, type Outline, ROW, RUN_NUMBERS } from "../../../tar/index.ts";

/** The largest number of members that is taken. */
export const MEMBERS_MAX = 2 ** 24;

/** The largest block: that many rows and as much again for texts and outline. */
export const MEMBERS_BYTES_MAX = 2 ** 31 - 1;

/**
 * What a block begins with, as words of 32 bits: the count of members, the bytes of paths and of
 * links, the numbers of runs, the directories and the bytes of their names, and the nodes. Without
 * an outline there is not even a directory.
 */
const HEAD = {
  count: 0,
  pathBytes: 1,
  linkBytes: 2,
  runNumbers: 3,
  directories: 4,
  nameBytes: 5,
  nodes: 6,
  words: 8,
} as const;
const HEAD_BYTES = 4 * HEAD.words;
const ROW_BYTES = 8 * ROW.numbers;

/** The blocks of tables that have one, so that none is made twice. */
const blocks = new WeakMap<MemberTable, Uint8Array<ArrayBuffer>>();

/**
 * Writes the members of a table down: head, rows, runs, rows of directories, then the texts. Blocks
 * are kept in files, see `INDEX_FORM`. Nobody may write into one.
 */
export function encodeMembers(table: MemberTable): Uint8Array<ArrayBuffer> {
  const known = blocks.get(table);
  if (known !== undefined) return known;
  const block = encode(table);
  blocks.set(table, block);
  return block;
}

function encode(table: MemberTable): Uint8Array<ArrayBuffer> {
  const { numbers, paths, links, outline } = table;
  const names = outline === undefined ? "" : `${outline.names.join("\0")}\0`;
  const runs = outline?.runs ?? NONE;
  const rows = outline?.rows ?? NONE;
  const texts = [paths, links, names].map((text) => Buffer.from(text, "latin1"));
  const head = new Uint32Array(HEAD.words);
  head[HEAD.count] = table.count;
  head[HEAD.pathBytes] = paths.length;
  head[HEAD.linkBytes] = links.length;
  head[HEAD.runNumbers] = runs.length;
  head[HEAD.directories] = rows.length;
  head[HEAD.nameBytes] = names.length;
  head[HEAD.nodes] = outline?.nodes ?? 0;
  const parts = [...[head, numbers, runs, rows].map(bytesOf), ...texts];
  const block = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    block.set(part, at);
    at += part.length;
  }
  return block;
}

const NONE = new Int32Array(0);

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Reads a block of `count` members as it came over the control socket or from a file. Its frame,
 * its texts and its outline are judged here; each row is when it is used, see
 * `MemberTable.isSound`.
 * @throws ZvmError ZVM_ORDER for the first thing in it that is not as it must be.
 */
export function decodeMembers(bytes: Uint8Array<ArrayBuffer>, count: number): MemberTable {
  const table = decode(bytes, count);
  blocks.set(table, bytes);
  return table;
}

function decode(bytes: Uint8Array<ArrayBuffer>, count: number): MemberTable {
  if (bytes.length < HEAD_BYTES) refuse("has no head");
  // Numbers of 64 bits are read where they stand.
  const block = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = block;
  const head = new Uint32Array(buffer, byteOffset, HEAD.words);
  const [, pathBytes = 0, linkBytes = 0, runNumbers = 0, directories = 0, nameBytes = 0] = head;
  if (head[HEAD.count] !== count) refuse(`is of ${head[HEAD.count]} members, not of ${count}`);
  const runsAt = HEAD_BYTES + count * ROW_BYTES;
  const rowsAt = runsAt + 4 * runNumbers;
  const textAt = rowsAt + 4 * directories;
  if (block.length !== textAt + pathBytes + linkBytes + nameBytes) refuse("has another size");
  const numbers = new Float64Array(buffer, byteOffset + HEAD_BYTES, count * ROW.numbers);
  const text = Buffer.from(buffer, byteOffset + textAt);
  const linksAt = pathBytes + linkBytes;
  const paths = text.toString("latin1", 0, pathBytes);
  const links = text.toString("latin1", pathBytes, linksAt);
  if (directories === 0) return new MemberTable(numbers, paths, links, undefined);
  const outline = {
    runs: new Int32Array(buffer, byteOffset + runsAt, runNumbers),
    rows: new Int32Array(buffer, byteOffset + rowsAt, directories),
    names: text
      .toString("latin1", linksAt, linksAt + nameBytes)
      .split("\0")
      .slice(0, -1),
    nodes: head[HEAD.nodes] ?? 0,
  };
  judgeOutline(outline, count);
  return new MemberTable(numbers, paths, links, outline);
}

/** Every row has its place in the runs or is that of a directory, once and in order. */
function judgeOutline({ runs, rows, names, nodes }: Outline, count: number): void {
  const top = rows[0] ?? -1;
  let next = top === 0 ? 1 : 0;
  let directory = 1;
  let made = 0;
  for (let at = 0; at < runs.length; at += RUN_NUMBERS) {
    const above = runs[at] ?? -1;
    const first = runs[at + 1] ?? 0;
    const size = runs[at + 2] ?? 0;
    const row = first < 0 ? (rows[directory] ?? -1) : first;
    const isWell =
      above >= 0 &&
      above < directory &&
      size > 0 &&
      (first >= 0
        ? size <= count - first && (top < first || top >= first + size)
        : first === -1 - directory && size === 1 && isName(names[directory])) &&
      (row === next || (first < 0 && row === -1));
    if (!isWell) refuse(`has no run at ${at}`);
    if (first < 0) directory += 1;
    if (row >= 0) next += size;
    if (next === top) next += 1;
    made += size;
  }
  const isWhole = next === count && made === nodes && directory === rows.length;
  if (!isWhole || names.length !== rows.length || names[0] !== "") {
    refuse("has an outline of something else");
  }
}

function isName(name: ByteString | undefined): boolean {
  return name !== undefined && name !== "" && name !== "." && name !== ".." && !name.includes("/");
}

function refuse(what: string): never {
  throw new ZvmError("ZVM_ORDER", `The block of members ${what}`);
}
