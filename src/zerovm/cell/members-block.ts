/**
 * The members of an image as one block of bytes, which follows the order: the rows of a table as
 * they stand in memory, and its texts. Host and cell are processes of one machine.
 */
import { ZvmError } from "../../base/index.ts";
import {
  KIND,
  MemberTable,
  type Outline,
  PATH_BYTES_MAX,
  ROW,
  RUN_NUMBERS,
} from "../../tar/index.ts";

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

/** Writes the members of a table down: head, rows, runs, rows of directories, then the texts. */
export function encodeMembers(table: MemberTable): Uint8Array<ArrayBuffer> {
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
  return Buffer.concat([...[head, numbers, runs, rows].map(bytesOf), ...texts]);
}

const NONE = new Int32Array(0);

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export interface ExpectedMembers {
  /** As the order has it. */
  readonly count: number;
  /** Contents of files lie within these. */
  readonly imageBytes: number;
}

/**
 * Reads a block as it came over the control socket.
 * @throws ZvmError ZVM_ORDER for the first thing in it that is not as it must be.
 */
export function decodeMembers(
  bytes: Uint8Array<ArrayBuffer>,
  { count, imageBytes }: ExpectedMembers,
): MemberTable {
  // Numbers of 64 bits are read where they stand.
  const block = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  if (block.length < HEAD_BYTES) refuse("has no head");
  const head = new Uint32Array(block.buffer, block.byteOffset, HEAD.words);
  const [, pathBytes = 0, linkBytes = 0, runNumbers = 0, directories = 0, nameBytes = 0] = head;
  if (head[HEAD.count] !== count) refuse(`is of ${head[HEAD.count]} members, not of ${count}`);
  const fixed = HEAD_BYTES + count * ROW_BYTES + 4 * (runNumbers + directories);
  if (block.length !== fixed + pathBytes + linkBytes + nameBytes) refuse("has another size");
  const numbers = new Float64Array(
    block.buffer,
    block.byteOffset + HEAD_BYTES,
    count * ROW.numbers,
  );
  const behind = block.byteOffset + HEAD_BYTES + count * ROW_BYTES;
  const runs = new Int32Array(block.buffer, behind, runNumbers);
  const rows = new Int32Array(block.buffer, behind + 4 * runNumbers, directories);
  const text = Buffer.from(block.buffer, block.byteOffset + fixed);
  const paths = text.toString("latin1", 0, pathBytes);
  const links = text.toString("latin1", pathBytes, pathBytes + linkBytes);
  const names = text.toString("latin1", pathBytes + linkBytes, pathBytes + linkBytes + nameBytes);
  const nodes = head[HEAD.nodes] ?? 0;
  const outline =
    directories === 0 ? undefined : { runs, rows, names: names.split("\0").slice(0, -1), nodes };
  const table = new MemberTable(numbers, paths, links, outline);
  judgeRows(table, imageBytes);
  if (BAD_PART.test(paths)) refuse("has a path with an empty, '.' or '..' part");
  if (outline === undefined) return table;
  if (BAD_PART.test(names) || /\/|\0\0/.test(names)) refuse("has a directory with a wrong name");
  judgeOutline(table, outline);
  return table;
}

/** Paths end in a NUL each; the empty one is the top. */
const BAD_PART = /\/[\0/]|(?:^|\0)\/|(?:^|[\0/])\.\.?[\0/]/;

function judgeRows(table: MemberTable, imageBytes: number): void {
  const { count, numbers, words, paths, links } = table;
  let pathStart = 0;
  let linkStart = 0;
  for (let row = 0; row < count; row++) {
    const at = row * ROW.numbers;
    const wordAt = row * ROW.words;
    const sizeBytes = numbers[at + ROW.sizeBytes] ?? 0;
    const place = numbers[at + ROW.place] ?? 0;
    const modeAndKind = words[wordAt + ROW.modeAndKind] ?? 0;
    const pathBytes = words[wordAt + ROW.pathBytes] ?? 0;
    const isLink = modeAndKind >>> 16 >= KIND.symlink;
    const isWell =
      Number.isSafeInteger(numbers[at]) &&
      (words[wordAt + ROW.mtimeNanos] ?? 0) < 1e9 &&
      (modeAndKind & 0xffff) <= 0o7777 &&
      modeAndKind >>> 16 <= KIND.hardlink &&
      words[wordAt + ROW.pathStart] === pathStart &&
      pathBytes <= PATH_BYTES_MAX &&
      paths.indexOf("\0", pathStart) === pathStart + pathBytes &&
      Number.isSafeInteger(sizeBytes) &&
      Number.isSafeInteger(place) &&
      sizeBytes >= 0 &&
      (isLink ? place === linkStart : place >= 0 && place <= imageBytes - sizeBytes);
    if (!isWell) refuse(`has no member at ${row}`);
    pathStart += pathBytes + 1;
    if (isLink) linkStart += sizeBytes;
  }
  if (pathStart !== paths.length || linkStart !== links.length) refuse("has text of no member");
}

/** Every member and every directory has its place in the runs, once and in order. */
function judgeOutline({ count, words }: MemberTable, outline: Outline): void {
  const { runs, rows, names, nodes } = outline;
  const isDirectory = (row: number): boolean => {
    return (words[row * ROW.words + ROW.modeAndKind] ?? 0) >>> 16 === KIND.directory;
  };
  const top = rows[0] ?? -1;
  let next = top === 0 ? 1 : 0;
  let directory = 1;
  let made = 0;
  for (let at = 0; at < runs.length; at += RUN_NUMBERS) {
    const [above = -1, first = -1, size = 0] = runs.subarray(at, at + RUN_NUMBERS);
    let isWell = above >= 0 && above < directory && size > 0;
    if (first >= 0) {
      isWell &&= first === next && size <= count - first && !(top >= first && top < first + size);
      next += size;
    } else {
      const row = rows[directory] ?? -1;
      isWell &&= first === -1 - directory && size === 1 && row <= next;
      isWell &&= row < 0 || (row === next && isDirectory(row));
      if (row >= 0) next += 1;
      directory += 1;
    }
    if (!isWell) refuse(`has no run at ${at}`);
    made += size;
    if (next === top) next += 1;
  }
  const described = rows.filter((row) => row >= 0).length;
  const isWhole = next === count && directory === rows.length && made === nodes;
  if (
    !isWhole ||
    names.length !== rows.length ||
    names[0] !== "" ||
    (top >= 0 && !isDirectory(top))
  ) {
    refuse("has an outline of something else");
  }
  let directories = 0;
  for (let row = 0; row < count; row++) {
    const kind = (words[row * ROW.words + ROW.modeAndKind] ?? 0) >>> 16;
    if (kind === KIND.hardlink) refuse("has an outline with hard links");
    if (kind === KIND.directory) directories += 1;
    else if (words[row * ROW.words + ROW.pathBytes] === 0) refuse("has a file in place of the top");
  }
  if (directories !== described) refuse("has an outline of something else");
}

function refuse(what: string): never {
  throw new ZvmError("ZVM_ORDER", `The block of members ${what}`);
}
